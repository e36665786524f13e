import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashOf, printRelease, releaseHash, type Release } from './release.ts';
import { PublishedSchemas } from './storeReader.ts';
import { openWebReader } from './webReader.ts';

const RELEASE: Release = {
  ...{ formatVersion: 1, number: 1, action: 'publish', supergraph: hashOf('sdl'), contracts: {}, report: null },
  ...{ author: 'ann', commit: null, message: 'first', publishedAt: '2026-01-01T00:00:00.000Z', parent: null },
  loosenedBecause: null,
};
const CURRENT = printRelease({ release: RELEASE, hash: releaseHash(RELEASE), signature: null });

describe('openWebReader', () => {
  let server: Server;
  let answer: RequestListener;
  const asked: { path: string | undefined; etag: unknown; authorization: unknown }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { 'if-none-match': etag, authorization } = request.headers;
      asked.push({ path: request.url, etag, authorization });
      answer(request, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = (path = '/store', token?: string) => openWebReader({ url: `${address()}${path}`, token });
  const read = (token?: string) =>
    new PublishedSchemas(open('/store', token), { secret: undefined, previous: undefined }).current();

  it('reads the newest release below the address, with the token', async () => {
    answer = (_, response) => response.end(CURRENT);
    expect((await read('t0ken'))?.release).toEqual(RELEASE);
    expect(asked).toEqual([{ path: '/store/current.json', etag: undefined, authorization: 'Bearer t0ken' }]);
  });

  it('asks for what it has by its ETag, and takes it for unchanged', async () => {
    answer = (request, response) => {
      if (request.headers['if-none-match'] === '"a"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"a"' }).end(CURRENT);
    };
    const reader = open();
    expect(await reader.newest()).toBe(CURRENT);
    expect(await reader.newest()).toBe(CURRENT);
    expect(asked.map(({ etag }) => etag)).toEqual([undefined, '"a"']);
  });

  it('has no release where there is no file', async () => {
    answer = (_, response) => response.writeHead(404).end();
    expect(await read()).toBeUndefined();
  });

  it.each([
    ['a redirect', 302, { location: 'http://127.0.0.1:1/' }, '', /does not answer/],
    ['a fault of the server', 500, {}, 'oh', /answers with 500/],
    ['a refusal of the token', 401, {}, '', /answers with 401/],
    ['a 304 that nobody asked for', 304, {}, '', /answers with 304/],
    ['a page in place of a release', 200, {}, '<html>', /it is no JSON/],
    ['more bytes than a release has', 200, {}, 'a'.repeat(100_001), /more than 100000 bytes/],
  ])('refuses %s', async (_, status, headers, body, said) => {
    answer = (__, response) => response.writeHead(status, headers).end(body);
    await expect(read()).rejects.toThrow(said);
  });

  it('refuses an answer that was cut off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write(CURRENT.slice(0, 100));
      response.socket?.end();
    };
    await expect(read()).rejects.toThrow('does not answer');
  });
});
