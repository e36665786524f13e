// Who used an element when: a small chart of our own, the same as a table for those who read it so, and the callers.
import type { ShownCaller, ShownUse, UsePeriod } from '../../../page/pageWords.ts';
import { counted, Moment, number, sayDay } from './parts.tsx';

const WIDTH = 640;
const HEIGHT = 120;
const GAP = 2;
const BASE = 1;
const LEAST = 2;
const BAR_MAX = 64;

function Chart({ periods, sentence }: { periods: readonly UsePeriod[]; sentence: string }) {
  const most = Math.max(...periods.map(({ count }) => count), 1);
  const slot = Math.min(WIDTH / periods.length, BAR_MAX + GAP);
  return (
    <figure className="chart">
      <p className="chart-most" aria-hidden="true">
        {number(most)}
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={sentence} preserveAspectRatio="none">
        {periods.map(({ from, count }, at) => {
          const height = count === 0 ? BASE : Math.max(LEAST, (count / most) * (HEIGHT - GAP));
          return (
            <rect
              key={from}
              className={count === 0 ? 'none' : 'some'}
              x={at * slot}
              y={HEIGHT - height}
              width={Math.max(slot - GAP, 1)}
              height={height}
            >
              <title>{`${sayDay(from)}: ${counted(count, 'request')}`}</title>
            </rect>
          );
        })}
      </svg>
      <p className="chart-days" aria-hidden="true">
        <span>{sayDay(periods[0]?.from ?? '')}</span>
        <span>{sayDay(periods.at(-1)?.from ?? '')}</span>
      </p>
    </figure>
  );
}

function Days({ periods }: { periods: readonly UsePeriod[] }) {
  return (
    <details className="as-table">
      <summary>The chart as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" className="amount">
              Requests
            </th>
          </tr>
        </thead>
        <tbody>
          {periods.map(({ from, count }) => (
            <tr key={from}>
              <td>{sayDay(from)}</td>
              <td className="amount">{number(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Callers({ callers, total }: { callers: readonly ShownCaller[]; total: number }) {
  return (
    <div className="scrolled" tabIndex={0} role="region" aria-label="Callers">
      <table>
        <thead>
          <tr>
            <th scope="col">Caller</th>
            <th scope="col">Operations</th>
            <th scope="col" className="amount">
              Requests
            </th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {callers.map(({ kind, name, version, count, lastSeen, operations }) => (
            <tr key={`${kind} ${name} ${version ?? ''}`}>
              <th scope="row">
                {name} <span className="faint">{version ?? (kind === 'key' ? 'key' : '')}</span>
              </th>
              <td>{operations.map((operation) => operation.name).join(', ')}</td>
              <td className="amount">{number(count)}</td>
              <td>
                <Moment at={lastSeen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > callers.length && <p className="faint">and {counted(total - callers.length, 'caller')} more</p>}
    </div>
  );
}

/** What is known of an element's use. */
export function Use({ use }: { use: ShownUse }) {
  const { state, periods, callers, share, sentence, total } = use;
  return (
    <section aria-labelledby="use-title" aria-busy={state.kind === 'reading'}>
      <h2 id="use-title">Use</h2>
      <p
        className={state.kind === 'known' ? 'told' : 'told faint'}
        role={state.kind === 'reading' ? 'status' : undefined}
      >
        {sentence}
        {total > 0 && ` ${(share * 100).toFixed(share < 0.1 ? 1 : 0)} % of all requests.`}
      </p>
      {state.kind === 'known' && state.gaps > 0 && (
        <p className="faint">{counted(state.gaps, 'gap')} in this time: what was asked then is not known.</p>
      )}
      {total > 0 && <Chart periods={periods} sentence={sentence} />}
      {total > 0 && <Days periods={periods} />}
      {callers.length > 0 && <Callers callers={callers} total={use.callersTotal} />}
    </section>
  );
}
