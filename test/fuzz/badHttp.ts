// HTTP that is odd or broken: methods, targets, headers, lengths, several requests at once, bytes that are none.
import type { Draw } from '../oracle/draw.ts';
import { writeRequest, type BadInput, type WholeRequest } from './badInput.ts';
import { writeJson, type MeantRequest } from './badBodies.ts';
import { HOSTILE_NAMES } from './hostileWords.ts';
import { drawBytes, mutateBytes } from './mutateBytes.ts';

type Header = readonly [name: string, value: string];

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'M-SEARCH', 'QUERY'];
const TARGETS = [
  '/graphql/',
  '/GRAPHQL',
  '//graphql',
  '/graphql?query',
  '/graphql?query=%7B__typename%7D&query=a',
  '/graphql?%71uery=%7B__typename%7D',
  '/graphql?query=%ff%fe',
  '/graphql?query=%7B__typename%7D&variables=%7B%22__proto__%22%3A1%7D',
  '/graphql?query=%7B__typename%7D&variables=1e999',
  '/graphql?query=%7B__typename%7D&extensions=[]',
  '/graphql?query=mutation%7BrenameCustomer(id:1,name:2)%7Bid%7D%7D',
  '/graphql#a',
  '/graphql;a=b',
  '/graphql%00',
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/package.json',
  'http://other.example/graphql',
  '*',
  '/',
  '/health/live?a=b',
  '/health/ready/',
  '/ide/../../package.json',
  '/__proto__',
];
const CONTENT_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'application/graphql',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/json; charset="UTF-8"',
  'application/json;charset',
  'application/json, application/json',
  'application/json; charset=__proto__',
  '/',
  'json',
  '\xff',
];
const ACCEPTS = [
  '',
  '*',
  '*/*;q=0',
  'text/html',
  'application/graphql-response+json',
  'application/json;q=0, */*',
  'multipart/mixed; deferSpec=20220824, application/json',
  'text/event-stream',
  `${'a/b,'.repeat(500)}*/*`,
  ';;;;q=q',
];

const HEADERS: readonly ((draw: Draw) => Header)[] = [
  (draw) => ['content-type', draw.pick(CONTENT_TYPES)],
  (draw) => ['accept', draw.pick(ACCEPTS)],
  (draw) => ['x-request-id', draw.pick(['a', 'a'.repeat(65), 'a b', '<b>', '__proto__', 'good-id-12345'])],
  (draw) => ['crm-explain', draw.pick(['1', '0', ''])],
  (draw) => ['x-http-method-override', draw.pick(['GET', 'DELETE'])],
  (draw) => ['traceparent', draw.pick(['00-0-0-00', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'ff-', '00'])],
  (draw) => ['tracestate', draw.pick(['a=b', '=,=,', 'a='.repeat(200)])],
  (draw) => ['expect', draw.pick(['100-continue', 'nothing', ''])],
  (draw) => ['connection', draw.pick(['close', 'keep-alive, close', 'upgrade', 'x-request-id'])],
  (draw) => ['content-length', draw.pick(['0', '-1', '1e3', '18446744073709551616', '5, 5', 'a'])],
  (draw) => ['transfer-encoding', draw.pick(['chunked', 'identity', 'chunked, chunked', 'gzip, chunked', 'xchunked'])],
  (draw) => ['host', draw.pick(['', 'a b', 'localhost:99999', '__proto__'])],
  (draw) => [draw.pick(HOSTILE_NAMES), draw.pick(HOSTILE_NAMES)],
  (draw) => ['x-long', 'a'.repeat(draw.pick([1_000, 15_000, 17_000]))],
  () => ['apollo-query-plan-experimental', '1'],
  () => ['authorization', `Bearer ${'a.'.repeat(300)}`],
  () => ['cookie', 'a=b; '.repeat(100)],
];
/** Headers that change where the body ends: what follows may be another request. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'expect', 'connection']);

function jsonHeaders(draw: Draw): Header[] {
  const more = Array.from({ length: draw.chance(5) ? 40 + draw.below(60) : 1 + draw.below(3) }, () =>
    draw.pick(HEADERS)(draw),
  );
  return draw.chance(50) ? [['content-type', 'application/json'], ...more] : more;
}

function addressOf(meant: MeantRequest): string {
  const parameters = new URLSearchParams({ query: meant.query, variables: writeJson(meant.variables) });
  return `/graphql?${parameters.toString()}`;
}

/** Takes a good request; gives it with another method, target or headers, whole except where they say otherwise. */
export function drawOddHttp(meant: MeantRequest, draw: Draw): BadInput {
  const method = draw.chance(50) ? 'POST' : draw.pick(METHODS);
  const isGet = method === 'GET' || method === 'HEAD';
  const target = draw.chance(60) ? (isGet ? addressOf(meant) : '/graphql') : draw.pick(TARGETS);
  const plain: Header[] = [['graphql-require-preflight', '1']];
  const headers = draw.chance(70) ? jsonHeaders(draw) : plain;
  const body = isGet && draw.chance(90) ? '' : writeJson(meant);
  const request: WholeRequest = { method, target, headers, body };
  const isWhole = method !== 'QUERY' && headers.every(([name, value]) => !FRAMING.has(name) && !/[^ -~]/.test(value));
  return {
    family: 'http',
    bytes: writeRequest(request),
    answers: isWhole ? 1 : undefined,
    isHead: method === 'HEAD',
  };
}

const BROKEN: readonly ((whole: Buffer, draw: Draw) => Buffer)[] = [
  (_, draw) => drawBytes(draw.below(400), draw),
  (whole, draw) => mutateBytes(whole, draw),
  (whole, draw) => mutateBytes(whole.subarray(0, 60), draw),
  (whole, draw) => whole.subarray(0, draw.below(whole.length)),
  (whole) => Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (whole, draw) =>
    Buffer.from(
      whole.toString('latin1').replace('HTTP/1.1', draw.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''])),
      'latin1',
    ),
  (whole) =>
    Buffer.from(whole.toString('latin1').replace(/content-length: \d+/, 'transfer-encoding: chunked'), 'latin1'),
  (whole) => Buffer.from(whole.toString('latin1').replace(/content-length: (\d+)/, 'content-length: 1$1'), 'latin1'),
  (whole) => Buffer.from(whole.toString('latin1').replace(/content-length: \d+/, 'content-length: 3'), 'latin1'),
  () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  () => Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
  () => Buffer.from('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n'),
  (whole) =>
    Buffer.concat([
      Buffer.from('GET /graphql HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
      whole,
    ]),
];

/** Takes a good request; gives bytes that are none, or several requests of which one is broken. */
export function drawBrokenHttp(meant: MeantRequest, draw: Draw): BadInput {
  const whole = writeRequest({ body: writeJson(meant) });
  if (draw.chance(15)) {
    const count = 2 + draw.below(6);
    const bytes = Buffer.concat(Array.from({ length: count }, () => whole));
    return { family: 'pipelined', bytes, answers: count, isHead: false };
  }
  const broken = draw.pick(BROKEN)(whole, draw);
  const bytes = draw.chance(20) ? Buffer.concat([whole, broken]) : broken;
  return { family: 'broken', bytes, answers: undefined, isHead: bytes.includes('HEAD') };
}
