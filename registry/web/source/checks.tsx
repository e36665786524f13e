// The last checks: what each came to, and its findings by verdict with their five parts.
import { useState } from 'react';
import type { History, Overview, ReportPage, ShownFinding, ShownVerdict } from '../../../page/pageWords.ts';
import { askMore, useAnswer } from './ask.ts';
import { Coordinate, counted, Fault, Moment, number, sayDay, Verdict, Waiting } from './parts.tsx';
import { linkTo } from './route.ts';

const NOW = 'now';
/** More warnings than these stay folded until somebody wants them. */
const SHOWN_OPEN_MAX = 12;

function Part({ name, children }: { name: string; children: PageChild }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Finding({ finding }: { finding: ShownFinding }) {
  const { what, expected, why, mend, read, place, coordinate, views, subgraph, because, affected, approval } = finding;
  return (
    <details className="finding" open={finding.fails}>
      <summary>
        <span className="finding-what">{what}</span>
        <span className="code dim">{finding.code}</span>
      </summary>
      <dl className="parts">
        <Part name="Expected">{expected}</Part>
        <Part name="Why">{why}</Part>
        <Part name="How to mend it">{mend}</Part>
        <Part name="Read on">
          <span className="code">{read}</span>
        </Part>
        {coordinate !== undefined && (
          <Part name="Where">
            {coordinate.startsWith('@') ? <span className="code">{coordinate}</span> : <Coordinate of={coordinate} />}
            {subgraph !== undefined && ` in ${subgraph}`}
            {place !== undefined && <span className="code dim"> {place}</span>}
          </Part>
        )}
        {views.length > 0 && <Part name="Seen in">{views.join(', ')}</Part>}
        {because !== undefined && (
          <Part name="Use">
            {because}
            {affected.length > 0 && (
              <ul className="plain">
                {affected.map(({ name, count, lastSeen }) => (
                  <li key={name}>
                    {name}: {counted(count, 'request')}, last {sayDay(lastSeen)}
                  </li>
                ))}
              </ul>
            )}
          </Part>
        )}
        {approval !== undefined && <Part name="Approval">{approval}</Part>}
        <Part name="Fingerprint">
          <span className="code dim">{finding.fingerprint}</span>
        </Part>
      </dl>
    </details>
  );
}

function Group({
  release,
  verdict,
  count,
  shown,
}: {
  release: string;
  verdict: ShownVerdict;
  count: number;
  shown: readonly ShownFinding[];
}) {
  const [later, setLater] = useState<readonly ShownFinding[]>([]);
  const findings = [...shown, ...later];
  const more = async (): Promise<void> => {
    const address = `report?release=${release}&verdict=${verdict}&offset=${findings.length}`;
    const part = await askMore<ReportPage>(address);
    if (part !== undefined) setLater((before) => [...before, ...part.findings]);
  };
  return (
    <details className="group" open={verdict !== 'warning' || count <= SHOWN_OPEN_MAX}>
      <summary>
        <h3>
          <Verdict of={verdict} /> <span className="faint">{counted(count, 'finding')}</span>
        </h3>
      </summary>
      {findings.map((finding, at) => (
        <Finding key={`${at} ${finding.fingerprint}`} finding={finding} />
      ))}
      {findings.length < count && (
        <button type="button" onClick={() => void more()}>
          Show {number(count - findings.length)} more
        </button>
      )}
    </details>
  );
}

function Report({ release }: { release: string }) {
  const { answer: report, fault, isAsking } = useAnswer<ReportPage>(`report?release=${encodeURIComponent(release)}`);
  if (fault !== undefined) return <Fault fault={fault} />;
  if (report === undefined || (isAsking && release === NOW)) {
    return <Waiting>{release === NOW ? 'Checking the working tree…' : 'Reading the report…'}</Waiting>;
  }
  return (
    <article aria-labelledby="report-title">
      <p className={report.passed ? 'outcome passed' : 'outcome failed'}>{report.passed ? 'Passed' : 'Failed'}</p>
      <h2 id="report-title">{report.title}</h2>
      <p className="told">{report.sentence}</p>
      <p className="faint">{report.compared}.</p>
      {report.counts.map(({ verdict, count }) => (
        <Group
          key={verdict}
          release={release}
          verdict={verdict}
          count={count}
          shown={report.findings.filter((finding) => finding.verdict === verdict)}
        />
      ))}
    </article>
  );
}

function Releases({ entries, chosen }: { entries: History['entries']; chosen: string | undefined }) {
  return (
    <nav aria-label="Checks of the last releases" className="reports">
      <ul className="plain">
        {entries.map(({ number: release, at, report, message }) => (
          <li key={release}>
            <a href={linkTo('checks', String(release))} aria-current={String(release) === chosen ? 'true' : undefined}>
              <span className={report?.passed === false ? 'outcome small failed' : 'outcome small passed'}>
                {report?.passed === false ? 'Failed' : 'Passed'}
              </span>
              <span>
                Release {release}: {message}
              </span>
              <span className="faint">
                <Moment at={at} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The checks of the last releases, or one of the working tree that is made now. */
export function Checks({ overview, release }: { overview: Overview; release: string | undefined }) {
  const { answer, fault } = useAnswer<History>(overview.store === undefined ? undefined : 'history');
  const [runs, setRuns] = useState(0);
  const entries = (answer?.entries ?? []).filter(({ report, action }) => report !== undefined && action === 'publish');
  const [first] = entries;
  const chosen = release ?? (overview.canCheckNow ? NOW : first && String(first.number));
  const isNone = overview.store !== undefined && answer !== undefined && entries.length === 0;
  return (
    <div className="checks">
      <section aria-labelledby="checks-title">
        <h1 id="checks-title">Checks</h1>
        {fault !== undefined && <Fault fault={fault} />}
        {overview.canCheckNow && (
          <>
            <p className="lead">The working tree against the commit that its branch began with.</p>
            <button type="button" onClick={() => setRuns((before) => before + 1)}>
              Check again
            </button>
          </>
        )}
        {entries.length > 0 && <Releases entries={entries} chosen={chosen} />}
        {isNone && (
          <p className="told">No release has a check report yet: schema publish keeps one with each release.</p>
        )}
        {overview.store === undefined && !overview.canCheckNow && (
          <p className="told">This gateway follows no store, and so has no check reports.</p>
        )}
      </section>
      <div className="detail">{chosen !== undefined && <Report key={`${chosen} ${runs}`} release={chosen} />}</div>
    </div>
  );
}
