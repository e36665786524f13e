// Numbers as bytes whose order is the order of the numbers, whatever their BSON type, so that 5, 5.0, Long 5 and
// Decimal 5 are one key. A double makes 8 bytes; what a Long or Decimal has beyond the nearest double below follows.
import type { Decimal128 } from 'bson';

/** The parts of a number's key: the greatest double not above it and how far it is above, in 2^-96 of the gap. */
interface NumberKey {
  readonly base: number;
  readonly rest: bigint;
}

const REST_BITS = 96n;
const scratch = new DataView(new ArrayBuffer(8));

function neighbour(value: number, up: boolean): number {
  if (value === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  scratch.setFloat64(0, value);
  const bits = scratch.getBigInt64(0);
  scratch.setBigInt64(0, bits + (value > 0 === up ? 1n : -1n));
  return scratch.getFloat64(0);
}

interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

function fractionOfDouble(value: number): Fraction {
  let scale = 0n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    scale += 1n;
  }
  return { top: BigInt(scaled), bottom: 1n << scale };
}

function fractionOfDecimal(text: string): Fraction {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${part}` || '0') * (sign === '-' ? -1n : 1n);
  const power = Number(exponent) - part.length;
  return power >= 0
    ? { top: digits * 10n ** BigInt(power), bottom: 1n }
    : { top: digits, bottom: 10n ** BigInt(-power) };
}

function splitFraction(exact: Fraction, near: number): NumberKey {
  const isAbove = (value: number): boolean => {
    const other = fractionOfDouble(value);
    return other.top * exact.bottom > exact.top * other.bottom;
  };
  const base = isAbove(near) ? neighbour(near, false) : near;
  const low = fractionOfDouble(base);
  const gapTop = exact.top * low.bottom - low.top * exact.bottom;
  if (gapTop === 0n) return { base, rest: 0n };
  const high = fractionOfDouble(neighbour(base, true));
  const width = { top: high.top * low.bottom - low.top * high.bottom, bottom: high.bottom * low.bottom };
  const gapBottom = exact.bottom * low.bottom;
  const rest = ((gapTop * width.bottom) << REST_BITS) / (gapBottom * width.top);
  return { base, rest: rest === 0n ? 1n : rest };
}

/** Takes a number; gives the parts of its key. Throws RangeError for a finite decimal outside the range of a double. */
export function splitNumber(value: number | bigint | Decimal128): NumberKey {
  if (typeof value === 'number') return { base: value === 0 ? 0 : value, rest: 0n };
  if (typeof value === 'bigint') return splitFraction({ top: value, bottom: 1n }, Number(value));
  const text = value.toString();
  const near = Number(text);
  if (text === 'NaN' || text.endsWith('Infinity')) return { base: near, rest: 0n };
  if (!Number.isFinite(near)) throw new RangeError(`${text} is outside the range of a double`);
  return splitFraction(fractionOfDecimal(text), near === 0 ? 0 : near);
}
