// The fault proxy itself: each fault does what it says, on new and on open connections, and ends when it is switched.
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { startFaultProxy, type FaultProxy } from './faultProxy.ts';
import { waitUntil } from './startProcess.ts';

const BODY = 'abcdefghijklmnopqrstuvwxyz'.repeat(40);

describe('the fault proxy', () => {
  let server: Server;
  let asked = 0;
  let proxy: FaultProxy;
  const sockets: Socket[] = [];

  /** A connection that keeps what comes. */
  const open = (): { socket: Socket; text: () => string; ended: () => string | undefined } => {
    const socket = connect(proxy.port, proxy.host);
    sockets.push(socket);
    let text = '';
    let ended: string | undefined;
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('end', () => (ended ??= 'end'));
    socket.on('error', (error: NodeJS.ErrnoException) => (ended ??= error.code));
    return { socket, text: () => text, ended: () => ended };
  };
  const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const isWhole = (text: string): boolean => text.endsWith(BODY);

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked++;
      response.end(BODY);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    proxy = await startFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, { seed: 7 });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await proxy.set({ kind: 'none' });
    await waitUntil(() => proxy.open() === 0);
  });
  afterAll(async () => {
    await proxy.stop();
    server.close();
    server.closeAllConnections();
  });

  it('passes everything unchanged without a fault, and slowly byte by byte', async () => {
    for (const kind of ['none', 'slices'] as const) {
      await proxy.set({ kind });
      const client = open();
      client.socket.write(REQUEST);
      await waitUntil(() => isWhole(client.text()));
      client.socket.write(REQUEST);
      await waitUntil(() => client.text().split(BODY).length === 3);
    }
    expect(new URL(proxy.url).pathname).toBe('/graphql');
  });

  it('refuses new connections and breaks open ones, then listens again on its port', async () => {
    const client = open();
    client.socket.write(REQUEST);
    await waitUntil(() => isWhole(client.text()));
    const { port } = proxy;
    await proxy.set({ kind: 'refuse' });
    await waitUntil(() => client.ended() === 'ECONNRESET');
    const refused = open();
    await waitUntil(() => refused.ended() === 'ECONNREFUSED');
    await proxy.set({ kind: 'none' });
    expect(proxy.port).toBe(port);
    const again = open();
    again.socket.write(REQUEST);
    await waitUntil(() => isWhole(again.text()));
  });

  it('holds both directions in silence, on open connections too, and lets them go on afterwards', async () => {
    const client = open();
    client.socket.write(REQUEST);
    await waitUntil(() => isWhole(client.text()));
    await proxy.set({ kind: 'silence' });
    const before = asked;
    const { bytes } = proxy.taken;
    client.socket.write(REQUEST);
    const other = open();
    other.socket.write(REQUEST);
    await waitUntil(() => proxy.taken.bytes === bytes + 2 * REQUEST.length);
    expect([asked, other.text(), other.ended()]).toEqual([before, '', undefined]);
    await proxy.set({ kind: 'none' });
    await waitUntil(() => client.text().split(BODY).length === 3 && isWhole(other.text()));
  });

  it.each([
    [{ kind: 'cut', afterBytes: 300 }, 'ECONNRESET'],
    [{ kind: 'half-close', afterBytes: 300 }, 'end'],
    [{ kind: 'reset' }, 'ECONNRESET'],
  ] as const)('with %j ends the answer early, with %s', async (fault, end) => {
    await proxy.set(fault);
    const before = asked;
    const client = open();
    client.socket.write(REQUEST);
    await waitUntil(() => client.ended() !== undefined);
    expect(client.ended()).toBe(end);
    expect(client.text()).toHaveLength('afterBytes' in fault ? fault.afterBytes : 0);
    expect(asked - before).toBe('afterBytes' in fault ? 1 : 0);
  });

  it('serves one request of a stale connection and resets the next before the server sees it', async () => {
    await proxy.set({ kind: 'stale' });
    const before = asked;
    const client = open();
    client.socket.write(REQUEST);
    await waitUntil(() => isWhole(client.text()));
    client.socket.write(REQUEST);
    await waitUntil(() => client.ended() === 'ECONNRESET');
    expect(asked - before).toBe(1);
  });

  it('stalls in the middle of the body and goes on when it is switched', async () => {
    await proxy.set({ kind: 'stall', afterBytes: 200 });
    const client = open();
    client.socket.write(REQUEST);
    await waitUntil(() => client.text().length === 200);
    expect(client.ended()).toBeUndefined();
    await proxy.set({ kind: 'none' });
    await waitUntil(() => isWhole(client.text()));
  });

  it('takes its time with latency and little bandwidth', async () => {
    await proxy.set({ kind: 'latency', ms: 100, jitterMs: 20 });
    const startMs = performance.now();
    const late = open();
    late.socket.write(REQUEST);
    await waitUntil(() => isWhole(late.text()));
    expect(performance.now() - startMs).toBeGreaterThan(75);
    await proxy.set({ kind: 'bandwidth', bytesPerSecond: 5_000 });
    const narrowMs = performance.now();
    const narrow = open();
    narrow.socket.write(REQUEST);
    await waitUntil(() => isWhole(narrow.text()));
    expect(performance.now() - narrowMs).toBeGreaterThan(150);
  });

  it('flips one byte in so many', async () => {
    const right = open();
    right.socket.write(REQUEST);
    await waitUntil(() => isWhole(right.text()));
    await proxy.set({ kind: 'corrupt', everyBytes: 250 });
    const wrong = open();
    wrong.socket.write(REQUEST);
    await waitUntil(() => wrong.text().length === right.text().length);
    const differing = Array.from({ length: wrong.text().length }, (_, at) => at).filter(
      (at) => wrong.text()[at] !== right.text()[at],
    );
    // The Date header may differ between the two.
    expect(differing.filter((at) => at > 200)).toEqual(
      [249, 499, 749, 999, 1_249].filter((at) => at < wrong.text().length),
    );
  });
});
