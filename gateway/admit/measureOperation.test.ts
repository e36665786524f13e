import fc from 'fast-check';
import { getIntrospectionQuery, parse, visit, type DocumentNode } from 'graphql';
import { readFileSync } from 'node:fs';
import { isRefusal, type Refusal } from '../requestState.ts';
import { chooseOperation, countDocument, measureDocument, type MeasuredDocument } from './measureOperation.ts';

function measured(document: string): MeasuredDocument {
  const outcome = measureDocument(document);
  if (isRefusal(outcome)) throw new Error(outcome.message);
  return outcome;
}
const refused = (document: string): Refusal | undefined => {
  const outcome = measureDocument(document);
  return isRefusal(outcome) ? outcome : undefined;
};
const golden = (name: string): string =>
  readFileSync(new URL(`../../examples/queries/${name}.graphql`, import.meta.url), 'utf8');

/** Fragments of which each spreads the next `width` times; the last has one field. */
function fan(levels: number, width: number): string {
  const fragments = Array.from({ length: levels }, (_, level) => {
    const inner = level === levels - 1 ? 'id' : `...F${level + 1} `.repeat(width);
    return `fragment F${level} on Query { ${inner} }`;
  });
  return `{ root { ...F0 } } ${fragments.join(' ')}`;
}

/** Counts how often the selections of a document are read; reading them goes on as before. */
function countReads(document: DocumentNode): () => number {
  let reads = 0;
  visit(document, {
    SelectionSet(set) {
      const { selections } = set;
      Object.defineProperty(set, 'selections', { get: () => (reads++, selections) });
    },
  });
  reads = 0; // The visit has read them too.
  return () => reads;
}

describe('countDocument', () => {
  it('reads each selection set once, however often its fragment is spread', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4 }), (levels, width) => {
        const document = parse(fan(levels, width), { noLocation: true });
        const reads = countReads(document);
        countDocument(document);
        // Two of the operation, one of each fragment.
        expect(reads()).toBe(levels + 2);
      }),
    );
  });
});

describe('measureDocument', () => {
  it('counts Customer 360 as 37 selections of depth 7', () => {
    expect(measured(golden('customer360'))).toMatchObject({ expandedSelections: 37, depth: 7 });
  });

  it('lets introspection through', () => {
    expect(measured(getIntrospectionQuery())).toMatchObject({ depth: 15 });
  });

  it('counts named fragments as often as they are spread', () => {
    const document = 'query { a { ...F } b { ...F } } fragment F on T { x y { z } }';
    expect(measured(document)).toMatchObject({ expandedSelections: 8, depth: 3 });
  });

  it('never counts less than fragments expand to, whatever their fan', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), (levels, width) => {
        const expanded = 1 + width ** (levels - 1);
        const document = fan(levels, width);
        if (expanded > 400) expect(refused(document)?.refused).toBe('OPERATION_TOO_LARGE');
        else expect(measured(document).expandedSelections).toBe(expanded);
      }),
    );
  });

  it('saturates where counters would overflow', () => {
    expect(refused(fan(200, 2))?.message).toBe('The operation has more than 400 selections.');
  });

  it('counts fragments that nobody spreads, as validation reads them too', () => {
    const document = `{ a } fragment F on T { ${'b { c } '.repeat(201)} }`;
    expect(refused(document)?.message).toBe('The operation has more than 400 selections.');
  });

  it('counts depth through fragments', () => {
    const links = Array.from({ length: 21 }, (_, level) => `fragment F${level} on T { a { ...F${level + 1} } }`);
    const document = `{ ...F0 } ${links.join(' ')} fragment F21 on T { a }`;
    expect(refused(document)?.message).toBe('The operation has more than 20 levels.');
  });

  it.each([
    ['a', 'fragment A on T { ...A }'],
    ['a, b', 'fragment A on T { ...B } fragment B on T { x { ...A } }'],
  ])('refuses the fragment circle %s', (_, fragments) => {
    expect(refused(`{ ...A } ${fragments}`)?.refused).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('takes nested literals up to ten levels', () => {
    expect(refused(`{ a(x: ${'['.repeat(10)}${']'.repeat(10)}) }`)).toBeUndefined();
    expect(refused(`{ a(x: ${'['.repeat(11)}${']'.repeat(11)}) }`)?.refused).toBe('OPERATION_TOO_LARGE');
  });

  it('says where a document is no GraphQL', () => {
    expect(refused('{ a(')).toMatchObject({ refused: 'GRAPHQL_PARSE_FAILED', locations: [{ line: 1, column: 5 }] });
  });

  it('answers every text with a measure or a refusal', () => {
    const word = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      'a',
      '...',
      'on',
      'fragment',
      ':',
      '$',
      '@',
      '"',
      '#',
      '!',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        expect(measureDocument(words.join(' '))).toBeDefined();
      }),
    );
  });
});

describe('measureDocument of a registered operation', () => {
  const wide = (fields: number) => `{ a { ${'b '.repeat(fields - 1)}} }`;

  it('takes 5,000 expanded selections and refuses one more', () => {
    expect(measureDocument(wide(5_000), true)).toMatchObject({ expandedSelections: 5_000 });
    expect(measureDocument(wide(5_001), true)).toMatchObject({ refused: 'OPERATION_TOO_LARGE' });
  });

  it('judges the same text anew for whoever sends it unregistered, in either order', () => {
    expect(measureDocument(wide(401))).toMatchObject({ refused: 'OPERATION_TOO_LARGE' });
    expect(measureDocument(wide(401), true)).toMatchObject({ expandedSelections: 401 });
    expect(measureDocument(wide(401))).toMatchObject({ refused: 'OPERATION_TOO_LARGE' });
  });

  it('keeps the limits of depth and root fields', () => {
    expect(measureDocument(`{ ${'a { '.repeat(20)}b${' }'.repeat(20)} }`, true)).toMatchObject({
      refused: 'OPERATION_TOO_LARGE',
    });
    expect(measureDocument(`{ ${'a '.repeat(21)}}`, true)).toMatchObject({ refused: 'OPERATION_TOO_LARGE' });
  });
});

describe('chooseOperation', () => {
  const two = 'query A { a } mutation B { b }';

  it('takes the only operation, or the named one', () => {
    expect(chooseOperation('mutation { a }', undefined)).toEqual({ name: undefined, kind: 'mutation' });
    expect(chooseOperation(two, 'B')).toEqual({ name: 'B', kind: 'mutation' });
  });

  it.each([
    [two, undefined],
    [two, 'C'],
    ['fragment F on T { a }', undefined],
  ])('refuses %s with the name %s', (document, name) => {
    expect(chooseOperation(document, name)).toMatchObject({ refused: 'OPERATION_RESOLUTION_FAILURE' });
  });
});
