// One element of the schema with everything that is known of it: what the page shows when it is opened. Pure.
import { isNeeding, type Alternatives, type Needs } from '../supergraph/needs.ts';
import type { ElementFactsShown, MemberBrief, MemberPage, ShownOwner, ShownUse, TypePage } from './pageWords.ts';
import type { IndexedMember, IndexedType, SchemaIndex } from './schemaIndex.ts';

/** Tells of use; nothing where none is known. */
export interface UseTeller {
  countOf(coordinate: string): number | undefined;
  useOf(coordinate: string): ShownUse;
}

const USED_IN_MAX = 40;
const LIST_SIZE_ASSUMED = 10;
const MUTATION_POINTS = 10;

/** What is demanded together in one part, and each choice in a part of its own. */
function tellAll(word: string, all: readonly Alternatives[]): string[] {
  const together = all.filter(({ length }) => length === 1).flat(2);
  const choices = all.filter(({ length }) => length > 1);
  const several = together.length > 1 ? word.replace(/^\w+/, (noun) => (noun === 'yes' ? 'yeses' : `${noun}s`)) : word;
  return [
    ...(together.length > 0 ? [`the ${several} ${[...new Set(together)].join(' and ')}`] : []),
    ...choices.map((choice) => `the ${word} ${choice.map((list) => list.join(' with ')).join(' or ')}`),
  ];
}

/** What it takes, in words; undefined where nothing. */
export function tellNeeds(needs: Needs): string | undefined {
  if (!isNeeding(needs)) return undefined;
  const parts = [
    ...(needs.authenticated ? ['to be signed in'] : []),
    ...tellAll('scope', needs.scopes),
    ...tellAll('yes of the policy', needs.policies),
  ];
  return `It takes ${parts.join(', and ')}.`;
}

function typeOwners({ facts }: SchemaIndex, name: string): ShownOwner[] {
  const joined = facts.types.get(name);
  return [...(joined?.graphs ?? [])].map((subgraph) => {
    const keys = (joined?.keys.get(subgraph) ?? []).map(({ fields, resolvable }) => {
      return `key ${fields}${resolvable ? '' : ' (only refers to it)'}`;
    });
    return { subgraph, note: keys.join(', ') };
  });
}

function memberOwners({ facts }: SchemaIndex, { coordinate, kind, isInput }: IndexedMember): ShownOwner[] {
  if (kind === 'value') {
    const graphs = facts.types.get(coordinate.split('.')[0] ?? '')?.graphs ?? [];
    return [...graphs].map((subgraph) => ({ subgraph, note: 'declares its type' }));
  }
  return [...(facts.fields.get(coordinate) ?? [])].map(([subgraph, joined]) => {
    const { external, requires, provides, override, overrideLabel } = joined;
    const parts = [
      isInput ? 'takes it' : external ? 'refers to it' : 'resolves it',
      ...(requires === undefined ? [] : [`from ${requires}`]),
      ...(provides === undefined ? [] : [`with ${provides}`]),
      ...(override === undefined ? [] : [`in place of ${override}${overrideLabel ? ` (${overrideLabel})` : ''}`]),
    ];
    return { subgraph, note: parts.join(', ') };
  });
}

function contractsOf({ contracts }: SchemaIndex, coordinate: string): ElementFactsShown['contracts'] {
  return [...contracts].map(([name, shown]) => ({ name, isShown: shown.has(coordinate) }));
}

/** What a field costs, and why; docs/cost.md has the rules. */
function costOf({ facts, mutation }: SchemaIndex, member: IndexedMember): MemberPage['cost'] {
  if (member.kind === 'value') return undefined;
  const own = facts.elements.get(member.coordinate);
  const ofType = facts.elements.get(member.typeName ?? '')?.cost;
  const points = own?.cost ?? ofType ?? (member.givesObject && !member.isInput ? 1 : 0);
  const source =
    own?.cost !== undefined
      ? 'the field’s own @cost'
      : ofType !== undefined
        ? `the @cost of ${member.typeName ?? ''}`
        : member.givesObject
          ? 'what an object costs'
          : 'leaves are free';
  const size = own?.listSize ?? `a list of ${LIST_SIZE_ASSUMED} is assumed`;
  const list = member.isList && !member.isInput ? `, for each item: ${size}` : '';
  const isMutation = mutation !== undefined && member.coordinate.startsWith(`${mutation}.`);
  return { points, because: `${source}${list}${isMutation ? `; a mutation adds ${MUTATION_POINTS} once` : ''}` };
}

function shared(
  index: SchemaIndex,
  coordinate: string,
  needs: Needs,
): Pick<ElementFactsShown, 'coordinate' | 'isHidden' | 'needs' | 'scopes' | 'tags' | 'contracts'> {
  const facts = index.facts.elements.get(coordinate);
  return {
    coordinate,
    isHidden: facts?.inaccessible === true,
    needs: tellNeeds(needs),
    scopes: [...new Set(needs.scopes.flat(2))].sort(),
    tags: [...(facts?.tags ?? [])].sort(),
    contracts: contractsOf(index, coordinate),
  };
}

/** Takes a type and one of its members; gives the member whole. */
export function showMember(index: SchemaIndex, type: IndexedType, member: IndexedMember, use: UseTeller): MemberPage {
  return {
    ...shared(index, member.coordinate, index.needs.needsOf(type.name, member.name)),
    kind: member.kind,
    description: member.description,
    deprecated: member.deprecated,
    owners: memberOwners(index, member),
    cost: costOf(index, member),
    parent: type.name,
    name: member.name,
    type: member.type,
    typeName: member.typeName,
    standard: member.standard,
    args: member.args.map((argument) => ({ ...argument, count: use.countOf(argument.coordinate) })),
    use: use.useOf(member.coordinate),
  };
}

function showBrief(index: SchemaIndex, type: IndexedType, member: IndexedMember, use: UseTeller): MemberBrief {
  const { coordinate, name, description, args } = member;
  const facts = index.facts.elements.get(coordinate);
  return {
    ...{ coordinate, name, description, type: member.type, args: args.length },
    isDeprecated: member.deprecated !== undefined,
    isHidden: facts?.inaccessible === true,
    needsScopes: isNeeding(index.needs.needsOf(type.name, name)),
    owners: [...(index.facts.fields.get(coordinate)?.keys() ?? [])],
    tags: [...(facts?.tags ?? [])].sort(),
    count: use.countOf(coordinate),
  };
}

/** Takes a type; gives it with a part of its members. */
export function showType(
  index: SchemaIndex,
  type: IndexedType,
  use: UseTeller,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): TypePage {
  const facts = index.facts.elements.get(type.name);
  const usedIn = index.usedIn.get(type.name) ?? [];
  const cost = facts?.cost === undefined ? undefined : { points: facts.cost, because: 'its own @cost' };
  return {
    ...shared(index, type.name, index.needs.needsOf(type.name, '__typename')),
    kind: type.kind,
    description: type.description,
    deprecated: undefined,
    owners: typeOwners(index, type.name),
    cost,
    name: type.name,
    members: type.members.slice(offset, offset + limit).map((member) => showBrief(index, type, member, use)),
    membersTotal: type.members.length,
    interfaces: type.interfaces,
    possible: type.possible,
    usedIn: usedIn.slice(0, USED_IN_MAX),
    usedInTotal: usedIn.length,
  };
}
