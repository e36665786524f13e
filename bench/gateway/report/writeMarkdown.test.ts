import type { Measured, PeerRound } from '../measure/measurePeer.ts';
import { listSeries } from '../measure/series.ts';
import { drawChart } from './drawChart.ts';
import { medianOf, summarize } from './summarize.ts';
import { writeMarkdown, type Comparison } from './writeMarkdown.ts';

const series = listSeries([1, 64]);

function round(requestsPerSecond: number, calls: readonly number[] = [7, 7, 3]): PeerRound {
  const measured = (at: number): Measured => ({
    count: 100,
    p50Ms: 1_000 / requestsPerSecond,
    p99Ms: 5_000 / requestsPerSecond,
    maxMs: 9_000 / requestsPerSecond,
    requestsPerSecond,
    cpuMs: 900 / requestsPerSecond,
    coreShare: 0.9,
    peakMb: 200,
    calls: calls[at] ?? 0,
    anonymousShare: 0,
  });
  const all = Object.fromEntries(series.map(({ name }, at) => [name, measured(at)]));
  return { coldStartMs: 500, peakMb: 200, series: all };
}

function compare(peers: Comparison['peers']): Comparison {
  return {
    measuredAt: '2026-01-02T03:04:05.678Z',
    command: 'npm run bench:gateway --',
    machine: { cpu: 'Some <CPU>', cores: 2, memoryGb: 24, node: 'v24.0.0' },
    pinned: true,
    rounds: 3,
    seconds: 8,
    warmUpSeconds: 4,
    answerBytes: { nested: 90_000, small: 960 },
    series,
    peers,
  };
}

const stock = { name: 'stock', title: 'Stock', bound: false };
const mine = { name: 'ours', title: 'Ours', bound: false };

describe('medianOf', () => {
  it('takes the middle one, or the mean of the middle two', () => {
    expect(medianOf([5, 1, 100])).toBe(5);
    expect(medianOf([4, 1, 100, 6])).toBe(5);
    expect(medianOf([])).toBeNaN();
  });
});

describe('writeMarkdown', () => {
  it('gives medians, and ratios to stock', () => {
    const rounds = [round(80), round(100), round(900)];
    const text = writeMarkdown(compare([summarize(mine, rounds, []), summarize(stock, [round(10)], [])]), undefined);
    expect(text).toContain('| Ours | 100 | 10.00 | – | – | 10.00 | 0.10 | 50.00 | 9.000 | 10.00 | 90 | 7.0 |');
    expect(text).not.toContain('## Notes');
  });

  it('names the reason why a peer is missing, and who shared what unique callers asked', () => {
    const shared = summarize(mine, [round(100, [7, 0.5, 3])], []);
    const text = writeMarkdown(compare([shared, summarize(stock, [], ['it ended with 1'])]), 'chart.svg');
    expect(text).toContain('Ours: fewer calls a request with more connections');
    expect(text).toContain('Stock: does not count: it ended with 1');
    expect(text).toContain('](chart.svg)');
  });
});

describe('drawChart', () => {
  it('draws a bar for each peer of each series, the fastest first, with names made safe', () => {
    const slow = summarize({ ...stock, title: 'A & B' }, [round(10)], []);
    const svg = drawChart(compare([slow, summarize(mine, [round(100)], [])]));
    expect(svg.match(/<rect x/g)).toHaveLength(6);
    expect(svg.indexOf('>Ours<')).toBeLessThan(svg.indexOf('>A &amp; B<'));
    expect(svg).toContain('Some &lt;CPU>');
  });
});
