// Manifests of registered operations in both formats, and every fault with its place.
import { ManifestError, OPERATIONS_MAX, readManifests } from './operationManifest.ts';

function read(...texts: unknown[]) {
  return readManifests(
    new Map(texts.map((text, at) => [`file${at}`, typeof text === 'string' ? text : JSON.stringify(text)])),
  );
}

function faultsOf(...texts: unknown[]): string {
  try {
    read(...texts);
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
  }
  return '';
}

const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: 'one', name: 'One', type: 'query', body: 'query One { a }' }],
};

it("reads Apollo's format and Relay's, several files together", () => {
  expect([...read(apollo, { two: 'mutation Two { b }', one: 'query One { a }' })]).toEqual([
    ['one', 'query One { a }'],
    ['two', 'mutation Two { b }'],
  ]);
});

it('tells every fault with its file and place', () => {
  const operations = [{ id: '', name: 7, type: 'fragment', body: 'x' }, 'no', { ...apollo.operations[0], body: '  ' }];
  expect(faultsOf({ ...apollo, version: 2, operations }).split('\n')).toEqual([
    'file0: version must be 1',
    'file0: operations[0].name must be a text',
    'file0: operations[0].type must be one of query, mutation, subscription',
    'file0: operations[0]: the id must be a text of 1 to 256 characters',
    'file0: operations[1]: the id must be a text of 1 to 256 characters',
    'file0: operations[2]: the document must be a text',
  ]);
  expect(faultsOf({ format: 'other', version: 1, operations: {} })).toBe(
    'file0: format must be "apollo-persisted-query-manifest"\nfile0: operations must be a list',
  );
});

it.each([['{'], ['[]'], ['null'], ['7'], ['']])('refuses %j, which is no manifest', (text) => {
  expect(faultsOf(text)).toBe('file0: it is not a JSON object');
});

it('refuses one id for two documents, over files too', () => {
  expect(faultsOf(apollo, { one: 'query Other { a }' })).toBe(
    'file1: "one": the id stands for another document before',
  );
});

it('takes an id that is a word of JavaScript, and gives none for it where it is not registered', () => {
  expect(read('{"__proto__": "{ a }"}').get('__proto__')).toBe('{ a }');
  expect(read(apollo).get('constructor')).toBeUndefined();
});

it('takes as many operations as allowed and refuses one more; counts faults beyond the first ten', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`id${at}`, '{ a }']));
  expect(read(many(OPERATIONS_MAX)).size).toBe(OPERATIONS_MAX);
  expect(faultsOf(many(OPERATIONS_MAX + 1))).toBe('there are 10001 operations, more than 10000');
  expect(faultsOf(Object.fromEntries(Array.from({ length: 14 }, (_, at) => [`id${at}`, 7])))).toContain(
    'and 4 more faults',
  );
});
