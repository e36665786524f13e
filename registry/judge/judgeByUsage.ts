// Whether anybody who counts would notice a breaking change: by what the gateway recorded. No record is no proof, and
// neither is one with gaps: the verdict stays then.
import type { UsageExport, UsageRow } from '../../contracts/usageExport.ts';
import type { AffectedCaller, UsageFinding } from '../finding.ts';

/** From when on use counts, and how much of it does not. */
export interface UsageThresholds {
  readonly days: number;
  /** Requests in the period that a change may break. */
  readonly countMax: number;
  /** Their share of all requests of the period, in percent. */
  readonly percentMax: number;
  /** Names of callers that do not count. */
  readonly excluded: readonly string[];
}

const DAY_MS = 86_400_000;
/** An older record says nothing of who came since. */
const AGE_MAX_MS = 2 * DAY_MS;

/** Says why a record is no proof, undefined where it is. */
export function gapOf(usage: UsageExport, days: number, now: Date): string | undefined {
  const [from, to] = [Date.parse(usage.from), Date.parse(usage.to)];
  if (now.getTime() - to > AGE_MAX_MS) return `the record ends at ${usage.to}, more than two days ago`;
  const start = to - days * DAY_MS;
  // A minute is what is counted in.
  if (from > start + 60_000) return `the record begins at ${usage.from} and does not cover ${days} days`;
  const gap = usage.gaps.find((each) => Date.parse(each.to) > start);
  return gap && `nothing is known of ${gap.from} to ${gap.to}`;
}

function addUp(rows: readonly UsageRow[]): AffectedCaller[] {
  const callers = new Map<string, { row: UsageRow; lastSeen: string; operations: Map<string, UsageRow> }>();
  for (const row of rows) {
    const key = JSON.stringify([row.caller.kind, row.caller.name, row.caller.version]);
    const known = callers.get(key) ?? { row, lastSeen: row.lastSeen, operations: new Map<string, UsageRow>() };
    callers.set(key, known);
    if (row.lastSeen > known.lastSeen) known.lastSeen = row.lastSeen;
    // One request that uses several of the elements is one request; one of another operation of the text is another.
    const name = JSON.stringify([row.operation.hash, row.operation.name, row.contract]);
    const operation = known.operations.get(name);
    if (operation === undefined || operation.count < row.count) known.operations.set(name, row);
  }
  return [...callers.values()]
    .map(({ row, lastSeen, operations }) => {
      const told = [...operations.values()].map(({ operation, count }) => ({ ...operation, count }));
      const { kind, name, version } = row.caller;
      const count = told.reduce((sum, each) => sum + each.count, 0);
      return { kind, name, version, count, lastSeen, operations: told.sort((left, right) => right.count - left.count) };
    })
    .sort((left, right) => right.count - left.count);
}

/** Takes the rows that a change breaks; gives who would notice, and whether that is few enough. */
export function judgeByUsage(
  rows: readonly UsageRow[],
  usage: UsageExport,
  thresholds: UsageThresholds,
  now: Date,
): UsageFinding {
  const { days, countMax, percentMax, excluded } = thresholds;
  const start = Date.parse(usage.to) - days * DAY_MS;
  const counted = rows.filter(
    ({ lastSeen, caller }) => Date.parse(lastSeen) >= start && !excluded.includes(caller.name),
  );
  const affected = addUp(counted);
  const count = affected.reduce((sum, caller) => sum + caller.count, 0);
  const share = usage.requests === 0 ? 0 : count / usage.requests;
  const gap = gapOf(usage, days, now);
  const told = count === 0 ? 'nobody used it' : `${count} of ${usage.requests} requests used it`;
  if (gap !== undefined) return { isExcused: false, because: `${told}, but ${gap}`, share, affected };
  const isExcused = count <= countMax || share * 100 < percentMax;
  return { isExcused, because: `${told} in ${days} days`, share, affected };
}
