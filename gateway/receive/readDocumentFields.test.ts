// The ways in which a body names its document.
import { readDocumentFields } from './readDocumentFields.ts';

const hash = { version: 1, sha256Hash: 'abc' };
const nothing = { query: undefined, documentId: undefined, persistedQuery: undefined };

it.each([
  [{ query: '{ a }' }, undefined, { query: '{ a }' }],
  [{ documentId: 'one' }, undefined, { documentId: 'one' }],
  [{ id: 'one' }, undefined, { documentId: 'one' }],
  [{ documentId: 'one', id: 'two', query: null }, {}, { documentId: 'one' }],
  [{}, { persistedQuery: hash }, { persistedQuery: hash }],
  [{ query: '' }, { persistedQuery: hash }, { persistedQuery: hash }],
  [{ query: '{ a }' }, { persistedQuery: null }, { query: '{ a }' }],
])('reads %j with extensions %j', (body, extensions, expected) => {
  expect(readDocumentFields(body, extensions)).toEqual({ ...nothing, ...expected });
});

it.each([
  [{}],
  [{ query: '' }],
  [{ query: '  ' }],
  [{ query: 7 }],
  [{ query: '{ a }', documentId: 7 }],
  [{ documentId: '' }],
  [{ id: ['one'] }],
  [{ id: 'x'.repeat(301) }],
])('refuses %j', (body) => {
  expect(readDocumentFields(body, undefined)).toMatchObject({ refused: 'BAD_REQUEST' });
});
