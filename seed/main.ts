// The seed as a process: `node seed/main.ts --customers N`. Progress goes to standard error, the result to standard
// output. Ends with 0 when all is there, 1 after a fault, 3 for wrong usage, 130 when it was stopped.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ConfigError, readConfig } from '../platform/config.ts';
import { StartError } from '../platform/lifecycle.ts';
import type { SeedSummary } from './seedGraph.ts';
import { makeProgressShower, summaryLines } from './showProgress.ts';
import { DEFAULT_SEED, DEFAULT_UNTIL } from './make/world.ts';

const CUSTOMERS_MAX = 5_000_000;
const SEED_MAX = 2 ** 32 - 1;
const WRONG_USAGE = 3;
const STOPPED = 130;

interface Options {
  readonly customers: number;
  readonly seed: number;
  readonly until: string;
  readonly quiet?: true;
  readonly json?: true;
}

function readWhole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function readUntil(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : NaN;
  if (ms >= Date.UTC(2010, 0, 1) && ms < Date.UTC(2100, 0, 1)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('It must be a day from 2010 to 2099, like 2026-11-20.');
}

const program = new Command('seed')
  .description('fills the databases of customers, orders and marketing with made-up data; safe to stop and repeat')
  .requiredOption('--customers <n>', 'how many customers of this seed there should be', readWhole(1, CUSTOMERS_MAX))
  .option('--seed <s>', 'equal seeds give equal data', readWhole(0, SEED_MAX), DEFAULT_SEED)
  .option('--until <day>', 'the last day of the data', readUntil, DEFAULT_UNTIL)
  .option('--quiet', 'say nothing but faults')
  .option('--json', 'print the result as one line of JSON')
  .addHelpText(
    'after',
    '\nSettings: MONGODB_URI (the running embedded database, at CRM_MONGO_PORT, by default), CRM_DATABASE_PREFIX, CRM_TENANT_ID',
  )
  .allowExcessArguments(false)
  .exitOverride();

function print(summary: SeedSummary, { quiet, json }: Options): void {
  if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else if (quiet !== true) process.stdout.write(summaryLines(summary));
}

async function run(options: Options): Promise<number> {
  const config = readConfig();
  // Only now: wrong usage and help need no database driver, which takes its time to load.
  const { seedGraph } = await import('./seedGraph.ts');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const shower = makeProgressShower(process.stderr);
  const { customers, seed, until, quiet } = options;
  const summary = await seedGraph({
    // Without a server of one's own it is the embedded database, which `npm start` or `npm run mongo` runs.
    uri: config.MONGODB_URI ?? `mongodb://${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`,
    prefix: config.CRM_DATABASE_PREFIX,
    tenantId: config.CRM_TENANT_ID,
    customers,
    seed,
    until,
    signal: stop.signal,
    ...(quiet !== true && { onProgress: shower.show }),
  }).finally(shower.end);
  print(summary, options);
  return summary.isComplete ? 0 : STOPPED;
}

/** What to do about a server that does not answer: one that the person named, or the embedded database. */
function describeAbsence(line: string): string {
  const config = readConfig();
  if (config.MONGODB_URI !== undefined) return line;
  const place = `${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`;
  return `no embedded database runs at ${place}; start it (npm start, or npm run mongo), or name a server in MONGODB_URI`;
}

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.faults.join('\nseed: ');
  if (!(error instanceof Error)) return String(error);
  const [line = ''] = error.message.split('\n');
  if (error instanceof StartError) return describeAbsence(line);
  return `the database failed: ${line}; the same command goes on from here`;
}

try {
  process.exitCode = await run(program.parse().opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else {
    process.stderr.write(`seed: ${describe(error)}\n`);
    process.exitCode = 1;
  }
}
