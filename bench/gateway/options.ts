// The command line of bench:gateway.
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { PEERS, type Peer } from './peers.ts';

/** What to measure. */
export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly connections: readonly number[];
  readonly only: readonly Peer[];
  /** The main.ts of our own gateway. */
  readonly gateway: string;
  readonly out?: string;
}

const OWN_GATEWAY = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

function readWhole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function readSeconds(text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value <= 600) return value;
  throw new InvalidArgumentError('It must be a number of seconds up to 600.');
}

function readPeers(text: string): readonly Peer[] {
  const known = new Map(PEERS.map((peer) => [peer.name, peer]));
  const names = text.split(',');
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`There is no ${unknown.join(', ')}; there are ${[...known.keys()].join(', ')}.`);
  }
  return PEERS.filter(({ name }) => names.includes(name));
}

/** The program; parsing throws CommanderError for wrong usage and for --help. */
export const program = new Command('bench:gateway')
  .description('compares gateways on this machine, on the same graph, in one run')
  .option('--rounds <n>', 'interleaved rounds; medians are given', readWhole(1, 100), 3)
  .option('--seconds <s>', 'how long each series is measured', readSeconds, 8)
  .option('--warm-up <s>', 'how long each series is warmed up before', readSeconds, 4)
  .addOption(
    new Option('--connections <list>', 'how many connections, as in 1,64')
      .argParser((text) => text.split(',').map(readWhole(1, 1_000)))
      .default([1, 64], '1,64'),
  )
  .addOption(
    new Option('--only <names>', `some of ${PEERS.map(({ name }) => name).join(', ')}`)
      .argParser(readPeers)
      .default(PEERS, 'all'),
  )
  .addOption(
    new Option('--gateway <file>', "our gateway's main.ts, to measure that of another checkout").default(
      OWN_GATEWAY,
      'that of this checkout',
    ),
  )
  .option('--out <folder>', 'where to write the results (bench/results, and nowhere where --only is given)')
  .allowExcessArguments(false)
  .exitOverride();
