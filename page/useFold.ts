// Who used what when, folded from exports: one period each, a day from the gateway's database or whatever a file covers.
// Rows are added up and not kept, so that a month needs the memory of what was asked, not of how often. Pure.
import type { UsageExport } from '../contracts/usageExport.ts';
import type { ShownCaller, ShownUse, UsePeriod, UseState } from './pageWords.ts';

interface Period {
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  readonly gaps: number;
}

interface CallerUse {
  readonly kind: 'key' | 'client';
  readonly name: string;
  readonly version: string | undefined;
  count: number;
  lastSeen: string;
  readonly operations: Map<string, { readonly name: string; count: number }>;
}

interface ElementUse {
  /** By period, in the order in which they were added; what is missing is 0. */
  readonly counts: number[];
  readonly callers: Map<string, CallerUse>;
}

const CALLERS_SHOWN_MAX = 30;
const OPERATIONS_SHOWN_MAX = 5;
const HASH_DIGITS_SHOWN = 12;

/** Uses of several periods. */
export class UseFold {
  readonly periods: Period[] = [];
  readonly elements = new Map<string, ElementUse>();

  /** Adds a period; they come in the order of time. */
  add({ from, to, requests, gaps, rows }: UsageExport): void {
    const at = this.periods.push({ from, to, requests, gaps: gaps.length }) - 1;
    for (const { coordinate, caller, operation, count, lastSeen } of rows) {
      const element = this.#elementOf(coordinate);
      element.counts[at] = (element.counts[at] ?? 0) + count;
      const key = `${caller.kind} ${caller.name} ${caller.version ?? ''}`;
      let known = element.callers.get(key);
      if (known === undefined) {
        const { kind, name, version } = caller;
        known = { kind, name, version, count: 0, lastSeen, operations: new Map() };
        element.callers.set(key, known);
      }
      known.count += count;
      if (lastSeen > known.lastSeen) known.lastSeen = lastSeen;
      const name = operation.name ?? operation.hash.slice(0, HASH_DIGITS_SHOWN);
      const asked = known.operations.get(operation.hash) ?? { name, count: 0 };
      asked.count += count;
      known.operations.set(operation.hash, asked);
    }
  }

  #elementOf(coordinate: string): ElementUse {
    const known = this.elements.get(coordinate);
    if (known !== undefined) return known;
    const made = { counts: [], callers: new Map<string, CallerUse>() };
    this.elements.set(coordinate, made);
    return made;
  }
}

/** The use of a schema, of periods that are over and of one that goes on. */
export class KnownUse {
  readonly #folds: readonly UseFold[];
  readonly state: UseState & { kind: 'known' };

  /** Takes folds in the order of time, and in words where they come from. */
  constructor(folds: readonly UseFold[], because: string) {
    this.#folds = folds;
    const periods = folds.flatMap((fold) => fold.periods);
    const sum = (of: (period: Period) => number): number => periods.reduce((total, each) => total + of(each), 0);
    this.state = {
      kind: 'known',
      from: periods[0]?.from ?? '',
      to: periods.at(-1)?.to ?? '',
      requests: sum(({ requests }) => requests),
      gaps: sum(({ gaps }) => gaps),
      because,
    };
  }

  /** How many requests asked for an element. */
  countOf(coordinate: string): number {
    return this.#folds.reduce(
      (total, { elements }) =>
        (elements.get(coordinate)?.counts ?? []).reduce(
          (sum: number, each: number | undefined) => sum + (each ?? 0),
          total,
        ),
      0,
    );
  }

  /** Who asked for an element when. */
  useOf(coordinate: string): ShownUse {
    const periods = this.#folds.flatMap((fold) => periodsOf(fold, coordinate));
    const total = periods.reduce((sum, { count }) => sum + count, 0);
    const callers = joinCallers(this.#folds.map(({ elements }) => elements.get(coordinate)?.callers));
    return {
      state: this.state,
      total,
      share: this.state.requests === 0 ? 0 : total / this.state.requests,
      periods,
      callers: callers.slice(0, CALLERS_SHOWN_MAX).map(showCaller),
      callersTotal: callers.length,
      sentence: tellUse(periods, total, callers.length),
    };
  }
}

function periodsOf({ periods, elements }: UseFold, coordinate: string): UsePeriod[] {
  const counts = elements.get(coordinate)?.counts ?? [];
  return periods.map(({ from, to }, at) => ({ from, to, count: counts[at] ?? 0 }));
}

function joinCallers(maps: readonly (ReadonlyMap<string, CallerUse> | undefined)[]): CallerUse[] {
  const joined = new Map<string, CallerUse>();
  for (const [key, use] of maps.flatMap((map) => [...(map ?? [])])) {
    const known = joined.get(key) ?? {
      ...use,
      count: 0,
      operations: new Map<string, { name: string; count: number }>(),
    };
    joined.set(key, known);
    known.count += use.count;
    if (use.lastSeen > known.lastSeen) known.lastSeen = use.lastSeen;
    for (const [hash, { name, count }] of use.operations) {
      known.operations.set(hash, { name, count: count + (known.operations.get(hash)?.count ?? 0) });
    }
  }
  return [...joined.values()].sort((left, right) => right.count - left.count || (left.name < right.name ? -1 : 1));
}

function showCaller({ operations, ...caller }: CallerUse): ShownCaller {
  const most = [...operations.values()].sort((left, right) => right.count - left.count);
  return { ...caller, operations: most.slice(0, OPERATIONS_SHOWN_MAX) };
}

const dayOf = (moment: string): string => moment.slice(0, 10);
/** The last day before a moment. */
const dayBefore = (moment: string): string => dayOf(new Date(Date.parse(moment) - 1).toISOString());

/** The chart in one sentence. */
function tellUse(periods: readonly UsePeriod[], total: number, callers: number): string {
  const [first] = periods;
  const last = periods.at(-1);
  if (first === undefined || last === undefined) return 'No time was recorded.';
  const time = `from ${dayOf(first.from)} to ${dayBefore(last.to)}`;
  if (total === 0) return `Nobody asked for it ${time}.`;
  const number = (count: number): string => count.toLocaleString('en');
  const by = `${number(callers)} ${callers === 1 ? 'caller' : 'callers'}`;
  const sum = `Asked for ${number(total)} ${total === 1 ? 'time' : 'times'} by ${by} ${time}`;
  const most = periods.reduce((best, each) => (each.count > best.count ? each : best), first);
  const latest = periods.findLast(({ count }) => count > 0) ?? most;
  if (periods.length === 1) return `${sum}.`;
  return `${sum}; most on ${dayOf(most.from)} (${number(most.count)}), last on ${dayOf(latest.from)}.`;
}

/** What is shown of an element's use where none is known. */
export function unknownUse(state: UseState): ShownUse {
  const sentence = state.kind === 'known' ? '' : state.because;
  return { state, total: 0, share: 0, periods: [], callers: [], callersTotal: 0, sentence };
}
