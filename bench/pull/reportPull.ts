// What a pull of many rows came to, as bench/results keeps it, beside the goals. Pure.
import { cpus } from 'node:os';
import type { Pulled } from './measurePull.ts';
import { brokenCount, type PullKind } from './pullSource.ts';

const GOALS = { rowsPerSecond: 5_000, peakMb: 300 };
const REJECTS_SHOWN = 5;

/** What was measured, and on how busy a machine. */
export interface PullRun {
  readonly kind: PullKind;
  readonly rows: number;
  /** Load averages before and after. */
  readonly loads: string;
  readonly at: Date;
}

/** Takes what came of a pull and how many rows its source had; gives the goals that it missed, in words. */
export function missedGoals(pulled: Pulled, { rows, broken }: { rows: number; broken: number }): string[] {
  const { customers, changedAgain, wrong, events, rejects, rowsPerSecond, peakMb } = pulled;
  const places = new Set(rejects.map(({ place }) => place)).size;
  return [
    ...(rowsPerSecond < GOALS.rowsPerSecond ? [`${rowsPerSecond} rows a second, ${GOALS.rowsPerSecond} wanted`] : []),
    ...(peakMb > GOALS.peakMb ? [`${peakMb} MB, ${GOALS.peakMb} allowed`] : []),
    ...(customers === rows - broken ? [] : [`${customers} customers, ${rows - broken} wanted`]),
    ...(changedAgain + wrong === 0 ? [] : [`${changedAgain} customers were written twice, ${wrong} are wrong`]),
    ...(events === customers ? [] : [`${events} events of ${customers} customers`]),
    ...(rejects.length === broken && places === broken ? [] : [`${rejects.length} rejects of ${places} rows`]),
  ];
}

const thousands = (count: number): string => count.toLocaleString('en-GB');

/** Takes what came of a pull; gives its page. */
export function reportPull(pulled: Pulled, { kind, rows, loads, at }: PullRun): string {
  const broken = brokenCount(rows);
  const missed = missedGoals(pulled, { rows, broken });
  const costLines = Object.entries(pulled.costs).map(
    ([name, { cpuMs, peakMb }]) => `| ${name} | ${(cpuMs / rows).toFixed(3)} ms | ${peakMb} MB |`,
  );
  const rejectLines = pulled.rejects.slice(0, REJECTS_SHOWN).map((reject) => `    ${JSON.stringify(reject)}`);
  return `# Pulling ${thousands(rows)} rows: ${kind}

\`npm run bench:pull -- --rows ${rows} --source ${kind}\`, ${at.toISOString().slice(0, 16)} UTC; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}; the embedded database, on disk.
Processes that wanted a processor (load average, 1 min), before and after: ${loads}.

**${thousands(pulled.rowsPerSecond)} rows a second**, ${pulled.seconds.toFixed(1)} s with the kill and the second start; goal: ${thousands(GOALS.rowsPerSecond)} rows a second, the puller within ${GOALS.peakMb} MB.
${missed.length === 0 ? 'All goals are reached.' : `**Missed: ${missed.join('; ')}.**`}

| process | processor time a row, the start with it | most memory |
|---|---|---|
${costLines.join('\n')}

Killed (SIGKILL) at row ${thousands(pulled.killedAtRow)} and started again, it read ${thousands(pulled.last.rowsRead)} more, up to the end. Then there were ${thousands(pulled.customers)} customers for ${thousands(rows - broken)} whole rows,
${pulled.changedAgain} of them written twice, ${pulled.wrong} that are not what their row says, and ${thousands(pulled.events)} events of them. Of ${thousands(broken)} broken rows ${thousands(pulled.rejects.length)} are in the reject file, the first of them:

${rejectLines.join('\n')}
`;
}
