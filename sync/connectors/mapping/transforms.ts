// The closed list of transforms that a mapping may use on a value: no code, nothing that waits, nothing that guesses.
import { describeUnknown } from '../config/nearestName.ts';
import type { ConfigFault, Path } from '../config/positionedYaml.ts';
import { momentText, numberText, Unmappable } from './fitValue.ts';
import { isTimeZone, momentReader } from './moments.ts';

/** What a transform gives, as far as it is known before anything runs. */
export type Kind = 'text' | 'number' | 'boolean' | 'moment' | 'unknown';

/** A transform that is ready to run; null values never reach it. Throws Unmappable. */
export interface Transform {
  readonly gives: Kind;
  /** The values it can give, where they are few and known. */
  readonly values?: readonly unknown[];
  apply(value: unknown): unknown;
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d+))?$/;
/** ISO 4217: currencies whose minor unit is not the hundredth. */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...{ BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0 },
  ...{ XAF: 0, XOF: 0, XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3 },
};

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  throw new Unmappable(`the transform ${name} expects a text`);
}

function readNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const text = textOf(value, 'number').trim();
  if (!NUMBER.test(text)) throw new Unmappable('is no number');
  return Number(text);
}

function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const text = textOf(value, 'boolean').trim().toLowerCase();
  if (['true', '1', 'yes', 't', 'y'].includes(text)) return true;
  if (['false', '0', 'no', 'f', 'n'].includes(text)) return false;
  throw new Unmappable('is neither true nor false');
}

/** Shifts the decimal point in the text: binary fractions would make 1,099 of 10.995 one time and 1,100 another. */
function toMinorUnits(value: unknown, digits: number): number {
  const [, sign, whole, fraction = ''] = DECIMAL.exec(textOf(value, 'minorUnits').trim()) ?? [];
  if (whole === undefined) throw new Unmappable('is no decimal amount like 12.50');
  if (/[1-9]/.test(fraction.slice(digits))) throw new Unmappable(`has more than ${digits} decimal places`);
  const minor = Number(`${whole}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(minor)) throw new Unmappable('is too large an amount');
  return sign === '-' && minor !== 0 ? -minor : minor;
}

const SIMPLE: Readonly<Record<string, Transform>> = {
  trim: { gives: 'text', apply: (value) => textOf(value, 'trim').trim() },
  lower: { gives: 'text', apply: (value) => textOf(value, 'lower').toLowerCase() },
  upper: { gives: 'text', apply: (value) => textOf(value, 'upper').toUpperCase() },
  text: { gives: 'text', apply: (value) => textOf(value, 'text') },
  number: { gives: 'number', apply: readNumber },
  boolean: { gives: 'boolean', apply: readBoolean },
};

type Made = Transform | string;

function minorUnits(given: unknown): Made {
  const digits = typeof given === 'string' && /^[A-Z]{3}$/.test(given) ? (MINOR_DIGITS[given] ?? 2) : given;
  if (typeof digits !== 'number' || !Number.isInteger(digits) || digits < 0 || digits > 6) {
    return 'minorUnits expects a currency like EUR, or its number of decimal places from 0 to 6';
  }
  return { gives: 'number', apply: (value) => toMinorUnits(value, digits) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function date(given: unknown): Made {
  const { format, zone = 'UTC', ...others } = isRecord(given) ? given : { format: given };
  if (typeof format !== 'string' || typeof zone !== 'string' || Object.keys(others).length > 0) {
    return 'date expects { format, zone }';
  }
  if (!isTimeZone(zone)) return `"${zone}" is no time zone: expected a name like Europe/Berlin`;
  const read = momentReader(format, zone);
  if (read === undefined) {
    return `"${format}" is no format of a date: expected iso, epochSeconds, epochMillis, or a pattern of yyyy MM dd HH mm ss SSS`;
  }
  return {
    gives: 'moment',
    apply(value) {
      if (value instanceof Date) return momentText(value);
      const moment = typeof value === 'string' || typeof value === 'number' ? read(value) : undefined;
      if (moment === undefined) throw new Unmappable(`is no date in the format ${format}`);
      return moment;
    },
  };
}

function map(given: unknown): Made {
  if (!isRecord(given) || Object.keys(given).length === 0) return 'map expects an object: value of the source → value';
  const values = new Map(Object.entries(given));
  const isFlat = [...values.values()].every((each) => each === null || typeof each !== 'object');
  if (!isFlat) return 'map gives texts, numbers, booleans or null';
  return {
    gives: 'unknown',
    values: [...values.values()],
    apply(value) {
      const key = typeof value === 'boolean' ? String(value) : textOf(value, 'map');
      if (!values.has(key)) throw new Unmappable('is none of the values that map names');
      return values.get(key);
    },
  };
}

const WITH_OPTIONS: Readonly<Record<string, (given: unknown) => Made>> = { minorUnits, date, map };
const NAMES = [...Object.keys(SIMPLE), ...Object.keys(WITH_OPTIONS)];

/** Takes a list of transforms as the configuration has it; gives them ready to run, and adds what is wrong to `faults`. */
export function readTransforms(given: unknown, path: Path, faults: ConfigFault[]): Transform[] {
  if (given === undefined) return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.flatMap((each, at) => {
    const place = Array.isArray(given) ? [...path, at] : path;
    const [name, options] = isRecord(each) ? (Object.entries(each)[0] ?? ['', undefined]) : [String(each), undefined];
    const make = WITH_OPTIONS[name];
    const made = SIMPLE[name] ?? make?.(options) ?? describeUnknown(name, 'transform', NAMES);
    if (isRecord(each) && Object.keys(each).length > 1) {
      faults.push({ path: place, message: 'one transform an item: put the others into items of their own' });
    }
    if (typeof made !== 'string') return made;
    faults.push({ path: isRecord(each) ? [...place, name] : place, message: made });
    return [];
  });
}
