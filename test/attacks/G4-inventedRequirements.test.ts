// Guarantee: what a field needs of another subgraph (`@requires`) comes from that subgraph, through the gateway. A client
//   cannot put a value of its own in its place, and nobody can hand one to a subgraph.
// Attack: invented `@requires` values in a representation, sent to the subgraph, without a proof and in a body that was
//   changed on the way; at the gateway other fields under the names of the needed ones, variables named as the gateway's.
// Learned from: reliability.md, F11: a subgraph cannot tell the gateway's values from a stranger's.
import { PROOF_HEADER } from '../../contracts/gatewayProof.ts';
import { proofHeader } from '../harness/proofHeader.ts';
import { sendRaw } from '../harness/rawRequest.ts';
import { startTestSubgraph } from '../harness/subgraphClient.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const QUERY = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { shippingZone } } }';
const bodyOf = (countryCode: string): string =>
  JSON.stringify({
    query: QUERY,
    variables: {
      of: [{ __typename: 'Customer', id: 'cus_aaaaaaaa', defaultAddress: { countryCode, postalCode: '10115' } }],
    },
  });

describe('G4: values that somebody made up for a required field', () => {
  it('are taken from nobody but the gateway, and not from a body that was changed on the way', async () => {
    const subgraph = await startTestSubgraph('orders', () => undefined);
    const proof = proofHeader(subgraph.secret, 'orders', bodyOf('DE'))[PROOF_HEADER] ?? '';
    const send = (headers: readonly string[], countryCode: string) =>
      sendRaw(subgraph.url, { headers: ['content-type', 'application/json', ...headers], body: bodyOf(countryCode) });
    const without = await send([], 'US');
    const changed = await send([PROOF_HEADER, proof], 'US');
    const right = await send([PROOF_HEADER, proof], 'DE');
    await subgraph.stop();
    expect([without.status, changed.status, right.status]).toEqual([401, 401, 200]);
    expect(changed.text).toBe(without.text);
  });

  describe('at the gateway', () => {
    let gateway: TestGateway;

    beforeAll(async () => {
      gateway = await startTestGateway();
    });
    afterAll(() => gateway.stop());

    const HONEST = '{ customers(first: 1) { frequency } }';

    it.each([
      ['an alias', '{ customers(first: 1) { orderStats: friends { orderCount: score } frequency } }', {}],
      ['an alias of the key', '{ customers(first: 1) { id: email orderStats: displayName frequency } }', {}],
      ['an alias of the type', '{ customers(first: 1) { __typename: email frequency } }', {}],
      ['a fragment', '{ customers(first: 1) { ...A frequency } } fragment A on Customer { orderStats: score }', {}],
      [
        'a variable of the gateway’s own name',
        'query ($representations: Int) { customers(first: $representations) { frequency } }',
        { representations: 1 },
      ],
      [
        'variables that nobody declared',
        HONEST,
        { representations: [{ __typename: 'Customer', id: 'c1', orderStats: { orderCount: 999 } }] },
      ],
    ])('cannot come by %s', async (_, query, variables) => {
      const { data } = await gateway.query(query, variables);
      const [first] = (data?.['customers'] ?? []) as { frequency: number }[];
      expect(first?.frequency).toBe(3);
      const sent = gateway.subgraphs.marketing.asked.at(-1);
      expect(JSON.stringify(sent?.variables)).toContain('{"orderCount":3}');
    });
  });
});
