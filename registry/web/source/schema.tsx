// The schema: a search whose list is walked by keyboard, and the element that was opened.
import { useEffect, useRef, useState } from 'react';
import type { Overview, SearchHit, SearchPage } from '../../../page/pageWords.ts';
import { askMore, useAnswer } from './ask.ts';
import { ElementView } from './element.tsx';
import { Fault, number } from './parts.tsx';
import { linkTo } from './route.ts';

interface Found {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  more(): Promise<void>;
}

/** What a search found so far; `more` brings the next part. */
function useFound(words: string): Found & { fault: ReturnType<typeof useAnswer>['fault'] } {
  const address = `search?q=${encodeURIComponent(words)}`;
  const { answer, fault } = useAnswer<SearchPage>(address);
  const [later, setLater] = useState<{ of: SearchPage | undefined; hits: readonly SearchHit[] }>({
    of: undefined,
    hits: [],
  });
  const isFetching = useRef(false);
  const extra = later.of === answer ? later.hits : [];
  const hits = [...(answer?.hits ?? []), ...extra];
  const total = answer?.total ?? 0;
  const more = async (): Promise<void> => {
    if (isFetching.current || hits.length >= total) return;
    isFetching.current = true;
    const part = await askMore<SearchPage>(`${address}&offset=${hits.length}`);
    isFetching.current = false;
    if (part !== undefined) setLater({ of: answer, hits: [...extra, ...part.hits] });
  };
  return { hits, total, more, fault };
}

function Hit({ hit, at, isActive, isOpen }: { hit: SearchHit; at: number; isActive: boolean; isOpen: boolean }) {
  const [type, field] = hit.coordinate.split('.');
  return (
    <a
      role="option"
      id={`hit-${at}`}
      tabIndex={-1}
      aria-selected={isActive}
      aria-current={isOpen ? 'true' : undefined}
      className={isActive ? 'hit active' : 'hit'}
      href={linkTo('schema', hit.coordinate)}
    >
      <span className={hit.isDeprecated ? 'code struck' : 'code'}>
        {field === undefined ? (
          type
        ) : (
          <>
            <span className="dim">{type}.</span>
            {field}
          </>
        )}
      </span>
      <span className="hit-kind">{hit.type ?? hit.kind}</span>
    </a>
  );
}

const ROWS_A_PAGE = 10;

/** Where a key leads in the list; undefined for keys that mean nothing here. */
function movedTo(key: string, active: number, last: number): number | undefined {
  if (key === 'ArrowDown') return Math.min(active + 1, last);
  if (key === 'ArrowUp') return Math.max(active - 1, 0);
  if (key === 'PageDown') return Math.min(active + ROWS_A_PAGE, last);
  if (key === 'PageUp') return Math.max(active - ROWS_A_PAGE, 0);
  return undefined;
}

function Search({ coordinate }: { coordinate: string | undefined }) {
  const [words, setWords] = useState('');
  const [active, setActive] = useState(-1);
  const { hits, total, more, fault } = useFound(words);
  const list = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (active >= 0) document.getElementById(`hit-${active}`)?.scrollIntoView({ block: 'nearest' });
    if (active >= hits.length - 2 && active >= 0) void more();
    return undefined;
  }, [active]);
  const follow = (event: KeyboardEvent): void => {
    const moved = movedTo(event.key, active, hits.length - 1);
    if (moved !== undefined) {
      event.preventDefault();
      setActive(moved);
    } else if (event.key === 'Enter') {
      const hit = hits[Math.max(active, 0)];
      if (hit !== undefined) location.hash = linkTo('schema', hit.coordinate);
    } else if (event.key === 'Escape') {
      setWords('');
      setActive(-1);
    }
  };
  const scrolled = (): void => {
    const place = list.current;
    if (place !== null && place.scrollTop + place.clientHeight > place.scrollHeight - 200) void more();
  };
  return (
    <section className="search" aria-label="Search the schema">
      <label htmlFor="search">
        Search types and fields <kbd>/</kbd>
      </label>
      <input
        id="search"
        type="search"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        placeholder="email, or Customer.email"
        aria-expanded={hits.length > 0}
        aria-controls="hits"
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `hit-${active}` : undefined}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setActive(-1);
        }}
        onKeyDown={follow}
      />
      <p className="note" role="status">
        {words === '' ? `${number(total)} types` : total === 0 ? 'Nothing fits.' : `${number(total)} found`}
        <span className="keys"> – arrows move, Enter opens</span>
      </p>
      {fault !== undefined && <Fault fault={fault} />}
      <div id="hits" className="hits" role="listbox" aria-label="Types and fields" ref={list} onScroll={scrolled}>
        {hits.map((hit, at) => (
          <Hit key={hit.coordinate} hit={hit} at={at} isActive={at === active} isOpen={hit.coordinate === coordinate} />
        ))}
      </div>
    </section>
  );
}

function Welcome({ overview }: { overview: Overview }) {
  const { subgraphs, contracts, schema, use } = overview;
  return (
    <section className="welcome">
      <h1>Schema</h1>
      <p className="lead">
        {schema?.name}, joined of {subgraphs.join(', ')}
        {contracts.length > 0 &&
          `; shown in parts by the ${contracts.length === 1 ? 'contract' : 'contracts'} ${contracts.join(', ')}`}
        .
      </p>
      <p>
        Press <kbd>/</kbd> and type a name.{' '}
        <a className="code" href={linkTo('schema', 'Query')}>
          Query
        </a>{' '}
        is where clients begin.
      </p>
      <p className="faint">
        {use.kind === 'known' ? `${number(use.requests)} requests, ${use.because}.` : use.because}
      </p>
    </section>
  );
}

/** The schema of the overview, with one element opened. */
export function SchemaView({ overview, coordinate }: { overview: Overview; coordinate: string | undefined }) {
  return (
    <div className={coordinate === undefined ? 'schema' : 'schema opened'}>
      <Search coordinate={coordinate} />
      <div className="detail">
        {coordinate === undefined ? (
          <Welcome overview={overview} />
        ) : (
          <ElementView key={coordinate} coordinate={coordinate} />
        )}
      </div>
    </div>
  );
}
