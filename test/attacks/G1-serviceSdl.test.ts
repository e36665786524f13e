// Guarantee: what a subgraph's schema is, nobody learns from the subgraph without a proof, and nobody from the gateway
//   but what introspection shows. The gateway asks no subgraph for its schema: it comes as a file.
// Attack: `_service { sdl }` at the subgraph, plain, aliased, in a fragment; introspection there, with a proof as well.
// Learned from: @apollo/subgraph, whose `_service` shows the whole schema with introspection switched off.
import type { Connection } from 'mongoose';
import { sendRaw } from '../harness/rawRequest.ts';
import { startTestSubgraph, type TestSubgraph } from '../harness/subgraphClient.ts';
import { startTestGateway } from '../harness/testGateway.ts';

const ASKED = [
  '{ _service { sdl } }',
  '{ a: _service { b: sdl } }',
  'query { ...F } fragment F on Query { _service { sdl } }',
  '{ __schema { types { name } } }',
];

describe('G1: a schema that somebody wants to see', () => {
  let subgraph: TestSubgraph<Connection>;

  beforeAll(async () => {
    subgraph = await startTestSubgraph('customers', (connection) => connection);
  });
  afterAll(() => subgraph.stop());

  it.each(ASKED)('is not shown by a subgraph to who has no proof: %s', async (query) => {
    const headers = ['content-type', 'application/json'];
    const { status, text } = await sendRaw(subgraph.url, { headers, body: JSON.stringify({ query }) });
    expect([status, /Customer|sdl|type /.test(text)]).toEqual([401, false]);
  });

  it('is shown to who has one, as federation has it, and introspection to nobody', async () => {
    const shown = await subgraph.send<{ _service: { sdl: string } }>('{ _service { sdl } }');
    expect(shown.data._service.sdl).toContain('type Customer');
    expect((await subgraph.send('{ __schema { types { name } } }')).data).toBeUndefined();
  });

  it('is not asked for by the gateway, at its start or later', async () => {
    const gateway = await startTestGateway();
    await gateway.query('{ customers(first: 2) { displayName orders(first: 1) { number } consents } }');
    const asked = Object.values(gateway.subgraphs).flatMap((each) => each.asked.map(({ query }) => query));
    await gateway.stop();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((query) => /_service|__schema|__type\b/.test(query))).toEqual([]);
  });
});
