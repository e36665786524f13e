// The comparison as a bar chart in SVG: requests a second of each peer, a panel a series. Pure.
import type { Comparison } from './writeMarkdown.ts';

const WIDTH = 860;
const LABEL_WIDTH = 290;
const BAR_WIDTH = 440;
const ROW_HEIGHT = 24;
const PANEL_HEAD = 44;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function drawRow(label: string, perSecond: number, share: number, y: number, colour: string): string {
  const width = Math.max(1, share * BAR_WIDTH);
  const value = perSecond.toLocaleString('en-US', { maximumFractionDigits: 0 });
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${y + 16}" text-anchor="end">${escape(label)}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW_HEIGHT - 8}" fill="${colour}"/>`,
    `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${y + 16}">${value}</text>`,
  ].join('');
}

function colourOf(name: string, bound: boolean): string {
  if (name.startsWith('ours')) return '#0b7a75';
  return bound ? '#c9c9c9' : '#7a8ba0';
}

/** The constant answer is left out where it would make every other bar invisible. */
function drawPanel(comparison: Comparison, at: number, top: number): { readonly svg: string; readonly height: number } {
  const series = comparison.series[at];
  if (series === undefined) return { svg: '', height: 0 };
  const rows = comparison.peers
    .flatMap(({ name, title, bound, series: measured }) => {
      const perSecond = measured[series.name]?.requestsPerSecond;
      return perSecond === undefined ? [] : [{ name, title, bound, perSecond }];
    })
    .filter(({ name }, _, all) => name !== 'constant' || all.length === 1 || !series.unique)
    .toSorted((left, right) => right.perSecond - left.perSecond);
  const most = Math.max(...rows.map(({ perSecond }) => perSecond), 1);
  const bars = rows.map(({ name, title, bound, perSecond }, row) =>
    drawRow(title, perSecond, perSecond / most, top + PANEL_HEAD + row * ROW_HEIGHT, colourOf(name, bound)),
  );
  const head = `<text x="12" y="${top + 30}" font-weight="bold">Requests a second: ${escape(series.title)}</text>`;
  return { svg: head + bars.join(''), height: PANEL_HEAD + rows.length * ROW_HEIGHT };
}

/** Takes a comparison; gives its chart. */
export function drawChart(comparison: Comparison): string {
  const panels: string[] = [];
  let top = 0;
  comparison.series.forEach((_, at) => {
    const { svg, height } = drawPanel(comparison, at, top);
    panels.push(svg);
    top += height;
  });
  const { machine, measuredAt } = comparison;
  const foot = `${measuredAt.slice(0, 10)}, ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top + 40}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
<text x="12" y="${top + 28}" fill="#666" font-size="11">${escape(foot)}</text>
</svg>
`;
}
