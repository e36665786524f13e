// Moments as sources write them → moments as the graph has them, in UTC with milliseconds. Local times are read by the
// zone's own rules; one that a change of the clock left out or repeated is taken with the offset before the change.
const MINUTE_MS = 60_000;
const ISO =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const HAS_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/;
const TOKENS = /yyyy|MM|dd|HH|mm|ss|SSS|[^yMdHmsS]+/gy;
const DIGITS: Readonly<Record<string, string>> = {
  ...{ yyyy: '(?<year>\\d{4})', MM: '(?<month>\\d{2})', dd: '(?<day>\\d{2})' },
  ...{ HH: '(?<hour>\\d{2})', mm: '(?<minute>\\d{2})', ss: '(?<second>\\d{2})', SSS: '(?<milli>\\d{3})' },
};

/** Reads one moment; gives its ISO text, or undefined where the text is none. */
export type MomentReader = (value: string | number) => string | undefined;

function toIso(ms: number): string | undefined {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? undefined : new Date(ms).toISOString();
}

/** Whether a zone is known to this machine. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function offsetReader(zone: string): (ms: number) => number {
  if (zone === 'UTC') return () => 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  });
  return (ms) => {
    const read = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
  };
}

/** Takes a local time as if it were UTC; gives the moment in the zone. */
function localToUtc(localMs: number, offsetAt: (ms: number) => number): number {
  const before = offsetAt(localMs - 24 * 60 * MINUTE_MS);
  const first = localMs - before;
  if (offsetAt(first) === before) return first;
  const second = localMs - offsetAt(first);
  return localMs - offsetAt(second) === second ? second : first;
}

function patternReader(format: string, offsetAt: (ms: number) => number): MomentReader | undefined {
  const tokens: readonly string[] = format.match(TOKENS) ?? [];
  if (tokens.join('') !== format || !tokens.includes('yyyy')) return undefined;
  const source = tokens.map((token) => DIGITS[token] ?? token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('');
  if (new Set(tokens.filter((token) => token in DIGITS)).size < tokens.filter((token) => token in DIGITS).length) {
    return undefined;
  }
  const pattern = new RegExp(`^${source}$`);
  return (value) => {
    const groups = pattern.exec(String(value))?.groups;
    if (groups === undefined) return undefined;
    const part = (name: string, otherwise: number): number => Number(groups[name] ?? otherwise);
    const [year, month, day] = [part('year', 0), part('month', 1), part('day', 1)];
    const [hour, minute, second] = [part('hour', 0), part('minute', 0), part('second', 0)];
    const localMs = Date.UTC(year, month - 1, day, hour, minute, second, part('milli', 0));
    const local = new Date(localMs);
    const isReal = local.getUTCMonth() === month - 1 && local.getUTCDate() === day && local.getUTCHours() === hour;
    return isReal && minute < 60 && second < 60 ? toIso(localToUtc(localMs, offsetAt)) : undefined;
  };
}

function isoReader(offsetAt: (ms: number) => number): MomentReader {
  return (value) => {
    const text = String(value).trim();
    const { year, month, day } = ISO.exec(text)?.groups ?? {};
    // Of 31 April the machine makes 1 May.
    const isReal = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
    if (!isReal) return undefined;
    const joined = text
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
    if (HAS_OFFSET.test(text) && text.length > 10) return toIso(Date.parse(joined));
    const localMs = Date.parse(joined.length === 10 ? `${joined}T00:00Z` : `${joined}Z`);
    return Number.isNaN(localMs) ? undefined : toIso(localToUtc(localMs, offsetAt));
  };
}

function epochReader(factor: number): MomentReader {
  return (value) =>
    typeof value === 'string' && value.trim() === '' ? undefined : toIso(Math.round(Number(value) * factor));
}

/**
 * Takes a format and the zone of times without an offset; gives what reads such moments, undefined where the format is
 * none: `iso`, `epochSeconds`, `epochMillis`, or a pattern of yyyy MM dd HH mm ss SSS and characters between.
 */
export function momentReader(format: string, zone: string): MomentReader | undefined {
  if (format === 'epochSeconds') return epochReader(1_000);
  if (format === 'epochMillis') return epochReader(1);
  const offsetAt = offsetReader(zone);
  return format === 'iso' ? isoReader(offsetAt) : patternReader(format, offsetAt);
}
