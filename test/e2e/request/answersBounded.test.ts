// A list under a list multiplies pages: a query of 200 bytes must not bring a subgraph down, and it tells who asked that
// it was too much.
import { drawId } from '../../../platform/random.ts';
import { customersModels, type CustomersModels } from '../../../subgraphs/customers/model.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

const CREATE = `mutation ($key: ID!) { made: createCustomers(input: [{ displayName: "Ann Berg" }], idempotencyKey: $key) { customer { id } } }`;
const TELL = `mutation ($input: [TimelineEntryInput!]!, $key: ID!) { told: addTimelineEntries(input: $input, idempotencyKey: $key) { code } }`;

/** Asks for the timeline's entries, for each its customer, and again for the timeline: 100 to the power of `levels`. */
function nested(levels: number): string {
  const inner = levels === 1 ? 'id' : `customer { ${nested(levels - 1)} }`;
  return `timeline(first: 100) { edges { node { ${inner} } } }`;
}

describe('lists under lists', () => {
  let subgraph: TestSubgraph<CustomersModels>;
  let id: string;

  beforeAll(async () => {
    subgraph = await startTestSubgraph('customers', customersModels);
    const { data } = await subgraph.send<{ made: { customer: { id: string } }[] }>(CREATE, { key: drawId() });
    id = data.made[0]?.customer.id ?? '';
    const occurredAt = '2026-01-01T00:00:00.000Z';
    const input = Array.from({ length: 100 }, () => ({ customerId: id, kind: 'NOTE', title: 'a', occurredAt }));
    await subgraph.send(TELL, { input, key: drawId() });
  });
  afterAll(() => subgraph.stop());

  const ask = (levels: number) =>
    subgraph.send<{ customer: unknown } | undefined>(`query ($id: ID!) { customer(id: $id) { ${nested(levels)} } }`, {
      id,
    });

  it('are answered where a page of 100 has 100 each', async () => {
    const { status, errors, data } = await ask(2);
    expect([status, errors]).toEqual([200, []]);
    expect(JSON.stringify(data).match(/"id"/g)).toHaveLength(10_000);
  });

  it.each([3, 4])('are refused as a whole where they go %i levels deep, and the subgraph goes on', async (levels) => {
    const { errors, data } = await ask(levels);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['ANSWER_TOO_LARGE']);
    expect(data).toBeUndefined();
    expect((await ask(1)).errors).toEqual([]);
  });
});
