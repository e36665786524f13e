// A client that leaves before its answer: its queries are stopped at the subgraph and in the database, within 100 ms;
// a mutation that was sent goes on.
import { connect, type Socket } from 'node:net';
import { startFaultProxy, type FaultProxy } from '../harness/faultProxy.ts';
import { startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { measureUpTo } from '../harness/loadClient.ts';
import { startTestGraph, type TestGraph } from '../harness/testGraph.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startWireTap, type WireTap } from '../harness/wireTap.ts';

const STOPPED_WITHIN_MS = 100;

/** Sends a GraphQL request over a connection of its own, which the test can break. */
function sendAlone(url: string, query: string, key?: string): Socket {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query });
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: a\r\n${key === undefined ? '' : `authorization: Bearer ${key}\r\n`}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

describe('C1: a client that leaves', () => {
  let gateway: FaultyGateway;

  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.stop());

  it('has its query ended at the subgraph within 100 ms, and nothing further asked for it', async () => {
    const { customers } = gateway.links;
    const { asked } = gateway.subgraphs.marketing;
    await gateway.query('{ customers(first: 1) { consents } }');
    const measure = async (): Promise<number> => {
      await customers.set({ kind: 'silence' });
      const { bytes } = customers.taken;
      const client = sendAlone(gateway.url, '{ customers(first: 2) { displayName consents } }');
      await waitUntil(() => customers.taken.bytes > bytes);
      const before = { open: customers.open(), asked: asked.length };
      client.destroy();
      const startMs = performance.now();
      await waitUntil(() => customers.open() < before.open);
      const ms = performance.now() - startMs;
      await customers.set({ kind: 'none' });
      await gateway.query('{ customer(id: "c1") { email } }');
      expect(asked.length).toBe(before.asked);
      return ms;
    };
    expect(await measureUpTo(3, measure, (ms) => ms <= STOPPED_WITHIN_MS)).toBeLessThanOrEqual(STOPPED_WITHIN_MS);
  });

  it('has a query that waits for nobody else ended, however many leave at once', async () => {
    const { customers } = gateway.links;
    await customers.set({ kind: 'silence' });
    const { connections } = customers.taken;
    const clients = Array.from({ length: 40 }, (_, index) =>
      sendAlone(gateway.url, `{ customer(id: "leave${index}") { email } }`),
    );
    await waitUntil(() => customers.taken.connections >= connections + 30);
    for (const client of clients) client.destroy();
    await waitUntil(() => customers.open() === 0);
    await customers.set({ kind: 'none' });
    await waitUntil(async () => (await gateway.query('{ customer(id: "c1") { email } }')).errors.length === 0);
  });

  it('has a mutation that was sent go on', async () => {
    const { customers } = gateway.subgraphs;
    let release = (): void => undefined;
    customers.hold = new Promise((resolve) => (release = resolve));
    const before = customers.asked.length;
    const client = sendAlone(gateway.url, 'mutation { renameCustomer(id: "c1", name: "B") { id } }');
    await waitUntil(() => customers.asked.length > before);
    const open = gateway.links.customers.open();
    client.destroy();
    await waitUntil(() =>
      gateway.query('{ campaigns { name } }').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(gateway.links.customers.open()).toBe(open);
    release();
    await waitUntil(async () => (await gateway.query('{ customer(id: "c1") { email } }')).errors.length === 0);
    expect(customers.asked.filter(({ query }) => query.startsWith('mutation'))).toHaveLength(1);
  });
});

describe('C1: a client that leaves while the database works', () => {
  let graph: TestGraph;
  const links: FaultProxy[] = [];
  let database: FaultProxy;
  let tap: WireTap;

  beforeAll(async () => {
    graph = await startTestGraph(0, {}, async (uri) => {
      const { hostname, port, pathname } = new URL(uri.replace(/^mongodb:/, 'http:'));
      database = await startFaultProxy(`http://${hostname}:${port || '27017'}${pathname}`);
      links.push(database);
      tap = await startWireTap(`mongodb://127.0.0.1:${database.port}`);
      return tap.uri;
    });
  }, 120_000);
  afterAll(async () => {
    await graph.stop();
    await tap.stop();
    await Promise.all(links.map((link) => link.stop()));
  });

  it('has its query to MongoDB ended too', async () => {
    const query = '{ orders(first: 5) { edges { node { number } } } }';
    await graph.ask(query);
    await database.set({ kind: 'silence' });
    const before = tap.commands.length;
    const client = sendAlone(graph.url, query, graph.key);
    // Relays ask beside it.
    await waitUntil(() => tap.commands.slice(before).some(({ find }) => find === 'orders'));
    const open = database.open();
    client.destroy();
    // A command on the wire can only be ended with its connection.
    await waitUntil(() => database.open() < open);
    await database.set({ kind: 'none' });
    await waitUntil(async () => (await graph.ask(query)).errors.length === 0);
  });
});
