// Guarantee: one call to a subgraph asks for at most 500 entities. The gateway splits what is more; a subgraph refuses it
//   before it reads any of them.
// Attack: 20,000 representations in one `_entities` call, in variables, in the document, under an alias, twice in one call.
// Learned from: @apollo/subgraph, which resolves 20,000 in one call as a matter of course.
import type { Connection } from 'mongoose';
import { startTestSubgraph, type TestSubgraph } from '../harness/subgraphClient.ts';
import { startTestGateway } from '../harness/testGateway.ts';

const ofMany = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ __typename: 'Order', id: `ord_${String(at).padStart(10, 'a')}` }));
const ASKED = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id } } }';

describe('G2: many representations', () => {
  let subgraph: TestSubgraph<Connection>;

  beforeAll(async () => {
    subgraph = await startTestSubgraph('orders', (connection) => connection);
  });
  afterAll(() => subgraph.stop());

  it('are answered up to 500 in one call', async () => {
    const { data, errors } = await subgraph.send<{ _entities: unknown[] }>(ASKED, { r: ofMany(500) });
    expect([data._entities.length, errors]).toEqual([500, []]);
  });

  it.each([501, 20_000])('are refused with %s, before the database is asked', async (count) => {
    const { data, errors, commands } = await subgraph.send(ASKED, { r: ofMany(count) });
    expect(data).toBeNull();
    expect(errors.map(({ extensions, message }) => [extensions.code, message])).toEqual([
      ['BAD_USER_INPUT', 'A call asks for at most 500 representations.'],
    ]);
    expect(commands).toEqual([]);
  });

  it('are refused in the document too, and under an alias', async () => {
    const literals = ofMany(501).map((each) => `{ __typename: "Order", id: "${(each as { id: string }).id}" }`);
    const { errors, commands } = await subgraph.send(
      `{ a: _entities(representations: [${literals.join(' ')}]) { ... on Order { id } } }`,
    );
    expect([errors.map(({ extensions }) => extensions.code), commands]).toEqual([['BAD_USER_INPUT'], []]);
  });

  it('are split by the gateway: no call has more than 500, and every entity has its answer', async () => {
    const gateway = await startTestGateway();
    const answer = await gateway.query('{ customers(first: 1201) { orders(first: 1) { number } consents } }');
    const { orders, marketing } = gateway.subgraphs;
    const sizes = [orders, marketing].map(({ asked }) =>
      asked.map(({ variables }) =>
        Object.values(variables)
          .filter((value) => Array.isArray(value))
          .reduce((sum, list) => sum + list.length, 0),
      ),
    );
    await gateway.stop();
    expect(answer.errors).toEqual([]);
    expect(answer.data?.['customers']).toHaveLength(1201);
    for (const each of sizes) {
      expect(Math.max(...each)).toBeLessThanOrEqual(500);
      expect(each.reduce((sum, size) => sum + size, 0)).toBe(1201);
    }
  });
});
