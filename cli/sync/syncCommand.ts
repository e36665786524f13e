// `crm-graph sync …`: run, list, history, pause, resume, check, drift. Ends with 0 for done, 1 where something is left (rejected
// rows, a run that stopped, a source that cannot be read), 2 where it could not be done, 3 for wrong words.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import type { RunDocument } from '../../sync/commands/runSourceNow.ts';
import type { SyncDesk } from '../../sync/commands/syncDesk.ts';
import { printChecks, printDrift, printEnd, printHistory, printSchedules } from './printSync.ts';
import { showProgress } from './showProgress.ts';

const DONE = 0;
const LEFT = 1;
const NOT_DONE = 2;
const RUNS_SHOWN = 20;
const RUNS_SHOWN_MAX = 1_000;

interface Common {
  readonly json?: boolean;
}

function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}

function complain(error: unknown): number {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof ConfigError ? error.faults.join('\n') : text}\n`);
  return NOT_DONE;
}

function readCount(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1 && number <= RUNS_SHOWN_MAX) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${RUNS_SHOWN_MAX}.`);
}

/** Gives a signal that Ctrl-C fires: the run stops at its next batch; a second one ends the process at once. */
function stopOnInterrupt(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(NOT_DONE);
      process.stderr.write('\nstopping at the next batch; once more to stop at once\n');
      stop.abort();
    });
  }
  return stop.signal;
}

function codeOf({ outcome, counts }: RunDocument): number {
  if (outcome === 'failed') return NOT_DONE;
  return outcome === 'done' && counts.rejected === 0 ? DONE : LEFT;
}

/** Opens the desk; only now: wrong usage and help need no database driver, which takes its time to load. */
async function atDesk(task: (desk: SyncDesk) => Promise<number>): Promise<number> {
  const { withSyncDesk } = await import('../../sync/commands/syncDesk.ts');
  return withSyncDesk(task);
}

async function run(name: string, { json, fromStart }: Common & { fromStart?: boolean }): Promise<number> {
  const { runSourceNow } = await import('../../sync/commands/runSourceNow.ts');
  const progress = showProgress(process.stderr);
  const stop = stopOnInterrupt();
  return atDesk(async (desk) => {
    const { row, fault } = await runSourceNow(desk, name, {
      ...{ stop, isFromStart: fromStart === true, clock: systemClock },
      onProgress: (now) => progress.show(now),
      onWaiting: () => process.stderr.write(`${name} was held by another process; looking whether that still lives\n`),
    }).finally(() => progress.end());
    print(json, row, printEnd(row));
    if (row.errorCode === 'INTERNAL_ERROR') throw fault;
    return codeOf(row);
  });
}

function drift({ json, repair }: Common & { repair?: boolean }): Promise<number> {
  const signal = stopOnInterrupt();
  return atDesk(async (desk) => {
    const { driftNow } = await import('../../sync/commands/driftNow.ts');
    const report = await driftNow(desk, { isRepaired: repair === true, signal });
    print(json, report, printDrift(report));
    return report.left === 0 ? DONE : LEFT;
  });
}

function pause(name: string, isPaused: boolean): Promise<number> {
  return atDesk(async (desk) => {
    const { pauseSchedule } = await import('../../sync/commands/schedules.ts');
    await pauseSchedule(desk, name, isPaused);
    const going = 'goes on; what was missed is for its misfire policy';
    process.stdout.write(`${name} ${isPaused ? 'is paused; a run that has begun goes on to its end' : going}\n`);
    return DONE;
  });
}

/** Takes who is told the exit code; gives the command for `cli/main.ts`. */
export function syncCommand(finish: (code: number) => void): Command {
  const sync = new Command('sync').description('read outside sources, now or by schedule').exitOverride();
  const end = async (task: () => Promise<number>): Promise<void> => {
    try {
      finish(await task());
    } catch (error) {
      if (error instanceof CommanderError) throw error;
      finish(complain(error));
    }
  };
  const verb = (name: string, description: string): Command =>
    sync.command(name).description(description).option('--json', 'print JSON for programs');
  verb('run', 'read a source now, from where it was read to; ends with 1 where rows were rejected or it was stopped')
    .argument('<source>')
    .option('--from-start', 'read it from the beginning')
    .action((name: string, options: Common & { fromStart?: boolean }) => end(() => run(name, options)));
  verb('list', 'show the sources, when they run and how they last ended').action(({ json }: Common) =>
    end(() =>
      atDesk(async (desk) => {
        const { listSchedules } = await import('../../sync/commands/schedules.ts');
        const shown = await listSchedules(desk);
        print(json, shown, printSchedules(shown));
        return DONE;
      }),
    ),
  );
  verb('history', 'show the newest runs')
    .argument('[source]')
    .addOption(new Option('--last <n>', 'so many').argParser(readCount).default(RUNS_SHOWN))
    .action((name: string | undefined, { json, last }: Common & { last: number }) =>
      end(() =>
        atDesk(async (desk) => {
          const { readHistory } = await import('../../sync/commands/schedules.ts');
          const runs = await readHistory(desk, name, last);
          print(json, runs, printHistory(runs));
          return DONE;
        }),
      ),
    );
  sync
    .command('pause')
    .description('let a schedule rest')
    .argument('<source>')
    .action((name: string) => end(() => pause(name, true)));
  sync
    .command('resume')
    .description('let a paused schedule go on')
    .argument('<source>')
    .action((name: string) => end(() => pause(name, false)));
  verb('drift', 'compare copies with their owners while both change; ends with 1 where some differ')
    .option('--repair', 'make them right')
    .action((options: Common & { repair?: boolean }) => end(() => drift(options)));
  verb('check', 'check the file of sources and whether each can be read; ends with 1 where one cannot')
    .argument('[sources...]')
    .action((names: string[], { json }: Common) =>
      end(() =>
        atDesk(async (desk) => {
          const { checkSources } = await import('../../sync/commands/schedules.ts');
          const checks = await checkSources(desk, names, stopOnInterrupt());
          print(json, checks, printChecks(checks));
          return checks.every(({ fault }) => fault === null) ? DONE : LEFT;
        }),
      ),
    );
  return sync;
}
