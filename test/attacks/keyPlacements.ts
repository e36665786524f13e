// Requests that carry a key where none belongs: one for each seed, as the bytes that go over the wire.
import type { Draw } from '../oracle/draw.ts';
import { writeRequest, type BadInput } from '../fuzz/badInput.ts';

type Header = readonly [name: string, value: string];

/** The keys that are placed, and one that is right in its place. */
export interface PlacedKeys {
  readonly canaries: readonly string[];
  readonly right: string;
}

const HEADERS = [
  ...['x-api-key', 'api-key', 'cookie', 'referer', 'user-agent', 'proxy-authorization', 'x-request-id', 'traceparent'],
  ...['tracestate', 'baggage', 'content-type', 'accept', 'accept-language', 'crm-explain', 'x-forwarded-for', 'origin'],
  ...['apollographql-client-name', 'if-none-match', 'expect', 'x-http-method-override', 'crm-gateway-proof', 'host'],
];
const WRAPS: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => `Bearer ${key}`,
  (key) => `key=${key}; other=1`,
  (key) => `"${key}"`,
  (key) => `a,${key},b`,
  (key) => key.toUpperCase(),
  (key) => `${key}\xe9`,
  (key) => `\x00${key}`,
  (key) => `a\r\n b: ${key}`,
  (key) => `a\nb: ${key}`,
  (key) => `\u2028${key}\u{1f600}`,
  (key) => key.repeat(3),
  (key) => key.replace(/_/g, '%5f'),
  (key) => `=?utf-8?Q?${key}?=`,
];
const AUTHORIZATIONS: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => `Basic ${key}`,
  (key) => `Bearer ${key} `,
  (key) => `Bearer ${key}, Bearer ${key}`,
  (key) => `Bearer ${key.slice(0, -1)}x`,
  (key) => `Bearer  ${key}`,
  (key) => `bearer:${key}`,
  (key) => `Bearer ${key}\x00`,
  (key) => `Bearer ${key}\xff`,
  (key) => `Bearer ${key.toLowerCase()}`,
  (key) => `Bearer ${'a'.repeat(9_000)}${key}`,
];
const TARGETS: readonly ((key: string) => string)[] = [
  (key) => `/graphql?key=${key}`,
  (key) => `/graphql?${key}`,
  (key) => `/graphql?query=%7Bopen%7D&key=${key}`,
  (key) => `/graphql?query=%7B${key}%7D`,
  (key) => `/graphql?query=query+${key}%7Bopen%7D`,
  (key) => `/graphql/${key}`,
  (key) => `/${key}`,
  (key) => `/health/ready?${key}`,
  (key) => `/graphql#${key}`,
  (key) => `//user:${key}@host/graphql`,
  (key) => `/graphql?key=${key.replace(/_/g, '%5F')}`,
  (key) => `/graphql?key=${key}%ff%zz`,
];
const BODIES: readonly ((key: string) => string)[] = [
  (key) => JSON.stringify({ query: `query ${key} { open }` }),
  (key) => JSON.stringify({ query: `mutation ${key} { rename(id: "1", name: "a") { name } }` }),
  (key) => JSON.stringify({ query: `query A { open } query ${key} { me { name } }`, operationName: key }),
  (key) => JSON.stringify({ query: '{ open }', operationName: key }),
  (key) => JSON.stringify({ query: `{ ${key} }` }),
  (key) => JSON.stringify({ query: `{ ${key}: open }` }),
  (key) => JSON.stringify({ query: `{ person(id: "${key}") { id name } }` }),
  (key) => JSON.stringify({ query: `{ person(id: "Person:${key}") { boss { name } nickname } }` }),
  (key) => JSON.stringify({ query: `{ people(first: "${key}") { id } }` }),
  (key) => JSON.stringify({ query: `{ people(first: ${key}) { id } }` }),
  (key) => JSON.stringify({ query: `{ me { ...${key} } } fragment ${key} on Person { name }` }),
  (key) => JSON.stringify({ query: `{ me { ... on ${key} { name } } }` }),
  (key) => JSON.stringify({ query: `{ open @${key} }` }),
  (key) => JSON.stringify({ query: `{ open } # ${key}` }),
  (key) =>
    JSON.stringify({ query: `query ($${key}: ID!) { person(id: $${key}) { name } }`, variables: { [key]: key } }),
  (key) => JSON.stringify({ query: 'query ($id: ID!) { person(id: $id) { id email } }', variables: { id: key } }),
  (key) => JSON.stringify({ query: 'query ($id: Int!) { people(first: $id) { id } }', variables: { id: key } }),
  (key) =>
    JSON.stringify({
      query: 'query ($f: PersonFilter) { peopleBy(filter: $f) { id } }',
      variables: { f: { [key]: 1 } },
    }),
  (key) => JSON.stringify({ query: 'query ($o: PersonOrder) { peopleBy(orderBy: $o) { id } }', variables: { o: key } }),
  (key) => JSON.stringify({ query: '{ __type(name: "KEY") { name } }'.replace('KEY', key) }),
  (key) => JSON.stringify({ query: '{ open }', extensions: { persistedQuery: { version: 1, sha256Hash: key } } }),
  (key) => JSON.stringify({ query: '{ open }', [key]: key, documentId: key, id: key }),
  (key) => JSON.stringify({ query: `{ me { name `.repeat(3) + key }),
  (key) => JSON.stringify({ query: `query ${key} { open }` }).replace(/r/g, '\\u0072'),
  (key) => `{"query": "${key}`,
  (key) => key,
  (key) => `key=${key}`,
  (key) => `[${JSON.stringify(key)}]`,
  (key) => JSON.stringify(key),
];

