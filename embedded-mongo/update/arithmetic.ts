// `$inc`, `$mul` and `$bit` with BSON's numbers: the result has the wider type of the two, an int that overflows becomes
// a long.
import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { typeName } from '../query/typeNames.ts';
import { KIND, asNumber, kindOf } from '../values/kinds.ts';

const RANK: Readonly<Record<string, number>> = { int: 0, long: 1, double: 2, decimal: 3 };

function asBigInt(value: unknown): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(asNumber(value) ?? 0);
}

function wholeOf(value: bigint, isInt: boolean): Int32 | Long {
  if (isInt && value >= -(2n ** 31n) && value < 2n ** 31n) return new Int32(Number(value));
  if (value < -(2n ** 63n) || value >= 2n ** 63n)
    throw new MongoFault(2, 'Failed to apply: the result does not fit in a 64-bit integer');
  return Long.fromBigInt(value);
}

interface DecimalParts {
  readonly digits: bigint;
  readonly power: number;
}

function decimalParts(value: unknown): DecimalParts {
  const text =
    value instanceof Decimal128 ? value.toString() : value instanceof Long ? value.toString() : String(asNumber(value));
  const match = /^([+-]?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (!match) throw new MongoFault(238, `decimal arithmetic with ${text} is not supported by this server`);
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  return { digits: BigInt(`${sign}${whole}${part}`), power: Number(exponent) - part.length };
}

function decimal({ digits, power }: DecimalParts): Decimal128 {
  return Decimal128.fromStringWithRounding(`${digits}E${power}`);
}

function addDecimals(left: DecimalParts, right: DecimalParts): Decimal128 {
  const power = Math.min(left.power, right.power);
  if (Math.max(left.power, right.power) - power > 6_000)
    throw new MongoFault(238, 'decimals so far apart cannot be added by this server');
  const scale = ({ digits, power: own }: DecimalParts): bigint => digits * 10n ** BigInt(own - power);
  return decimal({ digits: scale(left) + scale(right), power });
}

/** Takes two BSON numbers; gives their sum or product with the wider type of the two. */
export function combine(name: '$inc' | '$mul', left: unknown, right: unknown): unknown {
  const [one, two] = [typeName(left), typeName(right)];
  const rank = Math.max(RANK[one] ?? 0, RANK[two] ?? 0);
  if (rank === 3) {
    const [a, b] = [decimalParts(left), decimalParts(right)];
    return name === '$inc' ? addDecimals(a, b) : decimal({ digits: a.digits * b.digits, power: a.power + b.power });
  }
  if (rank === 2) {
    const [a, b] = [asNumber(left) ?? 0, asNumber(right) ?? 0];
    return new Double(name === '$inc' ? a + b : a * b);
  }
  const [a, b] = [asBigInt(left), asBigInt(right)];
  return wholeOf(name === '$inc' ? a + b : a * b, rank === 0);
}

/** Gives zero of the type of `value`: what a missing field counts as for `$mul`. */
export function zeroLike(value: unknown): unknown {
  const name = typeName(value);
  if (name === 'long') return Long.ZERO;
  if (name === 'decimal') return Decimal128.fromString('0');
  return name === 'double' ? new Double(0) : new Int32(0);
}

/** Whether a value is a BSON number. */
export function isNumeric(value: unknown): boolean {
  return kindOf(value) === KIND.number;
}

/** Takes an integer and the argument of `$bit`; gives the result. */
export function applyBits(value: unknown, operation: string, mask: unknown): unknown {
  const names = [typeName(value), typeName(mask)];
  if (names.some((name) => name !== 'int' && name !== 'long'))
    throw new MongoFault(2, 'Cannot apply $bit to a value of non-integral type');
  const [a, b] = [asBigInt(value), asBigInt(mask)];
  const isInt = !names.includes('long');
  if (operation === 'and') return wholeOf(a & b, isInt);
  if (operation === 'or') return wholeOf(a | b, isInt);
  if (operation === 'xor') return wholeOf(a ^ b, isInt);
  throw new MongoFault(2, `The $bit modifier only supports 'and', 'or', and 'xor', not '${operation}'`);
}
