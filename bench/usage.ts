// What counting the use of the schema costs: a gateway that counts beside two that do not, at full load, in rounds by
// turns; and what a million different texts hold. `npm run bench:usage` writes bench/results/<date>-usage.md and ends with
// 1 where a goal is missed. `-- --rounds N --seconds S` for other sizes.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { readWhole } from '../scripts/wholeOption.ts';
import { canPin } from './gateway/measure/pinned.ts';
import { countMillionTexts } from './usage/millionTexts.ts';
import { startRecordedGraph } from './usage/recordedGraph.ts';
import { sendRound, type Round } from './usage/sendRound.ts';

const GOALS = { costPercent: 3, heldMb: 30 };
const CONNECTIONS = 32;

const { rounds, seconds } = new Command('bench:usage')
  .description('Measures what counting the use of the schema costs; ends with 1 where a goal is missed.')
  .option('--rounds <count>', 'how often each gateway is measured', readWhole, 16)
  .option('--seconds <count>', 'how long each time', readWhole, 3)
  .parse()
  .opts<{ rounds: number; seconds: number }>();

function medianOf(series: readonly number[]): number {
  const sorted = series.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

type Name = 'on' | 'off' | 'control';

const NAMES: readonly Name[] = ['on', 'off', 'control'];

async function measure(): Promise<Record<Name, Round[]>> {
  const graph = await startRecordedGraph();
  try {
    const round = { connections: CONNECTIONS, seconds };
    const taken: Record<Name, Round[]> = { on: [], off: [], control: [] };
    for (const name of [...NAMES, ...NAMES]) await sendRound(graph[name], graph.requests, round);
    for (let at = 0; at < rounds; at++) {
      // The one that goes first changes, so that what the machine does meanwhile falls on all.
      const order = NAMES.map((_, place) => NAMES[(place + at) % NAMES.length] ?? 'off');
      for (const name of order) taken[name].push(await sendRound(graph[name], graph.requests, round));
    }
    return taken;
  } finally {
    await graph.stop();
  }
}

const rate = (series: readonly Round[]): number => medianOf(series.map(({ requestsPerSecond }) => requestsPerSecond));
const cpu = (series: readonly Round[]): number => medianOf(series.map(({ cpuMs }) => cpuMs));
/** By how many percent a series lies below another in throughput, and above it in processor time. */
const compare = (series: readonly Round[], other: readonly Round[]) => ({
  costPercent: (1 - rate(series) / rate(other)) * 100,
  cpuPercent: (cpu(series) / cpu(other) - 1) * 100,
});

const { on, off, control } = await measure();
const { costPercent, cpuPercent } = compare(on, off);
const noise = compare(control, off);
const memory = await countMillionTexts();
const isMet = costPercent <= GOALS.costPercent && memory.heldMb <= GOALS.heldMb;

const moment = systemClock.now().toISOString();
const row = (name: string, series: readonly Round[]): string =>
  `| ${name} | ${rate(series).toFixed(0)} | ${(cpu(series) * 1_000).toFixed(1)} |`;
const text = `# What counting the use of the schema costs

${moment}, \`npm run bench:usage\`, ${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}. Gateways with
keys over one subgraph, which answers at once, all running${canPin ? ' and held to one core' : ''}; load, subgraph and database ${canPin ? 'on another core' : 'beside them'}. 50 keys, 20
operations with an input object and an enum in their variables, ${CONNECTIONS} connections, no two requests equal. ${rounds} rounds of ${seconds} s each,
by turns; medians.

| counting | requests a second | µs of processor a request |
| --- | --: | --: |
${row('on', on)}
${row('off', off)}
${row('off, another one', control)}

| | measured | goal |
| --- | --: | --: |
| throughput that counting costs, of medians | ${costPercent.toFixed(1)} % | ${GOALS.costPercent} % |
| processor time a request that it costs | ${cpuPercent.toFixed(1)} % | |
| the same two between the gateways that do not count: what this run cannot tell | ${noise.costPercent.toFixed(1)} %, ${noise.cpuPercent.toFixed(1)} % | |
| held by the counts after ${memory.texts.toLocaleString('en')} different texts, none written | ${memory.heldMb.toFixed(1)} MB | ${GOALS.heldMb} MB |

Reading, hashing and counting a text that is new took ${memory.usEach.toFixed(0)} µs, its parsing included; it is done once of each.
`;
await writeFile(new URL(`results/${moment.slice(0, 10)}-usage.md`, import.meta.url), text);
process.stdout.write(text);
process.exitCode = isMet ? 0 : 1;