function headersWith(key: string, draw: Draw): Header[] {
  const name = draw.pick(HEADERS);
  const wrapped = draw.pick(WRAPS)(key);
  return draw.chance(8) ? [[key, 'a']] : [[draw.chance(30) ? name.toUpperCase() : name, wrapped]];
}

/** Gives a request with a key where none belongs. */
export function drawPlacement({ canaries, right }: PlacedKeys, draw: Draw): BadInput {
  const key = draw.pick(canaries);
  const own = draw.pick(['right', 'right', 'right', 'key', 'none']);
  const headers: Header[] = [['content-type', 'application/json']];
  if (own !== 'none') headers.push(['authorization', `Bearer ${own === 'right' ? right : key}`]);
  const family = draw.pick(['url', 'header', 'authorization', 'body', 'body', 'broken']);
  const good = JSON.stringify({ query: '{ me { name } }' });
  if (family === 'url') {
    const method = draw.pick(['GET', 'POST', 'PUT', 'HEAD']);
    const bytes = writeRequest({
      method,
      target: draw.pick(TARGETS)(key),
      headers,
      body: method === 'POST' ? good : '',
    });
    return { family, bytes, answers: undefined, isHead: method === 'HEAD' };
  }
  if (family === 'header') {
    const bytes = writeRequest({ headers: [...headers, ...headersWith(key, draw)], body: good });
    return { family, bytes, answers: undefined, isHead: false };
  }
  if (family === 'authorization') {
    const value = draw.pick(AUTHORIZATIONS)(key);
    const more: Header[] = draw.chance(50) ? [['Authorization', `Bearer ${right}`]] : [];
    const bytes = writeRequest({
      headers: [['content-type', 'application/json'], ['authorization', value], ...more],
      body: good,
    });
    return { family, bytes, answers: undefined, isHead: false };
  }
  const whole = writeRequest({ headers, body: draw.pick(BODIES)(key) });
  if (family === 'body') return { family, bytes: whole, answers: 1, isHead: false };
  const cut = whole.subarray(0, draw.below(whole.length));
  const bytes = draw.chance(50) ? cut : Buffer.concat([Buffer.from(`${key} / HTTP/1.1\r\n`), whole]);
  return { family, bytes, answers: undefined, isHead: false };
}
