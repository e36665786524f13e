// Compares gateways: `npm run bench:gateway`. Every peer once a round, several rounds, medians; the table is printed and
// written with a chart to bench/results. How to read it: bench/gateway/README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { installPeers } from './installPeers.ts';
import { openGraphUnderTest, type GraphUnderTest } from './measure/graphUnderTest.ts';
import { measurePeer, type PeerRound } from './measure/measurePeer.ts';
import { canPin } from './measure/pinned.ts';
import { listSeries } from './measure/series.ts';
import { program, type Options } from './options.ts';
import { PEERS, type Peer } from './peers.ts';
import { drawChart } from './report/drawChart.ts';
import { summarize } from './report/summarize.ts';
import { writeMarkdown, type Comparison } from './report/writeMarkdown.ts';

const WRONG_USAGE = 3;
/** As a shell reports a process that was interrupted. */
const STOPPED = 130;
const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

interface Record {
  readonly peer: Peer;
  readonly rounds: PeerRound[];
  readonly faults: string[];
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function describeRound({ coldStartMs, peakMb, series }: PeerRound): string {
  const parts = Object.entries(series).map(([name, { requestsPerSecond, p50Ms, p99Ms, calls }]) => {
    return `${name} ${requestsPerSecond.toFixed(0)}/s p50 ${p50Ms.toFixed(2)} p99 ${p99Ms.toFixed(1)} ms, ${calls.toFixed(1)} calls`;
  });
  return [`start ${coldStartMs.toFixed(0)} ms, ${peakMb.toFixed(0)} MB`, ...parts].join(' | ');
}

async function measureRounds(options: Options, graph: GraphUnderTest, records: readonly Record[]): Promise<void> {
  const series = listSeries(options.connections);
  const durations = { seconds: options.seconds, warmUpSeconds: options.warmUp };
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { peer, rounds, faults } of records) {
      // A peer that cannot run at all is not asked again.
      if (rounds.length === 0 && faults.length > 0) continue;
      try {
        const measured = await measurePeer(peer, graph, series, durations);
        rounds.push(measured);
        say(`round ${round}/${options.rounds} ${peer.name}: ${describeRound(measured)}`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        faults.push(reason);
        say(`round ${round}/${options.rounds} ${peer.name} does not count: ${reason}`);
      }
    }
  }
}

async function compare(options: Options): Promise<Comparison> {
  const records = options.only.map((peer): Record => ({ peer, rounds: [], faults: [] }));
  const missing = await installPeers(options.only, say);
  for (const { peer, faults } of records) if (peer.installed && missing !== undefined) faults.push(missing);
  const measuredAt = systemClock.now().toISOString();
  const graph = await openGraphUnderTest(resolve(options.gateway));
  try {
    await measureRounds(options, graph, records);
  } finally {
    await graph.close();
  }
  const [{ model = 'unknown' } = {}, { length }] = [cpus()[0], cpus()];
  return {
    measuredAt,
    command: ['npm run bench:gateway --', ...process.argv.slice(2)].join(' '),
    machine: { cpu: model, cores: length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version },
    pinned: canPin,
    rounds: options.rounds,
    seconds: options.seconds,
    warmUpSeconds: options.warmUp,
    answerBytes: {
      nested: Buffer.byteLength(graph.references.nested),
      small: Buffer.byteLength(graph.references.small),
    },
    series: listSeries(options.connections),
    peers: records.map(({ peer, rounds, faults }) => summarize(peer, rounds, faults)),
  };
}

function writeResults(comparison: Comparison, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const name = `${comparison.measuredAt.slice(0, 16).replace(':', '')}-gateway`;
  writeFileSync(join(folder, `${name}.md`), writeMarkdown(comparison, `${name}.svg`));
  writeFileSync(join(folder, `${name}.svg`), drawChart(comparison));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(comparison, undefined, 2)}\n`);
  return join(folder, `${name}.md`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(STOPPED));

try {
  const options = program.parse().opts<Options>();
  if (!canPin) say('bench: this machine cannot hold processes to a core each; the figures will be of little worth');
  const comparison = await compare(options);
  process.stdout.write(writeMarkdown(comparison, undefined));
  const folder = options.out ?? (options.only.length === PEERS.length ? RESULTS : undefined);
  if (folder !== undefined) say(`written to ${writeResults(comparison, folder)}`);
  if (comparison.peers.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else {
    say(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
