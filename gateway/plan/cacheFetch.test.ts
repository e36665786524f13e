import { buildSchema, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { openCacheable, type CacheableFetch } from './cacheFetch.ts';
import type { CacheControl } from './cacheRules.ts';

const TYPES = buildSchema(`
  type Query { person(id: ID!): Person company(id: ID!): Company team(id: ID!): Team }
  interface Party { id: ID! mood: String }
  type Person implements Party { id: ID! mood: String balance: Balance }
  type Company implements Party { id: ID! mood: String }
  type Balance { amount: Int }
  type Team { id: ID! head: Party }
  scalar _Any
`);
const MINUTE: CacheControl = { maxAgeMs: 60_000, isPrivate: false, changedBy: [] };
const ALL = { Person: MINUTE, Company: MINUTE, Team: MINUTE };

function find(query: string, said: Readonly<Record<string, Partial<CacheControl>>>): CacheableFetch | undefined {
  const of = (coordinate: string): CacheControl | undefined => {
    const own = Object.hasOwn(said, coordinate) ? said[coordinate] : undefined;
    return own && { maxAgeMs: undefined, isPrivate: false, changedBy: [], ...own };
  };
  const isEntity = (type: string): boolean => ['Person', 'Company', 'Team'].includes(type);
  const rules = { of, isEntity, keysOf: (type: string) => (isEntity(type) ? [['id']] : []), hasId: () => true };
  const [operation] = parse(query).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return openCacheable(TYPES, rules)('people', operation satisfies OperationDefinitionNode);
}

describe('a fetch whose entities are kept', () => {
  it.each([
    ['its type, field and value type say nothing more', {}, { maxAgeMs: 60_000, isPrivate: false }],
    ['a value type within it is private', { Balance: { isPrivate: true } }, { maxAgeMs: 60_000, isPrivate: true }],
    ['a value type lasts less', { Balance: { maxAgeMs: 5_000 } }, { maxAgeMs: 5_000, isPrivate: false }],
    ['a field of the value type is never kept', { 'Balance.amount': { maxAgeMs: 0 } }, undefined],
    ['a field of its own is never kept', { 'Person.balance': { maxAgeMs: 0 } }, undefined],
  ])('is kept as %s', (_, more, kept) => {
    const rule = find('{ person(id: "1") { id balance { amount } } }', { ...ALL, ...more })?.rule;
    if (kept === undefined) expect(rule).toBeUndefined();
    else expect(rule).toMatchObject(kept);
  });

  it.each([
    ['each type that it can be allows it', {}, { maxAgeMs: 60_000, isPrivate: false }],
    ['a type that it can be is private', { Person: { ...MINUTE, isPrivate: true } }, { isPrivate: true }],
    [
      'the interface allows it, and a type that it can be does not',
      { Party: MINUTE, Person: { maxAgeMs: 0 } },
      undefined,
    ],
    ['the field of one of its types is private', { 'Company.mood': { isPrivate: true } }, { isPrivate: true }],
    ['the field of one of its types is never kept', { 'Company.mood': { maxAgeMs: 0 } }, undefined],
    [
      'the field of one of its types changes with another',
      { 'Person.mood': { changedBy: ['Team'] } },
      { changedBy: ['Team'] },
    ],
    ['one of its types says nothing', { Company: {} }, undefined],
  ])('asked for an interface, is kept as %s', (_, more, kept) => {
    const rule = find('{ team(id: "1") { id head { id mood } } }', { ...ALL, ...more })?.rule;
    if (kept === undefined) expect(rule).toBeUndefined();
    else expect(rule).toMatchObject(kept);
  });
});
