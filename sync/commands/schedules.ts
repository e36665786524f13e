// What can be asked of schedules and said to them: which there are, when they run, how they ended, pausing, checking.
import { systemClock } from '../../platform/clock.ts';
import type { SourceDefinition } from '../connectors/readSyncConfig.ts';
import { SourceFault } from '../connectors/connector.ts';
import { DRIFT_SCHEDULE } from '../drift/runDrift.ts';
import { readCron } from '../scheduler/cron.ts';
import type { RunDocument, RunOutcome } from '../scheduler/scheduleStore.ts';
import { sourceNamed, SyncRefusal, type SyncDesk } from './syncDesk.ts';

/** A schedule as it is shown. */
export interface ShownSchedule {
  readonly name: string;
  /** Null: it is run by hand alone. */
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly misfire: string | null;
  readonly isPaused: boolean;
  readonly nextAt: string | null;
  readonly lastAt: string | null;
  readonly lastOutcome: RunOutcome | null;
  readonly lastRead: number | null;
}

/** What a schedule is, apart from what it runs. */
interface ScheduleSummary {
  readonly name: string;
  readonly schedule: { readonly cron: string; readonly timeZone: string; readonly misfire: string } | undefined;
}

function builtIn({ config }: SyncDesk): ScheduleSummary {
  return { name: DRIFT_SCHEDULE, schedule: { cron: config.CRM_DRIFT_CRON, timeZone: 'UTC', misfire: 'fireOnceNow' } };
}

async function showOne(desk: SyncDesk, { name, schedule }: ScheduleSummary): Promise<ShownSchedule> {
  const [known] = await desk.store.read([name]);
  const [last] = await desk.store.history(name, 1);
  const isPaused = known !== undefined && known.pausedAt !== null;
  const { cron = null, timeZone = null, misfire = null } = schedule ?? {};
  const nextMs =
    cron === null || timeZone === null || isPaused
      ? undefined
      : readCron(cron, timeZone).nextAfter(Math.max(systemClock.now().getTime(), known?.decidedAt.getTime() ?? 0));
  return {
    ...{ name, cron, timeZone, misfire, isPaused },
    nextAt: nextMs === undefined ? null : new Date(nextMs).toISOString(),
    lastAt: last?.startedAt.toISOString() ?? null,
    lastOutcome: last?.outcome ?? null,
    lastRead: last?.counts.read ?? null,
  };
}

/** Takes the desk; gives all sources with their schedules, and the built-in schedule. */
export function listSchedules(desk: SyncDesk): Promise<ShownSchedule[]> {
  return Promise.all([...desk.sources.values(), builtIn(desk)].map((source) => showOne(desk, source)));
}

/** Takes the desk, a name or none, and how many; gives the newest runs, the newest first. Throws SyncRefusal. */
export async function readHistory(desk: SyncDesk, name: string | undefined, limit: number): Promise<RunDocument[]> {
  if (name !== undefined && name !== DRIFT_SCHEDULE && (await desk.store.read([name])).length === 0)
    sourceNamed(desk, name);
  return desk.store.history(name, limit);
}

/** Takes the desk, a schedule's name and whether it is to rest. Throws SyncRefusal where there is none. */
export async function pauseSchedule(desk: SyncDesk, name: string, isPaused: boolean): Promise<void> {
  const now = systemClock.now();
  if ((await desk.store.read([name])).length === 0) {
    if (name !== DRIFT_SCHEDULE && sourceNamed(desk, name).schedule === undefined)
      throw new SyncRefusal(`${name} has no schedule`);
    await desk.store.ensure([name], now);
  }
  await desk.store.pause(name, isPaused ? now : null);
}

/** What a check of a source came to. */
export interface SourceCheck {
  readonly name: string;
  /** Null: it can be read. */
  readonly fault: string | null;
}

async function checkOne(desk: SyncDesk, definition: SourceDefinition, signal: AbortSignal): Promise<SourceCheck> {
  const { name, schedule, basePath } = definition;
  const deps = desk.openDeps();
  const connector = definition.open({
    clock: systemClock,
    readSecret: (secret) => deps.readSecret(secret, basePath),
  });
  try {
    if (schedule !== undefined) readCron(schedule.cron, schedule.timeZone);
    await connector.check(signal);
    return { name, fault: null };
  } catch (error) {
    if (error instanceof SourceFault || (error instanceof Error && error.name === 'CronFault'))
      return { name, fault: error.message };
    throw error;
  } finally {
    await connector.close();
  }
}

/** Takes the desk and names, or none for all; gives what the check of each came to. Throws SyncRefusal. */
export async function checkSources(
  desk: SyncDesk,
  names: readonly string[],
  stop: AbortSignal,
): Promise<SourceCheck[]> {
  const chosen = names.length === 0 ? [...desk.sources.values()] : names.map((name) => sourceNamed(desk, name));
  return Promise.all(chosen.map((definition) => checkOne(desk, definition, stop)));
}
