// The history: each release in words, the newest first.
import { useState } from 'react';
import type { History, HistoryEntry, Overview, ToldChange } from '../../../page/pageWords.ts';
import { askMore, useAnswer } from './ask.ts';
import { Coordinate, Fault, Moment, number, Verdict, Waiting } from './parts.tsx';
import { linkTo } from './route.ts';

function Change({ change: { verdict, what, coordinate } }: { change: ToldChange }) {
  return (
    <li>
      <Verdict of={verdict} />
      <span>
        {what} {coordinate !== undefined && !coordinate.startsWith('@') && <Coordinate of={coordinate} />}
      </span>
    </li>
  );
}

function Release({ entry }: { entry: HistoryEntry }) {
  const { report, changes, more, restores, commit } = entry;
  const name = `Release ${number(entry.number)}`;
  return (
    <article className={entry.action} id={`release-${entry.number}`} aria-labelledby={`title-${entry.number}`}>
      <p className="when">
        <span className="release-number">{name}</span>
        <Moment at={entry.at} />
      </p>
      <div>
        <h2 id={`title-${entry.number}`}>
          {entry.action === 'rollback' && <span className="badge">Rollback</span>}
          {entry.message}
        </h2>
        <p className="meta">
          {entry.author}
          {commit !== undefined && (
            <>
              {' '}
              at commit <span className="code">{commit.slice(0, 12)}</span>
            </>
          )}
          {', content '}
          <span className="code">{entry.hash}</span>
        </p>
        {restores !== undefined && (
          <p className="told">
            The schemas of{' '}
            <a
              href={`#release-${restores}`}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(`release-${restores}`)?.scrollIntoView();
              }}
            >
              release {restores}
            </a>{' '}
            were put back.
          </p>
        )}
        {entry.loosenedBecause !== undefined && (
          <p className="told">It asks less of callers than before; accepted because: {entry.loosenedBecause}</p>
        )}
        {report !== undefined ? (
          <p className="told">
            {report.sentence} <a href={linkTo('checks', String(entry.number))}>Read its check</a>
          </p>
        ) : (
          <p className="told faint">{entry.withoutReport}</p>
        )}
        {changes.length > 0 && (
          <ul className="changes" aria-label={`Changes of release ${entry.number}`}>
            {changes.map((change, at) => (
              <Change key={at} change={change} />
            ))}
          </ul>
        )}
        {more > 0 && (
          <p className="told">
            <a href={linkTo('checks', String(entry.number))}>and {number(more)} more</a>
          </p>
        )}
      </div>
    </article>
  );
}

function NoStore({ isTree }: { isTree: boolean }) {
  if (!isTree) {
    return (
      <p className="told">
        This gateway reads one supergraph, and follows no store. Set its <code>SUPERGRAPH_SOURCE</code> to a store, and
        its releases appear here.
      </p>
    );
  }
  return (
    <section className="empty">
      <p>What is shown is the working tree; releases appear here once there is a store.</p>
      <ol>
        <li>
          <code>crm-graph schema publish --store file:./registry-store --message "First release"</code>
        </li>
        <li>
          <code>crm-graph registry serve --store file:./registry-store</code>
        </li>
      </ol>
    </section>
  );
}

/** The history of the store. */
export function HistoryView({ overview }: { overview: Overview }) {
  const asked = useAnswer<History>('history', overview.schema?.hash);
  const [older, setOlder] = useState<readonly History[]>([]);
  const all = asked.answer === undefined ? [] : [asked.answer, ...older];
  const next = all.at(-1)?.next;
  // A release that came meanwhile moves the others on: none is shown twice.
  const entries = [...new Map(all.flatMap((part) => part.entries).map((entry) => [entry.number, entry])).values()];
  const more = async (): Promise<void> => {
    const part = await askMore<History>(`history?before=${String(next)}`);
    if (part !== undefined) setOlder((before) => [...before, part]);
  };
  return (
    <section className="history" aria-labelledby="history-title">
      <h1 id="history-title">History</h1>
      {overview.store !== undefined && (
        <p className="lead">What was published, the newest first, from {overview.store}.</p>
      )}
      {asked.fault !== undefined && <Fault fault={asked.fault} />}
      {overview.store === undefined && <NoStore isTree={overview.canCheckNow} />}
      {overview.store !== undefined && entries.length === 0 && asked.fault === undefined && (
        <Waiting>{asked.isAsking ? 'Reading the releases…' : 'Nothing is published yet.'}</Waiting>
      )}
      {entries.map((entry) => (
        <Release key={entry.number} entry={entry} />
      ))}
      {next !== undefined && (
        <button type="button" onClick={() => void more()}>
          Show older releases
        </button>
      )}
    </section>
  );
}
