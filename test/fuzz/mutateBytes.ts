// Changes bytes without knowing what they mean.
import type { Draw } from '../oracle/draw.ts';

const CHUNKS = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\u0000',
  '\xff\xfe',
  '"',
  '{',
  '}',
  ':',
  ' ',
  '\t',
  '%',
  '0',
  '-',
  ';',
  '\ufeff',
];
const TAKEN_MAX = 40;

function changeOnce(bytes: Buffer, draw: Draw): Buffer {
  const at = draw.below(bytes.length + 1);
  const head = bytes.subarray(0, at);
  const tail = bytes.subarray(at);
  const some = draw.below(Math.min(tail.length, TAKEN_MAX) + 1);
  switch (draw.below(5)) {
    case 0:
      return Buffer.concat([head, Buffer.from([draw.below(256)]), tail.subarray(1)]);
    case 1:
      return Buffer.concat([head, tail.subarray(some)]);
    case 2:
      return Buffer.concat([head, tail.subarray(0, some), tail]);
    case 3:
      return Buffer.concat([head, Buffer.from(draw.pick(CHUNKS)), tail]);
    default:
      return draw.chance(20) ? head : Buffer.concat([head, Buffer.from([draw.below(256)]), tail]);
  }
}

/** Takes bytes; gives them with one to six changes. */
export function mutateBytes(bytes: Buffer, draw: Draw): Buffer {
  let changed = bytes;
  const changes = 1 + draw.below(6);
  for (let change = 0; change < changes; change++) changed = changeOnce(changed, draw);
  return changed;
}

/** Gives bytes that mean nothing. */
export function drawBytes(length: number, draw: Draw): Buffer {
  return Buffer.from(Array.from({ length }, () => draw.below(256)));
}
