import { buildSchema, parse, print } from 'graphql';
import { pruneImpossible } from './pruneImpossible.ts';

const SCHEMA = buildSchema(`
  interface Node { id: ID }
  interface Named implements Node { id: ID name: String }
  type Person implements Node & Named { id: ID name: String boss: Node }
  type Firm implements Node { id: ID size: Int }
  union Found = Person | Firm
  type Query { node: Node named: Named found: Found }
`);
const pruned = (text: string): string => print(pruneImpossible(parse(text), SCHEMA)).replaceAll(/\s+/g, ' ');
const same = (text: string): string => print(parse(text)).replaceAll(/\s+/g, ' ');

describe('fragments that nothing can fit', () => {
  it('are taken out of what surrounds them, however far', () => {
    const text = '{ named { id ... on Node { id ... on Found { ... on Firm { size } ... on Person { name } } } } }';
    expect(pruned(text)).toBe(same('{ named { id ... on Node { id ... on Found { ... on Person { name } } } } }'));
  });

  it('leave the type’s name where nothing else is asked for', () => {
    expect(pruned('{ named { ... on Node { ... on Firm { size } } } }')).toBe(
      same('{ named { ... on Node { __typename } } }'),
    );
  });

  it('are taken out of a named fragment only where they do not fit', () => {
    const fragment = 'fragment F on Node { id ... on Firm { size } }';
    expect(pruned(`{ named { ...F } node { ...F } } ${fragment}`)).toBe(
      same(`{ named { ... on Node { id } } node { ...F } } ${fragment}`),
    );
    expect(pruned(`{ named { ...F } } ${fragment}`)).toBe(same('{ named { ... on Node { id } } }'));
  });

  it('begin anew under each field', () => {
    const text = '{ named { ... on Person { boss { ... on Firm { size } } } } }';
    expect(pruned(text)).toBe(same(text));
  });

  it('change nothing where all fit', () => {
    const document = parse('{ node { ...F ... on Person { name } } } fragment F on Node { ... on Firm { size } }');
    expect(pruneImpossible(document, SCHEMA)).toBe(document);
  });
});
