// `crm-graph events …`: parked, replay, drop, tail. Works on the subgraphs' databases and the broker beside running
// processes. Ends with 0 for done, 1 for refused, 2 where it could not be done, 3 for wrong words.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError, readConfig } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import type { EventsDesk, OutboxSelection, ParkedSelection } from '../../sync/commands/eventsDesk.ts';
import { parkedForPrograms, printParked } from './printEvents.ts';
import { tailEvents, type TailOptions } from './tailEvents.ts';

const DONE = 0;
const REFUSED = 1;
const NOT_DONE = 2;
const LISTED = 50;
const LISTED_MAX = 10_000;
const CONFIRMATION = 'drop';

class Refusal extends Error {}

interface SelectionOptions {
  readonly consumer?: string;
  readonly id?: string;
  readonly entity?: string;
  readonly type?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface ReplayOptions extends SelectionOptions {
  readonly outbox?: boolean;
  readonly since?: Date;
  readonly until?: Date;
  readonly again?: boolean;
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= LISTED_MAX) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LISTED_MAX}.`);
}

function readMoment(text: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError('It looks like 2026-03-01T10:00:00Z.');
}

function selectionOf({ consumer, id, entity: subject, type }: SelectionOptions): ParkedSelection {
  return { consumer, id, subject, type };
}

/** Refuses a command that would take all, unless that was said. */
function needsAim(options: SelectionOptions): void {
  const isAimed = [options.id, options.entity, options.type].some((each) => each !== undefined);
  if (isAimed === (options.all === true)) throw new Refusal('say which: --id, --entity or --type; or --all');
}

function complain(error: unknown): number {
  const isRefusal = error instanceof Refusal || (error instanceof Error && error.name === 'EventsRefusal');
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  process.stderr.write(`${error instanceof ConfigError ? error.faults.join('\n') : message}\n`);
  return isRefusal ? REFUSED : NOT_DONE;
}

async function atDesk<R>(task: (desk: EventsDesk) => Promise<R>): Promise<R> {
  const config = readConfig();
  // Only now: wrong usage and help need no database driver, which takes its time to load.
  const { withEventsDesk } = await import('../../sync/commands/eventsDesk.ts');
  return withEventsDesk(config, task);
}

function tell(json: boolean | undefined, value: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

async function parked(options: SelectionOptions & { readonly last: number }): Promise<number> {
  const { rows, isCut } = await atDesk((desk) => desk.parked(selectionOf(options), options.last));
  const json = rows.map((row) => `${JSON.stringify(parkedForPrograms(row))}\n`).join('');
  process.stdout.write(options.json === true ? json : printParked(rows, isCut, systemClock.now()));
  return DONE;
}

async function replay(options: ReplayOptions): Promise<number> {
  const { consumer, entity: subject, type, since, until, outbox, again = false, json } = options;
  const isRange = since !== undefined || until !== undefined;
  if (outbox !== true) {
    if (isRange || again) throw new Refusal('--since, --until and --again go with --outbox');
    needsAim(options);
    const count = await atDesk((desk) => desk.replayParked(selectionOf(options)));
    tell(json, { replayed: count }, `${count} parked events go to their consumers again`);
    return DONE;
  }
  if (consumer === undefined) throw new Refusal('--outbox goes to one consumer: name it by --consumer');
  if (!isRange) needsAim(options);
  const selection: OutboxSelection = { subject, type, since, until };
  const count = await atDesk((desk) => desk.replayOutbox(consumer, selection, again));
  tell(json, { replayed: count }, `${count} events of the outboxes go to ${consumer} again`);
  return DONE;
}

async function drop(options: SelectionOptions & { readonly confirm?: string }): Promise<number> {
  needsAim(options);
  return atDesk(async (desk) => {
    if (options.confirm !== CONFIRMATION) {
      const { rows, isCut } = await desk.parked(selectionOf(options), LISTED_MAX);
      const count = `${rows.length}${isCut ? ' or more' : ''}`;
      throw new Refusal(`${count} parked events would be gone for good: add --confirm ${CONFIRMATION}`);
    }
    const count = await desk.drop(selectionOf(options));
    tell(options.json, { dropped: count }, `${count} parked events are gone`);
    return DONE;
  });
}

/** Takes who is told the exit code; gives the command for `cli/main.ts`. */
export function eventsCommand(finish: (code: number) => void): Command {
  const events = new Command('events')
    .description('look after events: parked ones, replays, the live feed')
    .exitOverride();
  const run = async (task: () => Promise<number>): Promise<void> => {
    try {
      finish(await task());
    } catch (error) {
      if (error instanceof CommanderError) throw error;
      finish(complain(error));
    }
  };
  const verb = (name: string, description: string): Command =>
    events.command(name).description(description).option('--json', 'print JSON for programs');
  const selecting = (name: string, description: string): Command =>
    verb(name, description)
      .option('--consumer <name>', 'of one consumer, as orders.customerNames')
      .option('--id <id>', 'one event')
      .option('--entity <id>', 'of one entity')
      .option('--type <type>', 'of one type, as crm.order.placed.v1');

  selecting('parked', 'list the events that consumers gave up, with the reason')
    .addOption(new Option('--last <n>', 'so many of each consumer').argParser(readCount).default(LISTED))
    .action((options: Parameters<typeof parked>[0]) => run(() => parked(options)));
  selecting('replay', 'hand events to consumers again: parked ones, or those that the outboxes still have')
    .option('--all', 'all parked events')
    .option('--outbox', 'what was sent in the last 24 hours, to one consumer')
    .addOption(new Option('--since <time>', 'with --outbox: from this time on').argParser(readMoment))
    .addOption(new Option('--until <time>', 'with --outbox: before this time').argParser(readMoment))
    .option('--again', 'with --outbox: also what the consumer applied already, to make a copy right')
    .action((options: ReplayOptions) => run(() => replay(options)));
  selecting('drop', 'forget parked events for good')
    .option('--all', 'all parked events')
    .option('--confirm <word>', `the word ${CONFIRMATION}`)
    .action((options: Parameters<typeof drop>[0]) => run(() => drop(options)));
  verb('tail', 'follow events as they are sent; personal fields stay sealed')
    .option('--type <prefix>', 'types that begin so, as crm.order')
    .option('--subject <id>', 'of one entity')
    .option('--after <position>', 'go on behind an event, by the position that --json shows')
    .addOption(new Option('--count <n>', 'end after so many').argParser(readCount))
    .action((options: TailOptions) =>
      run(async () => {
        await tailEvents(readConfig(), options);
        return DONE;
      }),
    );
  return events;
}
