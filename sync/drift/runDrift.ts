// A comparison from its databases to its report, with the repair of what it found where that is wanted: for the command
// line and for the nightly schedule.
import type { Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import { PayloadKeys } from '../payload/payloadKeys.ts';
import { readCron } from '../scheduler/cron.ts';
import type { ScheduledJob } from '../scheduler/executeRun.ts';
import { readDriftPairs } from './driftPairs.ts';
import { countLeft, measureDrift, type DriftParts, type PairReport } from './measureDrift.ts';
import { DriftRows } from './readRows.ts';
import { tellAgain } from './tellAgain.ts';

/** The name of the built-in schedule. */
export const DRIFT_SCHEDULE = 'drift';
/** How long a repair is waited for. */
const REPAIR_MS_MAX = 30_000;
const LOOK_EVERY_MS = 1_000;

/** What it works with. */
export interface DriftPlace {
  /** Any connection to the server of the subgraphs' databases. */
  readonly connection: Connection;
  readonly prefix: string;
  readonly tenantId: string;
  readonly clock: Clock;
}

/** What somebody may want of it. */
export interface DriftOptions {
  readonly isRepaired: boolean;
  readonly signal: AbortSignal;
  onProgress?(compared: number): void;
}

/** What it came to. */
export interface DriftReport {
  readonly pairs: readonly PairReport[];
  readonly differences: number;
  /** How many entities were told again; null: no repair was asked for. */
  readonly toldAgain: number | null;
  /** How many of the differing copies still differ: all of them without a repair. */
  readonly left: number;
}

async function waitUntilRight(findings: Awaited<ReturnType<typeof measureDrift>>, parts: DriftParts): Promise<number> {
  const endMs = parts.clock.steadyMs() + REPAIR_MS_MAX;
  for (;;) {
    const left = await countLeft(findings, parts);
    if (left === 0 || parts.signal.aborted || parts.clock.steadyMs() > endMs) return left;
    await new Promise<void>((resolve) => parts.clock.after(LOOK_EVERY_MS, resolve));
  }
}

/** Compares every copy with its owner, and repairs what differs where that is wanted. Rejects where the signal fires. */
export async function runDrift(place: DriftPlace, options: DriftOptions): Promise<DriftReport> {
  const { connection, prefix, tenantId, clock } = place;
  const client = connection.getClient();
  const db = (subgraph: string) => client.db(`${prefix}_${subgraph}`);
  const parts: DriftParts = { ...options, rows: new DriftRows(db, tenantId), clock };
  const findings = await measureDrift(readDriftPairs(), parts);
  const pairs = findings.map(({ report }) => report);
  const differences = pairs.reduce((sum, pair) => sum + pair.differences, 0);
  if (!options.isRepaired || differences === 0) {
    return { pairs, differences, toldAgain: options.isRepaired ? 0 : null, left: differences };
  }
  const teller = { db, tenantId, now: clock.now(), keys: new PayloadKeys({ connection, prefix, clock }) };
  let toldAgain = 0;
  for (const { pair, keys } of findings) toldAgain += await tellAgain(pair, keys, teller);
  return { pairs, differences, toldAgain, left: await waitUntilRight(findings, parts) };
}

/** Takes the place, when it is to run in UTC, and who is told the report; gives the schedule. Throws CronFault. */
export function driftJob(
  place: DriftPlace,
  { cron, isRepaired }: { readonly cron: string; readonly isRepaired: boolean },
  onReport: (report: DriftReport) => void,
): ScheduledJob {
  return {
    ...{ name: DRIFT_SCHEDULE, due: readCron(cron, 'UTC'), misfire: 'fireOnceNow' },
    async run(context) {
      const { signal } = context;
      const countsOf = (read: number, written = 0) => ({ read, written, unchanged: 0, rejected: 0 });
      try {
        const report = await runDrift(place, {
          ...{ isRepaired, signal },
          onProgress: (compared) => context.onProgress(countsOf(compared)),
        });
        onReport(report);
        const compared = report.pairs.reduce((sum, pair) => sum + pair.compared, 0);
        return { outcome: 'done', counts: countsOf(compared, report.toldAgain ?? 0), rejectFile: null };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { outcome: 'stopped', counts: countsOf(0), rejectFile: null };
      }
    },
  };
}
