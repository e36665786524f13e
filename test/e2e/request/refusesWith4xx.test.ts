// Every other refusal of a request, grouped by its status: 403, 404, 405, 406, 408, 413, 415, 431. All are JSON.
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../../harness/testGateway.ts';

const QUERY = JSON.stringify({ query: '{ __typename }' });
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the gateway refuses', () => {
  let gateway: TestGateway;
  const post = (body: RequestInit['body'], headers: Record<string, string> = JSON_TYPE): Promise<ClientAnswer> =>
    gateway.send('/graphql', { method: 'POST', headers, ...(body !== undefined && { body }) });
  /** Sends raw bytes; gives everything that comes back until the connection ends. */
  const sendRaw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  describe('with 403', () => {
    it('a GET that a foreign page could send', async () => {
      const answer = await gateway.send('/graphql?query=%7B__typename%7D', {});
      expect([answer.status, answer.codes]).toEqual([403, ['CROSS_SITE_REQUEST']]);
    });

    it('the wish for a plan where plans are not shown', async () => {
      const answer = await post(QUERY, { ...JSON_TYPE, 'crm-explain': '1' });
      expect([answer.status, answer.codes]).toEqual([403, ['EXPLAIN_FORBIDDEN']]);
    });
  });

  describe('with 404', () => {
    it.each(['/', '/graphql/', '/admin', '/ide/index.html', '/..%2f..%2fetc/passwd'])('%s', async (path) => {
      const answer = await gateway.send(path, { headers: { accept: 'text/html' } });
      expect([answer.status, answer.codes]).toEqual([404, ['NOT_FOUND']]);
    });
  });

  describe('with 405', () => {
    it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s', async (method) => {
      const answer = await gateway.send('/graphql', { method });
      expect([answer.status, answer.codes]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
      expect(answer.headers.get('allow')).toBe('GET, POST');
    });

    it('a mutation by GET', async () => {
      const search = new URLSearchParams({ query: 'mutation { placeOrder(number: "1") { id } }' }).toString();
      const answer = await gateway.send(`/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } });
      expect([answer.status, answer.codes]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
      expect(gateway.subgraphs.orders.asked).toEqual([]);
    });

    it('a method in disguise', async () => {
      const answer = await post(QUERY, { ...JSON_TYPE, 'x-http-method-override': 'GET' });
      expect([answer.status, answer.codes]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
    });
  });

  describe('with 413', () => {
    it('1 MB of document', async () => {
      const answer = await post(JSON.stringify({ query: `{ __typename } #${'x'.repeat(1_000_000)}` }));
      expect([answer.status, answer.codes]).toEqual([413, ['BODY_TOO_LARGE']]);
    });

    it('a gzip body of 45 KB that unpacks to 45 MB', async () => {
      const bomb = gzipSync(`{"query":"{ __typename } #${'x'.repeat(45_000_000)}"}`);
      expect(bomb.length).toBeLessThan(50_000);
      const answer = await post(Uint8Array.from(bomb), { ...JSON_TYPE, 'content-encoding': 'gzip' });
      expect([answer.status, answer.codes]).toEqual([413, ['BODY_TOO_LARGE']]);
    });

    it('a body over the limit whose length nobody said', async () => {
      const chunk = `${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`;
      const head =
        'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
      const answer = await sendRaw(`${head}${chunk.repeat(4)}0\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
      expect(answer).toContain('BODY_TOO_LARGE');
    });

    it('not a body right at the limit', async () => {
      const padding = 262_144 - Buffer.byteLength(JSON.stringify({ query: '{ __typename }', extensions: { a: '' } }));
      const body = JSON.stringify({ query: '{ __typename }', extensions: { a: 'x'.repeat(padding) } });
      const taken = await post(body);
      expect([Buffer.byteLength(body), taken.status]).toEqual([262_144, 200]);
      const past = await post(`${body} `);
      expect(past.status).toBe(413);
    });
  });

  describe('with 406', () => {
    it('a client that accepts no form of JSON', async () => {
      const answer = await post(QUERY, { ...JSON_TYPE, accept: 'image/png' });
      expect([answer.status, answer.codes]).toEqual([406, ['NOT_ACCEPTABLE']]);
    });

    it('a subscription of a client that takes no stream', async () => {
      const answer = await post('{"query":"subscription { customers { id } }"}', JSON_TYPE);
      expect([answer.status, answer.codes]).toEqual([406, ['NOT_ACCEPTABLE']]);
    });
  });

  describe('with 415', () => {
    it.each([
      ['text/plain', { 'content-type': 'text/plain' }],
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['a multipart form', { 'content-type': 'multipart/form-data; boundary=a' }],
      ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
      ['an exotic charset', { 'content-type': 'application/json; charset=utf-7' }],
      ['a malformed type', { 'content-type': 'application/json, text/plain' }],
      ['gzip in gzip', { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' }],
      ['an unknown packing', { ...JSON_TYPE, 'content-encoding': 'zstd' }],
      ['a packing named like an inherited property', { ...JSON_TYPE, 'content-encoding': 'constructor' }],
    ])('%s', async (_, headers) => {
      const answer = await post(QUERY, headers);
      expect([answer.status, answer.codes]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    });

    it('no type at all', async () => {
      const answer = await post(Uint8Array.from(Buffer.from(QUERY)), {});
      expect([answer.status, answer.codes]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
    });
  });

  describe('with 431', () => {
    it('65 headers', async () => {
      const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`x-many-${index}`, '1']));
      const answer = await post(QUERY, { ...JSON_TYPE, ...many });
      expect([answer.status, answer.codes]).toEqual([431, ['HEADERS_TOO_LARGE']]);
    });

    it('17 KB of headers', async () => {
      const answer = await sendRaw(`GET /graphql HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(17_000)}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 431 /);
      expect(answer).toContain('HEADERS_TOO_LARGE');
    });
  });

  it('with 408 headers that do not end', async () => {
    const answer = await sendRaw('POST /graphql HTTP/1.1\r\nhost: a\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('REQUEST_TIMEOUT');
  });

  it('with 400 bytes that are not HTTP', async () => {
    const answer = await sendRaw('\u0016\u0003\u0001\u0002 hello\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('BAD_REQUEST');
  });
});
