// Clients that send or read slowly: their connections are closed at a limit, memory stays flat, and the others do not
// notice.
import { connect, type Socket } from 'node:net';
import { openDescriptors } from '../harness/faultyGateway.ts';
import { heldMegabytes, PROBED } from '../harness/heapProbe.ts';
import { startLiarSubgraph, type LiarSubgraph } from '../harness/liarSubgraph.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const REQUEST_TIMEOUT_MS = 2_000;
const HEADERS_WITHIN_MS = 5_000;
const BODY_WITHIN_MS = 10_000;
/** The gateway looks once a second. */
const GRACE_MS = 2_000;
const CLOSED_AFTER_DEADLINE_MS = 1_000;
const READERS = 10;
const KEPT_MEGABYTES_MAX = 4;
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

describe('C2', () => {
  let customers: LiarSubgraph;
  let orders: LiarSubgraph;
  let gateway: TestGateway;
  const sockets: Socket[] = [];

  const open = (): Socket => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  /** Writes the head, then one byte at a time; gives what came back and after how long the connection was closed. */
  const drip = async (head: string): Promise<{ text: string; ms: number }> => {
    const socket = open();
    const startMs = performance.now();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(head);
    const timer = setInterval(() => socket.write('a'), 200);
    await new Promise<void>((closed) => socket.once('close', () => closed()));
    clearInterval(timer);
    return { text, ms: performance.now() - startMs };
  };

  beforeAll(async () => {
    customers = await startLiarSubgraph('long customers');
    orders = await startLiarSubgraph('long orders');
    gateway = await startTestGateway({
      addresses: { customers: customers.url, orders: orders.url },
      env: { CRM_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS), CRM_FETCH_TIMEOUT_MS: '1000', ...PROBED },
    });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await gateway.stop();
    await customers.stop();
    await orders.stop();
  });

  it('a client that sends its headers or its body slowly is answered 408 and closed at the limit', async () => {
    const [headers, body] = await Promise.all([
      drip(`${HEAD}x-slow: `),
      drip(`${HEAD}content-length: 5000\r\n\r\n{"query":"`),
      expectOthersAnswered(gateway),
    ]);
    expect(headers.text).toMatch(/^HTTP\/1.1 408 /);
    expect(headers.ms).toBeLessThan(HEADERS_WITHIN_MS + GRACE_MS);
    expect(body.text).toMatch(/^HTTP\/1.1 408 /);
    expect(body.ms).toBeLessThan(BODY_WITHIN_MS + GRACE_MS);
  });

  it('clients that do not read their answers are closed soon after their deadline, and nothing of them is kept', async () => {
    const body = JSON.stringify({ query: '{ customers(first: 1) { displayName } orders(first: 1) { number } }' });
    const { pid } = gateway.process.child;
    const request = `${HEAD}content-length: ${body.length}\r\n\r\n${body}`;
    const neverRead = async (): Promise<void> => {
      const descriptors = await openDescriptors(pid);
      const answered = gateway.requestLines().length;
      // A socket without a listener for data fills its buffers and stops.
      for (let count = 0; count < READERS; count++) open().write(request);
      await waitUntil(() => gateway.requestLines().length >= answered + READERS);
      await waitUntil(
        async () => (await openDescriptors(pid)) <= descriptors,
        REQUEST_TIMEOUT_MS + CLOSED_AFTER_DEADLINE_MS + GRACE_MS,
      );
    };
    await neverRead();
    const before = await heldMegabytes(gateway.process);
    await neverRead();
    expect((await heldMegabytes(gateway.process)) - before).toBeLessThanOrEqual(KEPT_MEGABYTES_MAX);
    await expectOthersAnswered(gateway);
  });
});

async function expectOthersAnswered(gateway: TestGateway): Promise<void> {
  for (let count = 0; count < 20; count++) {
    const answer = await gateway.query('{ campaigns { name } }');
    expect(answer.data).toEqual({ campaigns: [{ name: 'Spring' }] });
  }
}
