// Which time a command on usage is about, as its options say it.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { UsagePeriod } from '../../usage/mongoUsage.ts';

/** The options of a period, as commander gives them. */
export interface PeriodOptions {
  readonly days?: number;
  readonly from?: Date;
  readonly to?: Date;
}

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;
const DAYS_MAX = 3_650;
/** A day, or a moment that says its time zone: a local one would mean something else elsewhere. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isSafeInteger(days) && days >= 1 && days <= DAYS_MAX) return days;
  throw new InvalidArgumentError(`It is a whole number from 1 to ${DAYS_MAX}.`);
}

function readMoment(text: string): Date {
  const moment = new Date(text);
  if (MOMENT.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError('It looks like 2026-11-01 or 2026-11-01T08:30Z.');
}

/** Adds the options of a period to a command. */
export function addPeriodOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--days <n>', `the last days up to now (${DAYS_DEFAULT} by default)`)
        .argParser(readDays)
        .conflicts(['from', 'to']),
    )
    .option('--from <moment>', 'from then on, as 2026-11-01 or 2026-11-01T08:30Z', readMoment)
    .option('--to <moment>', 'up to then; now without', readMoment);
}

/** Takes the options and the moment; gives the period. Throws InvalidArgumentError where it is none. */
export function periodOf({ days, from, to }: PeriodOptions, now: Date): UsagePeriod {
  const end = to ?? now;
  const begin = from ?? new Date(end.getTime() - (days ?? DAYS_DEFAULT) * DAY_MS);
  if (begin.getTime() >= end.getTime()) throw new InvalidArgumentError('--from has to be before --to.');
  return { from: begin, to: end };
}
