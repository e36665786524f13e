// The registry's page: history, schema, checks. Everything it loads lies in its own bundle, and it asks nobody but the
// server that it came from.
import { createRoot } from 'react-dom/client';
import { useEffect, useState } from 'react';
import type { Overview } from '../../../page/pageWords.ts';
import { onSignedOut, useAnswer } from './ask.ts';
import { Checks } from './checks.tsx';
import { HistoryView } from './history.tsx';
import { counted, Fault, Waiting } from './parts.tsx';
import { linkTo, useRoute, type View } from './route.ts';
import { SchemaView } from './schema.tsx';
import { SignIn } from './signIn.tsx';

const NAMES: Readonly<Record<View, string>> = { history: 'History', schema: 'Schema', checks: 'Checks' };
const VIEWS: readonly View[] = ['history', 'schema', 'checks'];
const REFRESHED_EVERY_MS = 15_000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);
}

const FRAMES_MAX = 120;

/** The field is there as soon as its part of the page is. */
function focusSearch(framesLeft = FRAMES_MAX): void {
  const field = document.getElementById('search');
  if (field !== null) field.focus();
  else if (framesLeft > 0) requestAnimationFrame(() => focusSearch(framesLeft - 1));
}

/** `/` leads to the search from everywhere. */
function useSearchKey(): void {
  useEffect(() => {
    const follow = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      if (document.getElementById('search') === null) location.hash = linkTo('schema');
      focusSearch();
    };
    addEventListener('keydown', follow);
    return () => removeEventListener('keydown', follow);
  }, []);
}

function Header({ view, overview }: { view: View; overview: Overview | undefined }) {
  const { schema, counts } = overview ?? {};
  return (
    <header className="top">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <p className="mark">
        <a href={linkTo('history')}>Registry</a>
      </p>
      <nav aria-label="Parts of the registry">
        {VIEWS.map((each) => (
          <a key={each} href={linkTo(each)} aria-current={each === view ? 'page' : undefined}>
            {NAMES[each]}
          </a>
        ))}
      </nav>
      {schema !== undefined && counts !== undefined && (
        <p className="shown">
          <strong>{schema.name}</strong>
          <span>
            {counted(counts.types, 'type')}, {counted(counts.fields, 'field')}
          </span>
        </p>
      )}
    </header>
  );
}

function Page() {
  const { view, detail } = useRoute();
  const [isSignedOut, setSignedOut] = useState(false);
  const [again, setAgain] = useState(0);
  const { answer: overview, fault } = useAnswer<Overview>('overview', again);
  useSearchKey();
  useEffect(() => {
    onSignedOut(() => setSignedOut(true));
    const timer = setInterval(() => setAgain((before) => before + 1), REFRESHED_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    document.title = `${detail ?? NAMES[view]} – Registry`;
    return undefined;
  }, [view, detail]);
  if (isSignedOut) {
    const enter = (): void => {
      setSignedOut(false);
      setAgain((before) => before + 1);
    };
    return <SignIn onEnter={enter} />;
  }
  return (
    <>
      <Header view={view} overview={overview} />
      <main id="main" tabIndex={-1}>
        {overview === undefined &&
          (fault === undefined ? <Waiting>Reading the registry…</Waiting> : <Fault fault={fault} />)}
        {overview?.fault !== undefined && <Fault fault={overview.fault} />}
        {overview !== undefined && view === 'history' && <HistoryView overview={overview} />}
        {overview?.schema !== undefined && view === 'schema' && (
          <SchemaView key={overview.schema.hash} overview={overview} coordinate={detail} />
        )}
        {overview !== undefined && view === 'checks' && <Checks overview={overview} release={detail} />}
      </main>
    </>
  );
}

const place = document.getElementById('page');
if (place !== null) createRoot(place).render(<Page />);
