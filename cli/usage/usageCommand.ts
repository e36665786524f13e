// `crm-graph usage …`: what gateways counted of the use of the schema, out of their database. `export` makes a file for
// checks without a database, `show` tells who asked for one element. Ends with 0 for done, 2 where it could not be done,
// 3 for wrong words.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { UsageExport } from '../../contracts/usageExport.ts';
import { ConfigError, readConfig } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import { printShown, printWritten } from './printUsage.ts';
import { addPeriodOptions, periodOf, type PeriodOptions } from './usagePeriod.ts';
import { writeUsage } from './writeUsage.ts';

const DONE = 0;
const NOT_DONE = 2;
const WRONG_USAGE = 3;
const COORDINATE = /^(@\w+(\(\w+:\))?|\w+(\{\}|\|\w+)?|\w+\.\w+(\(\w+:\))?)$/;

function readCoordinate(text: string): string {
  if (COORDINATE.test(text)) return text;
  throw new InvalidArgumentError(
    'It looks like Type.field, Type.field(argument:), Enum.VALUE, Input.field or @directive.',
  );
}

function complain(error: unknown): number {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  process.stderr.write(`${error instanceof ConfigError ? error.faults.join('\n') : message}\n`);
  return error instanceof InvalidArgumentError ? WRONG_USAGE : NOT_DONE;
}

/** Says how far it is where a person looks on. */
function tellProgress(buckets: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rread ${buckets.toLocaleString('en')} minutes of callers `);
}

async function read(options: PeriodOptions): Promise<UsageExport> {
  const period = periodOf(options, systemClock.now());
  const config = readConfig();
  // Only now: wrong usage and help need no database driver, which takes its time to load.
  const { readUsage } = await import('../../usage/mongoUsage.ts');
  const usage = await readUsage(config, period, tellProgress);
  if (process.stderr.isTTY) process.stderr.write('\n');
  return usage;
}

async function exportUsage({ out, ...options }: PeriodOptions & { readonly out: string }): Promise<number> {
  const usage = await read(options);
  await writeUsage(usage, out);
  process.stdout.write(printWritten(usage, out));
  return DONE;
}

async function show(coordinate: string, options: PeriodOptions & { readonly json?: boolean }): Promise<number> {
  const usage = await read(options);
  const rows = usage.rows.filter((row) => row.coordinate === coordinate);
  const { from, to, gaps, requests } = usage;
  const text = printShown(coordinate, usage, rows);
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ coordinate, from, to, gaps, requests, rows })}\n` : text,
  );
  return DONE;
}

/** Takes who is told the exit code; gives the command for `cli/main.ts`. */
export function usageCommand(finish: (code: number) => void): Command {
  const usage = new Command('usage').description('see who asks for what of the schema').exitOverride();
  const run = async (task: () => Promise<number>): Promise<void> => {
    try {
      finish(await task());
    } catch (error) {
      if (error instanceof CommanderError && !(error instanceof InvalidArgumentError)) throw error;
      finish(complain(error));
    }
  };
  addPeriodOptions(usage.command('export').description('write what was asked to a file: checks need no database then'))
    .requiredOption('--out <file>', 'the file')
    .action((options: PeriodOptions & { readonly out: string }) => run(() => exportUsage(options)));
  addPeriodOptions(usage.command('show').description('show who asked for an element of the schema, when, how often'))
    .argument('<coordinate>', 'as Customer.email, Query.orders(first:) or Channel.FAX', readCoordinate)
    .option('--json', 'print JSON for programs')
    .action((coordinate: string, options: PeriodOptions & { readonly json?: boolean }) =>
      run(() => show(coordinate, options)),
    );
  return usage;
}
