// One element of the schema: what it is, who owns it, what it takes, who sees it, what it costs, who uses it.
import { useEffect, useRef, useState } from 'react';
import type { MemberBrief, MemberPage, ShownArgument, TypePage } from '../../../page/pageWords.ts';
import { askMore, useAnswer } from './ask.ts';
import { Above, Fact, Facts, TypeText } from './facts.tsx';
import { Coordinate, counted, Fault, number, Waiting } from './parts.tsx';
import { linkTo } from './route.ts';
import { Use } from './use.tsx';

const READ_AGAIN_MS = 1_500;
function isType(page: MemberPage | TypePage): page is TypePage {
  return 'members' in page;
}

function Arguments({ args }: { args: readonly ShownArgument[] }) {
  return (
    <section aria-labelledby="arguments-title">
      <h2 id="arguments-title">Arguments</h2>
      <ul className="members">
        {args.map((argument) => (
          <li key={argument.name}>
            <p className="member-line">
              <span className={argument.deprecated === undefined ? 'code name' : 'code name struck'}>
                {argument.name}
              </span>
              <TypeText text={argument.type} name={argument.typeName} />
              {argument.standard !== undefined && <span className="code dim">= {argument.standard}</span>}
              {argument.count !== undefined && <span className="count">{counted(argument.count, 'request')}</span>}
            </p>
            {argument.description !== undefined && <p className="member-note">{argument.description}</p>}
            {argument.deprecated !== undefined && <p className="member-note">Deprecated. {argument.deprecated}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function MemberView({ page }: { page: MemberPage }) {
  return (
    <>
      <Above page={page} />
      <Facts of={page} />
      {page.args.length > 0 && <Arguments args={page.args} />}
      <Use use={page.use} />
    </>
  );
}

function MemberLine({ member }: { member: MemberBrief }) {
  const { coordinate, name, type, args, description, needsScopes, tags, owners, count } = member;
  return (
    <li>
      <p className="member-line">
        <a className={member.isDeprecated ? 'code name struck' : 'code name'} href={linkTo('schema', coordinate)}>
          {name}
          {args > 0 && (
            <span className="dim" aria-label={counted(args, 'argument')}>
              (…)
            </span>
          )}
        </a>
        {type !== undefined && <span className="code dim">{type}</span>}
        {needsScopes && <span className="chip small">scopes</span>}
        {member.isHidden && <span className="chip small">hidden</span>}
        {tags.map((tag) => (
          <span key={tag} className="chip small">
            {tag}
          </span>
        ))}
        <span className="count">
          {owners.join(', ')}
          {count !== undefined && `${owners.length > 0 ? ' – ' : ''}${count === 0 ? 'unused' : number(count)}`}
        </span>
      </p>
      {description !== undefined && <p className="member-note">{description}</p>}
    </li>
  );
}

function Links({ names }: { names: readonly string[] }) {
  return (
    <span className="links">
      {names.map((name) => (
        <Coordinate key={name} of={name} />
      ))}
    </span>
  );
}

const MEMBERS_OF = {
  object: 'Fields',
  interface: 'Fields',
  input: 'Fields',
  enum: 'Values',
  union: '',
  scalar: '',
  field: '',
  value: '',
};

function TypeView({ page }: { page: TypePage }) {
  const [later, setLater] = useState<readonly MemberBrief[]>([]);
  const members = [...page.members, ...later];
  const more = async (): Promise<void> => {
    const address = `element?coordinate=${encodeURIComponent(page.name)}&offset=${members.length}`;
    const part = await askMore<TypePage>(address);
    if (part !== undefined) setLater((before) => [...before, ...part.members]);
  };
  const { possible, interfaces, usedIn, usedInTotal } = page;
  return (
    <>
      <Above page={page} />
      <Facts of={page}>
        {interfaces.length > 0 && (
          <Fact name="Implements">
            <Links names={interfaces} />
          </Fact>
        )}
        {possible.length > 0 && (
          <Fact name={page.kind === 'union' ? 'One of' : 'Implemented by'}>
            <Links names={possible} />
          </Fact>
        )}
        {usedIn.length > 0 && (
          <Fact name="Used in">
            <Links names={usedIn} />
            {usedInTotal > usedIn.length && (
              <span className="faint"> and {number(usedInTotal - usedIn.length)} more</span>
            )}
          </Fact>
        )}
      </Facts>
      {members.length > 0 && (
        <section aria-labelledby="members-title">
          <h2 id="members-title">
            {MEMBERS_OF[page.kind]} <span className="faint">{number(page.membersTotal)}</span>
          </h2>
          <ul className="members">
            {members.map((member) => (
              <MemberLine key={member.coordinate} member={member} />
            ))}
          </ul>
          {members.length < page.membersTotal && (
            <button type="button" onClick={() => void more()}>
              Show more
            </button>
          )}
        </section>
      )}
    </>
  );
}

function Heading({ page }: { page: MemberPage | TypePage }) {
  const title = useRef<HTMLElement | null>(null);
  useEffect(() => {
    // Who opened it by keyboard goes on reading here.
    title.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
    return undefined;
  }, []);
  return (
    <header className="element-head">
      <p className="crumbs">
        <a className="back" href={linkTo('schema')}>
          All types
        </a>
        {!isType(page) && <Coordinate of={page.parent} />}
      </p>
      <h1 tabIndex={-1} ref={title} className="code">
        {isType(page) ? (
          page.name
        ) : (
          <>
            <span className="dim">{page.parent}.</span>
            {page.name}
          </>
        )}
      </h1>
      <p className="kind">
        {isType(page) || page.type === undefined || page.typeName === undefined ? (
          page.kind
        ) : (
          <TypeText text={page.type} name={page.typeName} />
        )}
        {!isType(page) && page.standard !== undefined && <span className="code dim"> = {page.standard}</span>}
      </p>
    </header>
  );
}

/** An element by its coordinate; an argument's leads to its field. */
export function ElementView({ coordinate }: { coordinate: string }) {
  const [again, setAgain] = useState(0);
  const { answer: page, fault } = useAnswer<MemberPage | TypePage>(
    `element?coordinate=${encodeURIComponent(coordinate)}`,
    again,
  );
  const isReading = page !== undefined && !isType(page) && page.use.state.kind === 'reading';
  useEffect(() => {
    if (!isReading) return undefined;
    const timer = setTimeout(() => setAgain((before) => before + 1), READ_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isReading, again]);
  if (fault !== undefined) return <Fault fault={fault} />;
  if (page === undefined) return <Waiting>Reading {coordinate}…</Waiting>;
  return (
    <article className="element">
      <Heading page={page} />
      {isType(page) ? <TypeView page={page} /> : <MemberView page={page} />}
    </article>
  );
}
