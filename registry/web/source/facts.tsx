// What is said of any element of the schema beside its own: owners, scopes, tags, contracts, cost, and what stands above.
import type { ElementFactsShown } from '../../../page/pageWords.ts';
import { Coordinate, counted } from './parts.tsx';

/** Every schema has them, and there is nothing to say of them. */
const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

/** A type as it is written, its name a link: `[Customer!]!`. */
export function TypeText({ text, name }: { text: string; name: string }) {
  const [before = '', after = ''] = text.split(name);
  return (
    <span className="code">
      {before}
      {BUILT_IN.has(name) ? name : <Coordinate of={name} />}
      {after}
    </span>
  );
}

/** One fact with its name. */
export function Fact({ name, children }: { name: string; children: PageChild }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Contracts({ contracts }: { contracts: ElementFactsShown['contracts'] }) {
  if (contracts.length === 0) return <span className="faint">There are none: everybody sees it.</span>;
  return (
    <ul className="plain">
      {contracts.map(({ name, isShown }) => (
        <li key={name}>
          <span className={isShown ? 'mark-yes' : 'mark-no'} aria-hidden="true" />
          {name} <span className="faint">{isShown ? 'shows it' : 'hides it'}</span>
        </li>
      ))}
    </ul>
  );
}

/** The sentence of what it takes, with the scopes in it set apart. */
function Needs({ text, scopes }: { text: string; scopes: readonly string[] }) {
  return (
    <span className="needs">
      {text
        .split(' ')
        .map((word) => [word, word.replace(/[,.]+$/, '')] as const)
        .flatMap(([word, plain], at) =>
          scopes.includes(plain)
            ? [
                <span key={at} className="chip code">
                  {plain}
                </span>,
                `${word.slice(plain.length)} `,
              ]
            : [`${word} `],
        )}
    </span>
  );
}

/** What is known of an element; what is its own comes last. */
export function Facts({ of: page, children }: { of: ElementFactsShown; children?: PageChild }) {
  const { owners, needs, scopes, tags, contracts, cost } = page;
  return (
    <dl className="facts">
      <Fact name={owners.length > 1 ? 'Subgraphs' : 'Subgraph'}>
        <ul className="plain">
          {owners.map(({ subgraph, note }) => (
            <li key={subgraph}>
              <strong>{subgraph}</strong> <span className="faint">{note}</span>
            </li>
          ))}
        </ul>
      </Fact>
      <Fact name="Scopes">
        {needs === undefined ? <span className="faint">It takes none.</span> : <Needs text={needs} scopes={scopes} />}
      </Fact>
      <Fact name="Tags">
        {tags.length === 0 ? <span className="faint">It has none.</span> : null}
        <span className="chips">
          {tags.map((tag) => (
            <span key={tag} className="chip">
              {tag}
            </span>
          ))}
        </span>
      </Fact>
      <Fact name="Contracts">
        <Contracts contracts={contracts} />
      </Fact>
      {cost !== undefined && (
        <Fact name="Cost">
          <strong>{counted(cost.points, 'point')}</strong> <span className="faint">{cost.because}</span>
        </Fact>
      )}
      {children}
    </dl>
  );
}

/** What has to be read first: deprecation, that it is hidden, its description. */
export function Above({ page }: { page: ElementFactsShown }) {
  return (
    <>
      {page.deprecated !== undefined && (
        <p className="notice">
          <strong>Deprecated.</strong> {page.deprecated}
        </p>
      )}
      {page.isHidden && <p className="notice">Hidden: no client sees it (@inaccessible).</p>}
      {page.description !== undefined && <p className="description">{page.description}</p>}
    </>
  );
}
