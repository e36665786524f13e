import { createServer, request as sendRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Refusal } from '../requestState.ts';
import { readBody } from './readBody.ts';

const LIMITS = { packedBytesMax: 1_000, bytesMax: 5_000, timeoutMs: 10_000 };

describe('readBody', () => {
  let server: Server;
  let clock: Clock = systemClock;
  const outcomes: (string | Refusal)[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      readBody(request, LIMITS, clock, (outcome) => {
        outcomes.push(outcome);
        response.setHeader('connection', 'close');
        response.end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    outcomes.length = 0;
    clock = systemClock;
  });

  const send = (parts: readonly Buffer[], headers: Record<string, string> = {}, ends = true): Promise<unknown> =>
    new Promise((resolve) => {
      const { port } = server.address() as AddressInfo;
      const outgoing = sendRequest({ host: '127.0.0.1', port, method: 'POST', headers }, (incoming) => {
        incoming.resume();
        incoming.on('end', () => resolve(outcomes[0]));
      });
      outgoing.on('error', () => resolve(outcomes[0]));
      for (const part of parts) outgoing.write(part);
      if (ends) outgoing.end();
    });

  it('gives the text, packed or not, in pieces or not', async () => {
    expect(await send([Buffer.from('grü'.slice(0, 2)), Buffer.from('ß')])).toBe('grß');
    outcomes.length = 0;
    expect(await send([gzipSync('x'.repeat(5_000))], { 'content-encoding': 'gzip' })).toHaveLength(5_000);
  });

  it('joins a letter that was cut in two', async () => {
    const bytes = Buffer.from('ü');
    expect(await send([bytes.subarray(0, 1), bytes.subarray(1)])).toBe('ü');
  });

  it.each([
    ['packed bytes over the limit', [Buffer.alloc(600, 'a'), Buffer.alloc(401, 'a')], {}],
    ['unpacked bytes over the limit', [gzipSync('x'.repeat(5_001))], { 'content-encoding': 'gzip' }],
    ['a brotli bomb', [brotliCompressSync('x'.repeat(10_000_000))], { 'content-encoding': 'br' }],
    ['a length that says so', [], { 'content-length': '1001' }],
  ])('refuses %s with 413', async (_, parts, headers) => {
    expect(await send(parts, headers)).toMatchObject({ refused: 'BODY_TOO_LARGE', closing: true });
  });

  it('refuses bytes that are not UTF-8, and what cannot be unpacked', async () => {
    expect(await send([Buffer.from([0xc3, 0x28])])).toMatchObject({ refused: 'MALFORMED_JSON' });
    outcomes.length = 0;
    expect(await send([gzipSync('abc').subarray(0, 15)], { 'content-encoding': 'gzip' })).toMatchObject({
      refused: 'BAD_REQUEST',
    });
  });

  it('refuses a body that does not come in time', async () => {
    clock = { ...systemClock, after: (_, task) => systemClock.after(1, task) };
    expect(await send([Buffer.from('{')], {}, false)).toMatchObject({ refused: 'REQUEST_TIMEOUT', closing: true });
  });
});
