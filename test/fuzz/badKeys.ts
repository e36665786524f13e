// Who an input says that it comes from: mostly the right key, so that it gets further, else one that is wrong in any way.
import type { Draw } from '../oracle/draw.ts';
import type { BadInput } from './badInput.ts';

const RIGHT_PERCENT = 80;

const mangle = (key: string, draw: Draw): string => {
  const at = draw.below(key.length);
  return `${key.slice(0, at)}${draw.pick(['', 'x', '_', '\u0000', '\xff', ' '])}${key.slice(at + 1)}`;
};

/** Lines of a head; the first stands in the place of the right one. */
const LINES: readonly ((key: string, draw: Draw) => readonly string[])[] = [
  () => [],
  () => ['authorization:'],
  () => ['authorization: Bearer'],
  () => ['authorization: Bearer '],
  (key) => [`authorization: ${key}`],
  (key) => [`authorization: Basic ${key}`],
  (key) => [`authorization: Bearer Bearer ${key}`],
  (key, draw) => [`authorization: Bearer ${mangle(key, draw)}`],
  (key) => [`authorization: Bearer ${key}, Bearer ${key}`],
  (key) => [`authorization: Bearer ${key}`, `authorization: Bearer ${key}`],
  (key) => [`authorization: Bearer ${key}`, `AUTHORIZATION: Bearer ${key.toLowerCase()}`],
  (key) => [`authorization: Bearer ${key}`, `x-api-key: ${key}`],
  (key) => [`authorization: Bearer ${key}`, `cookie: key=${key}`],
  (key) => [`authorization: Bearer ${key}`, `${key}: a`],
  (key) => [`authorization: Bearer ${key.repeat(40)}`],
  (key) => [`authorization: Bearer ${key}${'a'.repeat(9_000)}`],
  (key) => [`authorization: Bearer ${key.slice(0, -6)}${'0'.repeat(6)}`],
  (key, draw) => [`authorization: Bearer ${key.slice(0, draw.below(key.length))}`],
  () => ['authorization: Bearer a.b.c'],
  () => [`authorization: Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
  () => ['authorization: Bearer __proto__'],
  () => ['authorization: Digest username="a", uri="/graphql"'],
  () => [`authorization: Bearer ${'.'.repeat(8_000)}`],
];

/** Takes an input, a right key and chances; gives the input with what says who calls in each of its requests. */
export function drawAuthorized(input: BadInput, key: string, draw: Draw): BadInput {
  const isRight = draw.chance(RIGHT_PERCENT);
  const lines = isRight ? [`authorization: Bearer ${key}`] : draw.pick(LINES)(key, draw);
  const text = input.bytes.toString('latin1');
  // Now and then in the address, too.
  const placed = isRight || !draw.chance(10) ? text : text.replace('/graphql', `/graphql?key=${key}`);
  const head = lines.map((line) => `${line}\r\n`).join('');
  const bytes = Buffer.from(placed.replaceAll('HTTP/1.1\r\nhost: a\r\n', `HTTP/1.1\r\nhost: a\r\n${head}`), 'latin1');
  // A head with characters that none may have is refused with its connection.
  const isReadable = lines.every((line) => !/[^ -~]/.test(line));
  return {
    ...input,
    family: isRight ? input.family : `key ${input.family}`,
    bytes,
    answers: isReadable ? input.answers : undefined,
  };
}
