// The comparison as Markdown: one table a series, with the ratios that are goals, and what did not count. Pure.
import type { Series } from '../measure/series.ts';
import type { PeerSummary } from './summarize.ts';

/** A run: what was measured, where and how. */
export interface Comparison {
  readonly measuredAt: string;
  /** The command that was given. */
  readonly command: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly pinned: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly answerBytes: Readonly<Record<string, number>>;
  readonly series: readonly Series[];
  readonly peers: readonly PeerSummary[];
}

/** Whom the others are compared with. */
const STOCK = 'stock';
const PROXY = 'proxy';
const CONSTANT = 'constant';

function write(value: number, digits = 0): string {
  return Number.isFinite(value)
    ? value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
    : '–';
}

function ratio(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined ? '–' : write(value / base, 2);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function writeSeries({ name, title, query }: Series, { peers, answerBytes }: Comparison): string {
  const of = (peer: string) => peers.find((candidate) => candidate.name === peer)?.series[name];
  const base = (peer: string): number | undefined => of(peer)?.requestsPerSecond;
  const baseP50 = of(STOCK)?.p50Ms;
  const head = [
    '',
    'requests/s',
    '× stock',
    '× proxy',
    '× constant',
    'p50 ms',
    '× stock',
    'p99 ms',
    'CPU ms',
    'stock ×',
    'core %',
  ];
  const rows = peers.flatMap((peer) => {
    const measured = peer.series[name];
    if (measured === undefined) return [];
    const { requestsPerSecond: perSecond, p50Ms, p99Ms, cpuMs, coreShare, calls } = measured;
    const ratios = [STOCK, PROXY, CONSTANT].map((other) => ratio(perSecond, base(other)));
    const times = [write(p50Ms, 2), ratio(p50Ms, baseP50), write(p99Ms, 2)];
    return [
      [
        peer.title,
        write(perSecond),
        ...ratios,
        ...times,
        write(cpuMs, 3),
        ratio(of(STOCK)?.cpuMs, cpuMs),
        write(coreShare * 100),
        write(calls, 1),
      ],
    ];
  });
  return `## ${title}\n\nAnswer: ${write(answerBytes[query] ?? 0)} bytes.\n\n${table([...head, 'calls'], rows)}`;
}

function writeCosts({ peers }: Comparison): string {
  const stock = peers.find(({ name }) => name === STOCK);
  const counted = peers.filter(({ rounds }) => rounds > 0);
  const rows = counted.map(({ title, coldStartMs, peakMb, rounds }) => [
    title,
    write(coldStartMs),
    ratio(coldStartMs, stock?.coldStartMs),
    write(peakMb),
    ratio(peakMb, stock?.peakMb),
    String(rounds),
  ]);
  const head = ['', 'cold start ms', '× stock', 'peak memory MB', '× stock', 'rounds'];
  return `## Cold start and memory\n\n${table(head, rows)}`;
}

/** What a reader must know of single rows: calls that were shared or anonymous, rounds that do not count. */
function writeNotes({ peers, series }: Comparison): string {
  const notes = peers.flatMap(({ title, series: measured, faults }) => {
    const unique = series.filter((one) => one.unique).map((one) => measured[one.name]);
    const present = unique.filter((one) => one !== undefined);
    const counts = present.map(({ calls }) => calls);
    const shared = Math.min(...counts) < Math.max(...counts) * 0.99;
    const anonymous = present.some(({ anonymousShare }) => anonymousShare > 0);
    return [
      ...(shared ? [`${title}: fewer calls a request with more connections: work of unique callers was shared.`] : []),
      ...(anonymous ? [`${title}: calls to subgraphs without the caller's authorization.`] : []),
      ...faults.map((fault) => `${title}: does not count: ${fault.replaceAll('\n', ' ⏎ ')}`),
    ];
  });
  return notes.length === 0 ? '' : `\n## Notes\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`;
}

/** Takes a comparison and its chart's file name; gives its Markdown. */
export function writeMarkdown(comparison: Comparison, chart: string | undefined): string {
  const { machine, measuredAt, command, rounds, seconds, warmUpSeconds, pinned, series } = comparison;
  const place = pinned
    ? 'the gateway on one core, subgraphs and load on the other'
    : 'NOT pinned to cores: of little worth';
  return `# Gateways compared

${measuredAt}, \`${command}\`, ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}; ${place}.
${rounds} interleaved round${rounds === 1 ? '' : 's'}, medians; each round a fresh process, ${warmUpSeconds} s of warm-up and ${seconds} s of measuring each series. Every answer was compared
with the reference, byte by byte. Nothing is drawn by lot: the data are constant. CPU is processor time of the gateway's process a request, core % how
much of its core it used, the column before how many times stock's processor time is this one's, calls those to subgraphs a request.
${chart === undefined ? '' : `\n![requests a second](${chart})\n`}
${series.map((one) => writeSeries(one, comparison)).join('\n\n')}

${writeCosts(comparison)}
${writeNotes(comparison)}`;
}
