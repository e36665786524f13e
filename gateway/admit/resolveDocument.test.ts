// Which document runs, by text, id and hash, for callers that may run any and callers that are held to registered ones.
import { LIMITS } from './limits.ts';
import { hashDocument, openMemoryQueries, type PersistedQueries } from './persistedQueries.ts';
import { registerOperations } from './registeredOperations.ts';
import { resolveDocument, type DocumentStores, type NamedDocument } from './resolveDocument.ts';

const REGISTERED = 'query Known { a }';
const OTHER = '{ b }';
const FREE = { registeredOnly: false };
const HELD = { registeredOnly: true };
const hashOf = (document: string) => ({ version: 1, sha256Hash: hashDocument(document) });

let stores: DocumentStores;
beforeEach(() => {
  const registered = registerOperations(
    new Map([
      ['known', REGISTERED],
      [hashDocument(REGISTERED), REGISTERED],
    ]),
  );
  stores = { registered, persisted: openMemoryQueries() };
});

const ask = (named: Partial<NamedDocument>, caller = FREE) =>
  resolveDocument({ query: undefined, documentId: undefined, persistedQuery: undefined, ...named }, caller, stores);

it('runs any text for a free caller, and knows a registered one to the letter', () => {
  expect(ask({ query: OTHER })).toEqual({ query: OTHER, isRegistered: false });
  expect(ask({ query: REGISTERED })).toEqual({ query: REGISTERED, isRegistered: true });
  expect(ask({ query: `${REGISTERED} ` })).toMatchObject({ isRegistered: false });
  expect(ask({})).toMatchObject({ refused: 'BAD_REQUEST' });
});

it('holds a caller to registered operations, however it names another', () => {
  expect(ask({ query: REGISTERED }, HELD)).toMatchObject({ isRegistered: true });
  expect(ask({ documentId: 'known' }, HELD)).toMatchObject({ isRegistered: true });
  expect(ask({ persistedQuery: hashOf(REGISTERED) }, HELD)).toMatchObject({ isRegistered: true });
  void ask({ query: OTHER, persistedQuery: hashOf(OTHER) });
  for (const named of [
    { query: OTHER },
    { query: `${REGISTERED}#` },
    { documentId: 'unknown' },
    { persistedQuery: hashOf(OTHER) },
    { query: OTHER, persistedQuery: hashOf(OTHER) },
  ]) {
    expect(ask(named, HELD)).toMatchObject({ refused: 'OPERATION_NOT_REGISTERED' });
  }
});

it('finds a document by its id, and refuses another text beside it', () => {
  expect(ask({ documentId: 'known' })).toEqual({ query: REGISTERED, isRegistered: true });
  expect(ask({ documentId: 'known', query: REGISTERED })).toMatchObject({ isRegistered: true });
  expect(ask({ documentId: 'known', query: OTHER })).toMatchObject({ refused: 'PERSISTED_QUERY_ID_INVALID' });
  expect(ask({ documentId: 'unknown' })).toMatchObject({ refused: 'PERSISTED_QUERY_NOT_FOUND' });
  expect(ask({ documentId: 'known', persistedQuery: hashOf(OTHER) })).toMatchObject({ refused: 'BAD_REQUEST' });
});

it("goes the way of Apollo's clients: hash, not found, hash and text, hash", () => {
  const persistedQuery = hashOf(OTHER);
  expect(ask({ persistedQuery })).toMatchObject({
    refused: 'PERSISTED_QUERY_NOT_FOUND',
    message: 'PersistedQueryNotFound',
  });
  expect(ask({ query: OTHER, persistedQuery })).toEqual({ query: OTHER, isRegistered: false });
  expect(ask({ persistedQuery })).toEqual({ query: OTHER, isRegistered: false });
});

it('never keeps a text under a hash that is not its own', () => {
  expect(ask({ query: OTHER, persistedQuery: hashOf('{ c }') })).toMatchObject({
    refused: 'PERSISTED_QUERY_ID_INVALID',
  });
  expect(ask({ persistedQuery: hashOf('{ c }') })).toMatchObject({ refused: 'PERSISTED_QUERY_NOT_FOUND' });
  const long = ' '.repeat(LIMITS.documentCharactersMax.value + 1);
  void ask({ query: long, persistedQuery: hashOf(long) });
  expect(ask({ persistedQuery: hashOf(long) })).toMatchObject({ refused: 'PERSISTED_QUERY_NOT_FOUND' });
});

it.each([
  ['no object', 'abc'],
  ['another version', { version: 2, sha256Hash: hashDocument(OTHER) }],
  ['a version as text', { version: '1', sha256Hash: hashDocument(OTHER) }],
  ['no hash', { version: 1 }],
  ['a short hash', { version: 1, sha256Hash: 'abc' }],
  ['capitals', { version: 1, sha256Hash: hashDocument(OTHER).toUpperCase() }],
  ['a list', [1]],
])('refuses a persistedQuery with %s', (_, persistedQuery) => {
  expect(ask({ query: OTHER, persistedQuery })).toMatchObject({ refused: 'PERSISTED_QUERY_ID_INVALID' });
});

it('takes null for a persistedQuery that is not there', () => {
  expect(ask({ query: OTHER, persistedQuery: null })).toMatchObject({ query: OTHER });
});

it('waits for a store that is elsewhere, and gives a caller that is held nothing of it', async () => {
  const persisted: PersistedQueries = { find: () => Promise.resolve(OTHER), keep: () => undefined };
  stores = { ...stores, persisted };
  await expect(ask({ persistedQuery: hashOf(OTHER) })).resolves.toEqual({ query: OTHER, isRegistered: false });
  expect(ask({ persistedQuery: hashOf(OTHER) }, HELD)).toMatchObject({ refused: 'OPERATION_NOT_REGISTERED' });
});

it('keeps so many documents and characters, the one unused for longest goes first', () => {
  const queries = openMemoryQueries(3, 100);
  for (const name of ['a', 'b', 'c']) queries.keep(name, name);
  queries.find('a');
  queries.keep('d', 'd');
  expect(['a', 'b', 'c', 'd'].filter((name) => queries.find(name) !== undefined)).toEqual(['a', 'c', 'd']);
  queries.keep('large', 'x'.repeat(99));
  expect(queries.find('large')).toHaveLength(99);
  expect(queries.find('c')).toBeUndefined();
  expect(queries.find('d')).toBe('d');
});
