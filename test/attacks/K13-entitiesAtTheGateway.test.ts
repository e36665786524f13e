// Guarantee: what federation needs between gateway and subgraphs does not exist for clients: it is answered as any field
//   that is not there, introspection does not show it, and no subgraph is asked.
// Attack: `_entities`, `_service`, `_Any` and the supergraph's own `join__` types at the gateway, with representations
//   of the attacker's choice.
// Learned from: gateways that serve a subgraph's schema as it is, and so let anybody read any entity by its key.
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

describe('K13: the words between gateway and subgraphs', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it.each([
    ['{ NAME { sdl } }', '_service'],
    ['{ a: NAME { sdl } }', '_service'],
    ['{ NAME(representations: [{__typename: "Customer", id: "c1"}]) { ... on Customer { email } } }', '_entities'],
    ['query ($r: [ID!]!) { NAME(representations: $r) { __typename } }', '_entities'],
    ['{ ... on Query { NAME { sdl } } }', '_service'],
  ])('%s with %s is answered as a field that is not there', async (query, name) => {
    const variables = { r: [{ __typename: 'Customer', id: 'c1' }] };
    const [inner, misspelt] = await Promise.all(
      [name, 'zzqqzzqq'].map((field) => gateway.query(query.replace('NAME', field), variables)),
    );
    expect([inner?.status, inner?.codes[0]]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(inner?.text.replaceAll(name, 'zzqqzzqq')).toBe(misspelt?.text);
  });

  it.each(['_Any', '_Entity', '_Service', 'join__FieldSet', 'join__Graph', 'link__Purpose'])(
    'the type %s cannot be named',
    async (type) => {
      const asked = await gateway.query(`query ($v: ${type}) { customers(first: 1) { id @skip(if: false) } }`);
      const shown = await gateway.query(`{ __type(name: "${type}") { name } }`);
      expect([asked.status, asked.codes[0]]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(shown.data).toEqual({ __type: null });
    },
  );

  it('are not shown by introspection', async () => {
    const { data } = await gateway.query(
      '{ __schema { types { name } directives { name } queryType { fields { name } } } }',
    );
    expect(JSON.stringify(data)).not.toMatch(/"(_|join|link|core)(?!_)[^"]*"|"(join|link|core)__/);
  });

  it('had no subgraph asked', () => {
    expect(Object.values(gateway.subgraphs).flatMap(({ asked }) => asked)).toEqual([]);
  });
});
