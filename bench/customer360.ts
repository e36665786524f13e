// Measures the Customer 360 golden query against a running gateway: `npm run bench:360 -- --customers N`. Prints the
// figures and writes them, with the machine they are of, to bench/results. How to read them: bench/README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { keyHeaders } from '../cli/clientKey.ts';
import { systemClock } from '../platform/clock.ts';
import { readConfig } from '../platform/config.ts';
import { DEFAULT_SEED, drawFor, makeWorld } from '../seed/make/world.ts';
import { seededCustomerId } from '../seed/seedGraph.ts';
import { CustomerAsker, WrongAnswer } from './askCustomer.ts';
import { figuresLine } from './figures.ts';
import { measureFetches, measureLoad, type FetchFigures, type Load } from './measure.ts';

const WARM_UP_REQUESTS = 200;
const EXPLAINED_REQUESTS = 100;
const WRONG_USAGE = 3;

interface Options {
  readonly url: URL;
  readonly requests: number;
  readonly connections: number;
  readonly customers: number;
  readonly seed: number;
  readonly tenant: string;
  readonly out?: string;
  readonly keyFile?: string;
}

interface Result {
  readonly measuredAt: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly customers: number;
  readonly oneAtATime: Load;
  readonly sideBySide: Load;
  readonly fetches: readonly FetchFigures[];
}

function readWhole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function readUrl(text: string): URL {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return new URL(text);
  throw new InvalidArgumentError('It must be a URL like http://127.0.0.1:4000/graphql.');
}

const localGateway = new URL(`http://127.0.0.1:${readConfig().CRM_GATEWAY_PORT}/graphql`);

const program = new Command('bench:360')
  .description('measures the Customer 360 of a running gateway whose data were seeded')
  .option('--url <url>', 'the gateway (CRM_GATEWAY_PORT on this machine by default)', readUrl, localGateway)
  .option('--requests <n>', 'requests of each way of sending', readWhole(1, 1_000_000), 2_000)
  .option('--connections <c>', 'open requests when sent side by side', readWhole(1, 1_000), 8)
  .option(
    '--customers <n>',
    'how many customers were seeded: all over them are asked for',
    readWhole(1, 5_000_000),
    500,
  )
  .option('--seed <s>', 'the seed of the data', readWhole(0, 2 ** 32 - 1), DEFAULT_SEED)
  .option('--tenant <id>', 'the tenant of the data', 'main')
  .option('--out <file>', 'where to write the figures (bench/results/<date>T<time>-customer360.json by default)')
  .option('--key-file <file>', 'a file with the key to show; CRM_API_KEY or the key of npm start without it')
  .allowExcessArguments(false)
  .exitOverride();

/** Gives ids all over the seeded customers, the same for the same options. */
function chooseIds({ customers, seed, tenant }: Options, count: number, part: number): string[] {
  const draw = drawFor(makeWorld(tenant, seed, 0), 'cus', 0xbe0c + part);
  return Array.from({ length: count }, () => seededCustomerId(tenant, draw.whole(0, customers - 1), seed));
}

async function measure(options: Options): Promise<Result> {
  const { url, requests, connections, customers } = options;
  const asker = new CustomerAsker(url, connections, keyHeaders(url.href, options.keyFile));
  try {
    await measureLoad(asker, chooseIds(options, Math.min(requests, WARM_UP_REQUESTS), 0), connections);
    const oneAtATime = await measureLoad(asker, chooseIds(options, requests, 1), 1);
    const sideBySide = await measureLoad(asker, chooseIds(options, requests, 2), connections);
    const fetches = await measureFetches(asker, chooseIds(options, Math.min(requests, EXPLAINED_REQUESTS), 3));
    const machine = {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    };
    return { measuredAt: systemClock.now().toISOString(), machine, customers, oneAtATime, sideBySide, fetches };
  } finally {
    await asker.close();
  }
}

function describeLoad(name: string, load: Load): string {
  return `${name.padEnd(18)} ${figuresLine(load)}, ${load.requestsPerSecond.toFixed(1)} requests/s`;
}

function describeResult({ machine, customers, oneAtATime, sideBySide, fetches }: Result): string {
  const places = fetches.map((fetch) => {
    const place = `${fetch.subgraph} ${fetch.path === '' ? '(root)' : fetch.path}`;
    return `  ${place.padEnd(46)} ${figuresLine(fetch)}, ${fetch.databaseCommands} database command${fetch.databaseCommands === 1 ? '' : 's'}`;
  });
  return [
    `Customer 360 on ${customers} customers; ${machine.cores} cores of ${machine.cpu}, node ${machine.node}`,
    describeLoad('one at a time', oneAtATime),
    describeLoad(`${sideBySide.connections} side by side`, sideBySide),
    ...(places.length > 0
      ? ['fetches, one request at a time:', ...places]
      : ['fetches: this gateway does not explain; start it with CRM_EXPLAIN_ALLOWED=true']),
    '',
  ].join('\n');
}

function write(result: Result, out: string | undefined): string {
  const named = new URL(`results/${result.measuredAt.slice(0, 16).replace(':', '')}-customer360.json`, import.meta.url);
  const file = out ?? fileURLToPath(named);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return file;
}

function describeFault(error: unknown, { url }: Options): string {
  if (error instanceof WrongAnswer) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return `nothing answers at ${url.href} (${code}); start the graph with npm start, or give its --url`;
}

try {
  const options = program.parse().opts<Options>();
  try {
    const result = await measure(options);
    process.stdout.write(describeResult(result));
    process.stdout.write(`written to ${write(result, options.out)}\n`);
  } catch (error) {
    process.stderr.write(`bench: ${describeFault(error, options)}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
}
