import { buildSchema } from 'graphql';
import { openAnswerShapes } from './answerShape.ts';
import { checkEntities, checkRootData } from './checkAnswer.ts';

const SCHEMA = buildSchema(`
  type Query { customer: Customer customers: [Customer!]! find: Found count: Int! tags: [[String!]] }
  type Customer { id: ID! name: String! age: Int kind: Kind any: Any friend: Customer }
  type Company { id: ID! name: Int }
  union Found = Customer | Company
  enum Kind { A B }
  scalar Any`);
const shapes = openAnswerShapes(SCHEMA, 100);
const check = (document: string, data: Record<string, unknown>, errorPaths: (string | number)[][] = []) => {
  const checked = checkRootData(data, shapes(document), errorPaths);
  return { data: checked.data, wrong: checked.faults.map((fault) => fault.path.join('.')) };
};

describe('checkRootData', () => {
  it.each([
    ['{ customer { id name age } }', { customer: { id: 'a', name: 'b', age: 1 } }],
    ['{ customer { id } }', { customer: null }],
    ['{ customers { id } }', { customers: [] }],
    ['{ tags }', { tags: [['a'], null] }],
    ['{ customer { any } }', { customer: { any: { free: [1] } } }],
    ['{ customer { kind } }', { customer: { kind: 'A' } }],
    ['{ x: customer { y: id } }', { x: { y: 1 } }],
    ['query ($s: Boolean!) { customer { id @skip(if: $s) } }', { customer: {} }],
    [
      '{ find { __typename ... on Customer { age } ... on Company { name } } }',
      { find: { __typename: 'Company', name: 3 } },
    ],
  ])('finds nothing wrong with %s', (document, data) => {
    expect(check(document, structuredClone(data))).toEqual({ data, wrong: [] });
  });

  it.each([
    ['{ customer { id } }', {}, ['customer']],
    ['{ customer { id age } }', { customer: { id: 'a' } }, ['customer.age']],
    ['{ customer { age } }', { customer: { age: '1' } }, ['customer.age']],
    ['{ customer { age } }', { customer: { age: 2 ** 40 } }, ['customer.age']],
    ['{ customer { kind } }', { customer: { kind: 'C' } }, ['customer.kind']],
    ['{ customer { id } }', { customer: { id: { $gt: '' } } }, ['customer.id']],
    ['{ customer { id } }', { customer: [] }, ['customer']],
    ['{ customers { id } }', { customers: {} }, ['customers']],
    ['{ customers { id } }', { customers: [null] }, ['customers.0']],
    ['{ customers { id } }', { customers: [{ id: 'a' }, { id: null }] }, ['customers.1.id']],
    ['{ count }', { count: null }, ['count']],
    ['{ tags }', { tags: ['a'] }, ['tags.0']],
    ['{ find { __typename ... on Company { name } } }', { find: { __typename: 'Company', name: 'a' } }, ['find.name']],
  ])('finds in %s what is wrong', (document, data, wrong) => {
    expect(check(document, data).wrong).toEqual(wrong);
  });

  it('keeps what is right beside it', () => {
    const { data } = check('{ customer { id age } count }', { customer: { id: 'a', age: 'x' }, count: 3 });
    expect(data).toEqual({ customer: { id: 'a', age: null }, count: 3 });
  });

  it('takes a null for which the subgraph gave the error', () => {
    expect(check('{ count customer { name } }', { count: null, customer: null }, [['count']]).wrong).toEqual([]);
  });

  it('does not take an inherited property for an answer', () => {
    expect(check('{ constructor: count }', {}).wrong).toEqual(['constructor']);
  });
});

describe('checkEntities', () => {
  const document =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { age } ... on Company { name } } }';
  const shape = shapes(document)[0]?.value.fields ?? [];

  it('asks of each entity the fields of its type', () => {
    const { data, faults } = checkEntities(
      [{ age: 1 }, { name: 2 }, null],
      ['Customer', 'Company', 'Customer'],
      shape,
      [],
    );
    expect(data).toEqual({ _entities: [{ age: 1 }, { name: 2 }, null] });
    expect(faults).toEqual([]);
  });

  it('names each field that is absent or wrong', () => {
    const { faults } = checkEntities([{}, { name: 'x' }, 'y'], ['Customer', 'Company', 'Customer'], shape, []);
    expect(faults.map((fault) => fault.path.join('.'))).toEqual(['_entities.0.age', '_entities.1.name', '_entities.2']);
  });
});
