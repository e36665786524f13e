// The tests of single bits: `$bitsAllSet` and its three siblings.
import { Binary, Long } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { asNumber, numeric } from '../values/kinds.ts';
import type { BitTest } from './filterNode.ts';

function bitsOfBinary(value: Binary): bigint {
  return [...value.buffer.subarray(0, value.position)].reduce(
    (mask, byte, at) => mask | (BigInt(byte) << BigInt(at * 8)),
    0n,
  );
}

function maskFrom(value: unknown): bigint {
  if (value instanceof Binary) return bitsOfBinary(value);
  if (Array.isArray(value)) {
    return (value as unknown[]).reduce<bigint>((mask, place) => {
      const bit = asNumber(place);
      if (bit === undefined || bit < 0 || !Number.isInteger(bit))
        throw new MongoFault(2, 'bit positions must be integers of 0 or more');
      return mask | (1n << BigInt(bit));
    }, 0n);
  }
  const mask = asNumber(value);
  if (mask === undefined || mask < 0 || !Number.isInteger(mask))
    throw new MongoFault(9, 'a bit mask must be an integer of 0 or more');
  return value instanceof Long ? value.toBigInt() : BigInt(mask);
}

/** Takes the operator's name and its argument; gives the test. */
export function bitTest(name: string, value: unknown): BitTest {
  return { mask: maskFrom(value), every: name.includes('All'), set: name.endsWith('Set') };
}

/** Whether a value's bits pass; a value without bits does not. */
export function passesBits(value: unknown, test: BitTest): boolean {
  const number = value instanceof Binary ? bitsOfBinary(value) : numeric(value);
  if (number === undefined || typeof number === 'object' || !Number.isInteger(Number(number))) return false;
  const bits = BigInt(number);
  const hit = (test.set ? bits : ~bits) & test.mask;
  return test.every ? hit === test.mask : hit !== 0n;
}
