// Subscriptions over WebSocket: the protocol's own client, each close code of a client that breaks it, and what a web page
// of another origin, a huge message or a flood comes to.
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { BUYER, startLiveGraph, type LiveGraph } from '../../harness/liveGraph.ts';
import { readMetrics } from '../../harness/searchCanaries.ts';
import { openSocket, type TestSocket } from '../../harness/socketReader.ts';
import { waitUntil } from '../../harness/startProcess.ts';

const ORDERS = 'subscription { orderChanged { id version customer { displayName consents } } }';
const SECRET = 'secret.example';

describe('a WebSocket', () => {
  let graph: LiveGraph;
  let key: string;
  beforeAll(async () => {
    graph = await startLiveGraph({ env: { CRM_SOCKET_ORIGINS: 'https://shop.example.com', CRM_METRICS_PORT: '0' } });
    key = await graph.keys.create({ scopes: [...graph.scopes] });
  }, 60_000);
  afterAll(() => graph.stop());

  const init = (secret = key) => ({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } });
  const subscribe = (id: string, query = ORDERS, extensions?: object) => ({
    ...{ id, type: 'subscribe' },
    payload: { query, ...(extensions !== undefined && { extensions }) },
  });
  async function openKnown(): Promise<TestSocket> {
    const socket = await openSocket(graph.url);
    socket.say(init());
    await waitUntil(() => socket.messages.length === 1);
    expect(socket.messages[0]).toEqual({ type: 'connection_ack' });
    return socket;
  }
  async function closeOf(socket: TestSocket): Promise<number> {
    const { code, reason } = await waitUntil(() => socket.closed());
    expect(reason).not.toContain(SECRET);
    return code;
  }

  it('brings events to the client of the protocol, and queries and refusals on the same socket', async () => {
    const connectionParams = { authorization: `Bearer ${key}` };
    const client: Client = createClient({
      url: graph.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams,
    });
    const events = client.iterate({ query: ORDERS });
    const first = events.next();
    const query: { value?: { data?: unknown } } = await client
      .iterate({ query: '{ order(id: "ord_00000000009") { id } }' })
      .next();
    expect(query.value?.data).toEqual({ order: { id: 'ord_00000000009' } });
    await expect(client.iterate({ query: 'subscription { orderChanged { nothing } }' }).next()).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    const version = await graph.change('Order', 'ord_00000000001');
    const { value } = (await first) as { value: { data: unknown; extensions: { eventId: string } } };
    const customer = { displayName: `Name of ${BUYER}`, consents: ['EMAIL'] };
    expect(value.data).toEqual({ orderChanged: { id: 'ord_00000000001', version, customer } });
    await events.return?.();
    await graph.change('Order', 'ord_00000000002');
    const again = client.iterate({ query: ORDERS, extensions: { lastEventId: value.extensions.eventId } });
    expect((await again.next()).value).toMatchObject({ data: { orderChanged: { id: 'ord_00000000002' } } });
    await client.dispose();
  });

  it.each([
    ['4400 at what is no message', ['nonsense'], 4400],
    ['4400 at a message of an unknown type', [{ type: 'dance' }], 4400],
    ['4400 at a message of the server', [init(), { type: 'next', id: '1', payload: {} }], 4400],
    ['4400 at a key that poisons', ['{"type":"connection_init","payload":{"__proto__":{"a":1}}}'], 4400],
    ['4401 at an operation before its connection_init', [subscribe('1')], 4401],
    ['4403 at a key that is none', [init('crm_test_nothing')], 4403],
    ['4403 without a key', [{ type: 'connection_init' }], 4403],
    ['4403 at a key in another place', [{ type: 'connection_init', payload: { token: 'KEY' } }], 4403],
    ['4403 at an authorization that is no text', [{ type: 'connection_init', payload: { authorization: {} } }], 4403],
    ['4429 at a second connection_init', [init(), init()], 4429],
    ['1009 at a huge connection_init', [{ type: 'connection_init', payload: { a: 'x'.repeat(200_000) } }], 1009],
  ])('is closed with %s', async (_, said, code) => {
    const socket = await openSocket(graph.url);
    for (const message of said) {
      // Keys are drawn after this table was made.
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      socket.say(text.replace('KEY', key).replace('Bearer undefined', `Bearer ${key}`));
    }
    expect(await closeOf(socket)).toBe(code);
  });

  it('is closed with 4429 at a second connection_init also when the first is answered', async () => {
    const socket = await openSocket(graph.url);
    const text = JSON.stringify(init()).replace('Bearer undefined', `Bearer ${key}`);
    socket.say(text);
    await waitUntil(() => socket.messages.some(({ type }) => type === 'connection_ack'));
    socket.say(text);
    expect(await closeOf(socket)).toBe(4429);
  });

  it('is closed with 4406 where it speaks another protocol', async () => {
    expect(await closeOf(await openSocket(graph.url, []))).toBe(4406);
  });

  it('is closed with 4408 where it says nothing', async () => {
    expect(await closeOf(await openSocket(graph.url))).toBe(4408);
  });

  it('is closed with 4409 at an operation whose id is taken', async () => {
    const socket = await openKnown();
    socket.say(subscribe('1'));
    socket.say(subscribe('1'));
    expect(await closeOf(socket)).toBe(4409);
  });

  it('is closed with 1008 at a flood of pings', async () => {
    const socket = await openKnown();
    for (let count = 0; count < 500; count++) socket.say({ type: 'ping' });
    expect(await closeOf(socket)).toBe(1008);
  });

  it('is closed with 4400 at a key in an operation', async () => {
    const socket = await openKnown();
    socket.say(subscribe('1', `{ order(id: "${key}") { id } }`));
    expect(await closeOf(socket)).toBe(4400);
  });

  it('has so many operations at once and no more', async () => {
    const socket = await openKnown();
    for (let at = 0; at < 60; at++) socket.say(subscribe(`a${at}`, 'subscription { customerChanged { id } }'));
    await waitUntil(() => socket.messages.length === 11);
    const refused = socket.messages.filter(({ type }) => type === 'error');
    expect(JSON.stringify(refused[0]?.payload)).toContain('RATE_LIMITED');
    socket.socket.terminate();
  });

  it.each([
    ['refuses a page of another origin', 'https://evil.example.com', 403],
    ['takes a page of an origin that is allowed', 'https://shop.example.com', undefined],
    ['takes a page of its own', 'OWN', undefined],
    ['refuses an origin that is none', 'null', 403],
  ])('%s', async (_, origin, status) => {
    const own = new URL(graph.url).origin;
    const socket = await openSocket(graph.url, undefined, { origin: origin === 'OWN' ? own : origin });
    expect(socket.refusedWith()).toBe(status);
    socket.socket.terminate();
  });

  it('is nowhere but at /graphql', async () => {
    expect((await openSocket(graph.url.replace('/graphql', '/other'))).refusedWith()).toBe(404);
  });

  it('is closed with 4403 when its key is revoked', async () => {
    const revoked = await graph.keys.create({ scopes: [...graph.scopes] });
    const socket = await openSocket(graph.url);
    socket.say(init(revoked));
    await waitUntil(() => socket.messages.length === 1);
    await graph.keys.office.revoke(revoked.split('_')[2] ?? '', { actor: 'test:sockets', reason: 'a test' });
    expect(await closeOf(socket)).toBe(4403);
    expect(socket.closed()?.reason).toBe('API_KEY_REVOKED');
  });

  it('is closed with 4403 when the secret that it showed is rotated away', async () => {
    const old = await graph.keys.create({ scopes: [...graph.scopes] });
    const socket = await openSocket(graph.url);
    socket.say(init(old));
    await waitUntil(() => socket.messages.length === 1);
    await graph.keys.office.rotate(old.split('_')[2] ?? '', 0, { actor: 'test:sockets', reason: 'a test' });
    expect(await closeOf(socket)).toBe(4403);
    expect(socket.closed()?.reason).toBe('API_KEY_EXPIRED');
  });

  it('is closed with 4409 at an id whose operation was completed before it was admitted, and leaves no stream', async () => {
    const countOpen = async (): Promise<string> =>
      /^crm_gateway_streams_open\{[^}]*websocket[^}]*\} (\d+)$/m.exec(await readMetrics([graph.process]))?.[1] ?? '0';
    const openBefore = await countOpen();
    const saidBefore = graph.process.output().length;
    const socket = await openKnown();
    const query = 'subscription Twice { orderChanged { id version } }';
    for (const message of [subscribe('1', query), { type: 'complete', id: '1' }, subscribe('1', query)]) {
      socket.say(message);
    }
    expect(await closeOf(socket)).toBe(4409);
    await waitUntil(async () => (await countOpen()) === openBefore);
    expect(graph.process.output().slice(saidBefore)).not.toContain('could not be taken');
  });

  it('leaves what offers another protocol to HTTP', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve) => {
      const asked = request(graph.url.replace('/graphql', '/health/live'), {
        headers: {
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
        },
      });
      asked.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.end();
    });
    expect(status).toBe(200);
  });
});
