import { print, visit, type FieldNode } from 'graphql';
import { AUTH_TEXTS, composeTexts, validOperation } from '../../test/harness/authGraph.ts';
import { pruneOperation } from './pruneOperation.ts';
import { secureSupergraph } from './secureSupergraph.ts';

const POLICIES = new Map(['office', 'hours', 'admin'].map((name) => [name, () => true]));
const { plannerSdl } = secureSupergraph(composeTexts(AUTH_TEXTS), POLICIES);

/** Prunes the fields of these names; gives the text that is left, found valid. */
function prune(text: string, ...names: string[]): string {
  const { document, operation } = validOperation(plannerSdl, text);
  const denied = new Set<FieldNode>();
  visit(document, {
    Field(node) {
      if (names.includes(node.name.value)) denied.add(node);
    },
  });
  const left = print(pruneOperation(document, operation, denied).document).replace(/\s+/g, ' ');
  validOperation(plannerSdl, left);
  return left;
}

describe('pruneOperation', () => {
  it('leaves out denied fields with all below them', () => {
    expect(prune('{ person { id email } node { id } }', 'email', 'node')).toBe('{ person { id } }');
  });

  it('asks for no more than the type where nothing else is left', () => {
    expect(prune('{ person { mail: email } }', 'email')).toBe('{ person { __typename } }');
    expect(prune('{ person { email } }', 'person')).toBe('{ __typename }');
  });

  it('leaves out fragments of which nothing is left, and those that only they used', () => {
    const text =
      '{ person { id ...A ... on Person { email } } } fragment A on Person { email ...B } fragment B on Person { email }';
    expect(prune(text, 'email')).toBe('{ person { id } }');
    expect(prune('{ person { id boss { ...B } } } fragment B on Person { id }', 'boss')).toBe('{ person { id } }');
  });

  it('keeps the part of a fragment that is allowed', () => {
    expect(prune('{ person { ...A } } fragment A on Person { email id }', 'email')).toBe(
      '{ person { ...A } } fragment A on Person { id }',
    );
  });

  it('keeps the variables that are still used, and no others', () => {
    const text =
      'query Q($a: ID = 1, $b: Boolean!, $c: Boolean!) { x: person(id: $a) { id @skip(if: $b) email @include(if: $c) } }';
    expect(prune(text, 'email')).toBe('query Q($a: ID = 1, $b: Boolean!) { x: person(id: $a) { id @skip(if: $b) } }');
  });

  it('keeps of the document no operation but the one that runs', () => {
    expect(prune('query A { person { id email } } query B { open }', 'email')).toBe('query A { person { id } }');
  });
});
