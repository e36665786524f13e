// Guarantee: a subgraph answers nobody but its gateway, whatever is asked, by whatever method, at whatever path; only
//   its health is open. The answer is one and the same, and is given before the request's body is read.
// Attack: speak to the subgraph's port without a proof: `_service`, `_entities`, data, mutations, GET, other paths, no
//   JSON, a body that is announced and never comes.
// Learned from: @apollo/subgraph, which answers `_service` and `_entities` to everybody and leaves the rest to a firewall;
//   our own order of steps, which once read 4 MB from strangers before it refused them.
import { connect } from 'node:net';
import type { Connection } from 'mongoose';
import { proofHeader } from '../harness/proofHeader.ts';
import { sendRaw } from '../harness/rawRequest.ts';
import { startTestSubgraph, type TestSubgraph } from '../harness/subgraphClient.ts';

const JSON_TYPE = ['content-type', 'application/json'];
const asBody = (query: string): string => JSON.stringify({ query });

describe('K14: a subgraph that is spoken to directly', () => {
  let subgraph: TestSubgraph<Connection>;

  beforeAll(async () => {
    subgraph = await startTestSubgraph('orders', (connection) => connection);
  });
  afterAll(() => subgraph.stop());

  it('gives every stranger one and the same answer, to the byte', async () => {
    const entities = '{ _entities(representations: [{ __typename: "Order", id: "ord_aaaaaaaa" }]) { __typename } }';
    const search = `?query=${encodeURIComponent('{ _service { sdl } }')}`;
    const strangers: [string, Parameters<typeof sendRaw>[1]][] = [
      ['', { headers: JSON_TYPE, body: asBody('{ _service { sdl } }') }],
      ['', { headers: JSON_TYPE, body: asBody(entities) }],
      ['', { headers: JSON_TYPE, body: asBody('{ orders { totalCount } }') }],
      ['', { headers: JSON_TYPE, body: asBody('{ __schema { types { name } } }') }],
      ['', { headers: JSON_TYPE, body: asBody('mutation { deleteOrders(input: [], idempotencyKey: "a") { code } }') }],
      ['', { headers: JSON_TYPE, body: '{{{ no JSON' }],
      ['', { headers: ['content-type', 'text/plain'], body: asBody('{ __typename }') }],
      ['', { body: '' }],
      ['', { headers: [...JSON_TYPE, 'crm-gateway-proof', ''], body: asBody('{ __typename }') }],
      ['', { headers: [...JSON_TYPE, 'crm-gateway-proof', 'v2.a.b.c.d'], body: asBody('{ __typename }') }],
      [search, { method: 'GET' }],
      ['', { method: 'PUT', headers: JSON_TYPE, body: asBody('{ __typename }') }],
      ['', { method: 'DELETE' }],
      ['/../', { method: 'GET' }],
      ['/elsewhere', { method: 'GET' }],
    ];
    const answers = await Promise.all(strangers.map(([more, sent]) => sendRaw(`${subgraph.url}${more}`, sent)));
    const text =
      '{"errors":[{"message":"Subgraphs answer their gateway alone.","extensions":{"code":"GATEWAY_ONLY"}}]}';
    expect(answers.map((answer) => [answer.status, answer.text])).toEqual(answers.map(() => [401, text]));
    expect(new Set(answers.map(({ headers }) => headers['content-type'])).size).toBe(1);
  });

  it('gives that answer to a proof that holds, for another path and another method too', async () => {
    const body = asBody('{ __typename }');
    for (const [path, method] of [
      ['/graphql/', 'POST'],
      ['/graphql?a', 'POST'],
      ['/graphql', 'PUT'],
    ] as const) {
      const headers = [...JSON_TYPE, ...Object.entries(proofHeader(subgraph.secret, 'orders', body)).flat()];
      const { status } = await sendRaw(new URL(path, subgraph.url).href, { method, headers, body });
      expect([path, method, status]).toEqual([path, method, 401]);
    }
  });

  it('refuses before a byte of the body comes', async () => {
    const { hostname, port } = new URL(subgraph.url);
    const socket = connect(Number(port), hostname);
    const answered = new Promise<string>((resolve, reject) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      socket.once('error', reject);
    });
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 4000000\r\n\r\n',
    );
    expect(await answered).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it('hangs up on who sends a body without end', async () => {
    const { hostname, port } = new URL(subgraph.url);
    const socket = connect(Number(port), hostname);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('error', () => undefined);
    });
    socket.resume();
    socket.write('POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
    await closed;
  });

  it('tells strangers whether it is ready and its copies are kept, and nothing else', async () => {
    const { status, text } = await sendRaw(new URL('/health/ready', subgraph.url).href, { method: 'GET' });
    expect([status, text]).toEqual([200, '{"ready":true,"following":true}']);
  });

  it('answers its gateway', async () => {
    expect((await subgraph.send('{ orders { totalCount } }')).data).toEqual({ orders: { totalCount: 0 } });
  });
});
