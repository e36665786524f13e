// A subgraph that misbehaves on demand: one mode a row of reliability.md, S4 to S11. It speaks raw HTTP, so that it can
// also break off, drip, and say what no library would.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an inner text may never reach a client with; tests look for it everywhere. */
export const CANARY = 'canary-7d3f-inner-text';

type Lie = (response: ServerResponse, request: IncomingMessage) => void;

const json = (body: unknown): Lie => raw(200, 'application/json', JSON.stringify(body));

function raw(status: number, type: string, body: string, headers: Record<string, string> = {}): Lie {
  return (response) => {
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(body);
  };
}

/** An answer of three megabytes, which is under the limit of one answer. */
const long = (list: string, field: string): Lie => json({ data: { [list]: [{ [field]: 'x'.repeat(3_000_000) }] } });

const STACK = `at ${CANARY} (/srv/secret/app.js:1:1)`;
const INNER_ERROR = {
  message: `E11000 duplicate key ${CANARY} { email: "ada@example.com" }`,
  path: ['customer', 'email'],
  extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: [STACK], serviceName: CANARY },
};

/** A customer as it should be answered. */
const WHOLE = { id: 'c1', displayName: 'Ada', email: null, score: 7 };

/** Every way to misbehave, by name. */
export const LIES = {
  hangs: () => undefined,
  'hangs half-way': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"data":{"customer":{"id":"c1"');
  },
  drips: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(timer));
  },
  'a byte a second': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const text = '{"data":{"customer":{"id":"c1"}}}';
    let at = 0;
    const timer = setInterval(() => response.write(text[at++] ?? ' '), 1_000);
    response.once('close', () => clearInterval(timer));
  },
  html: raw(200, 'text/html', `<h1>${CANARY}</h1>`),
  garbage: raw(200, 'application/json', `${CANARY}{{{`),
  'truncated JSON': raw(200, 'application/json', '{"data":{"customer":{"id":"c1"'),
  'not UTF-8': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
  },
  'another charset': raw(200, 'application/json; charset=utf-16', '{"data":{"customer":null}}'),
  'prototype keys': raw(200, 'application/json', '{"data":{"customer":{"__proto__":{"polluted":true}}}}'),
  'empty object': json({}),
  'null data': json({ data: null }),
  'absent field': json({ data: { customer: { id: 'c1' } } }),
  'no root field': json({ data: {} }),
  'wrong scalar': json({ data: { customer: { id: 'c1', displayName: 'A', email: { $gt: '' }, score: 'seven' } } }),
  'object for list': json({ data: { customer: [] } }),
  'null where none may be': json({ data: { customer: { id: 'c1', displayName: null, email: null, score: 1 } } }),
  'data and errors': json({
    data: { customer: { id: 'c1', displayName: 'Ada', email: null, score: 7 } },
    errors: [INNER_ERROR],
  }),
  'errors alone': json({ errors: [INNER_ERROR] }),
  'an error without a path': json({ data: { customer: null }, errors: [{ message: CANARY }] }),
  'a path of its own words': json({
    data: { customer: { id: 'c1', displayName: 'A', email: null, score: 1 } },
    errors: [{ ...INNER_ERROR, path: ['customer', 'email', CANARY, CANARY] }],
  }),
  'a refused variable': raw(
    400,
    'application/json',
    JSON.stringify({ errors: [{ message: 'The time is malformed.', extensions: { code: 'BAD_USER_INPUT' } }] }),
  ),
  'errors at entities': json({
    data: { _entities: [null] },
    errors: [
      { message: CANARY, path: ['_entities'] },
      { message: CANARY, path: ['_entities', 0, 'consents'] },
      { message: CANARY, path: ['_entities', 7, 'consents'] },
    ],
  }),
  'fewer entities': json({ data: { _entities: [{ __typename: 'Customer', consents: ['EMAIL'] }] } }),
  'more entities': json({
    data: { _entities: Array.from({ length: 5 }, () => ({ __typename: 'Customer', consents: ['EMAIL'] })) },
  }),
  'no entities': json({ data: {} }),
  'entities of another type': json({ data: { _entities: [{ __typename: 'Order', consents: ['EMAIL'] }] } }),
  'fields that nobody asked for': json({
    data: { customer: { ...WHOLE, password: CANARY, friends: [{ id: CANARY }], __typename: 'Admin' }, admin: CANARY },
    extensions: { secret: CANARY },
    more: CANARY,
  }),
  'a prototype in an entity': raw(
    200,
    'application/json',
    `{"data":{"_entities":[{"__proto__":{"isAdmin":"${CANARY}"},"consents":["EMAIL"]}]}}`,
  ),
  'a prototype in other letters': raw(
    200,
    'application/json',
    '{"data":{"customer":{"id":"c1","\\u005f_proto__":{"displayName":"polluted"}}}}',
  ),
  'a constructor': raw(200, 'application/json', '{"data":{"customer":{"constructor":{"prototype":{"a":1}}}}}'),
  'deep lists': raw(200, 'application/json', `{"data":{"customer":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`),
  'deep lists of entities': raw(
    200,
    'application/json',
    `{"data":{"customers":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
  ),
  'deep lists for entities': raw(
    200,
    'application/json',
    `{"data":{"_entities":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
  ),
  'deep lists for a field of an entity': raw(
    200,
    'application/json',
    `{"data":{"_entities":[{"consents":${'['.repeat(400_000)}${']'.repeat(400_000)}}, {"consents": null}]}}`,
  ),
  'deep objects': raw(
    200,
    'application/json',
    `{"data":{"customer":{"id":"c1","displayName":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}}}`,
  ),
  'deep objects that nobody asked for': raw(
    200,
    'application/json',
    `{"data":{"customer":${JSON.stringify(WHOLE).slice(0, -1)},"more":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}}}`,
  ),
  'a million errors': raw(
    200,
    'application/json',
    `{"data":{"customer":null},"errors":[${Array(200_000).fill('{}').join(',')}]}`,
  ),
  'one key many times': raw(
    200,
    'application/json',
    `{"data":{"customer":{${'"id":"c2",'.repeat(50_000)}"id":"c1","displayName":"Ada","email":null,"score":7}}}`,
  ),
  'a spoken refusal': json({
    data: { customer: null },
    errors: [{ message: 'The id is malformed.', path: ['customer'], extensions: { code: 'INVALID_ID' } }],
  }),
  'a code of ours it may not use': json({
    data: { customer: null },
    errors: [{ message: CANARY, path: ['customer'], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  }),
  'sixty megabytes': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"data":{"customer":{"id":"');
    const chunk = 'x'.repeat(1_000_000);
    let left = 60;
    const send = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(chunk)) {
          response.once('drain', send);
          return;
        }
      }
      response.end('"}}}');
    };
    send();
  },
  'long customers': long('customers', 'displayName'),
  'long orders': long('orders', 'number'),
  'long campaigns': long('campaigns', 'name'),
  'another encoding': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(Buffer.from([0x1f, 0x8b]));
  },
  redirects: (response, request) => {
    response.writeHead(302, { location: `http://${request.headers.host ?? ''}/elsewhere` });
    response.end();
  },
  'HTTP 401': raw(401, 'application/json', JSON.stringify({ errors: [{ message: CANARY }] })),
  'HTTP 429': raw(429, 'text/plain', CANARY, { 'retry-after': '1' }),
  'HTTP 500 with secrets': raw(500, 'text/plain', `${CANARY} ${STACK}`),
  resets: (response) => {
    response.socket?.resetAndDestroy();
  },
} as const satisfies Record<string, Lie>;

/** The name of a lie. */
export type LieName = keyof typeof LIES;

/** A liar that listens. */
export interface LiarSubgraph {
  readonly url: string;
  /** What it does next, and from then on. */
  lie: LieName;
  /** How many requests came, and to which paths. */
  readonly paths: string[];
  /** Connections that are open now. */
  openConnections(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a liar. */
export async function startLiarSubgraph(lie: LieName): Promise<LiarSubgraph> {
  const paths: string[] = [];
  const liar = { lie };
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume();
    request.on('end', () => LIES[liar.lie](response, request));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  const { port } = server.address() as AddressInfo;
  return Object.assign(liar, {
    url: `http://127.0.0.1:${port}/graphql`,
    paths,
    openConnections: () =>
      new Promise<number>((resolve) => server.getConnections((error, count) => resolve(error ? -1 : count))),
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  });
}
