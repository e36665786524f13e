// A supergraph as the page shows it: every type and field by its coordinate, with who owns it, what it takes, which
// contracts show it and what it costs. Made once for each supergraph. Pure.
import {
  buildASTSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  parse,
  print,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { openNeeds } from '../supergraph/fieldNeeds.ts';
import { readJoinFacts, type JoinFacts } from '../supergraph/joinFacts.ts';
import type { ScopeIndex } from '../supergraph/scopeIndex.ts';
import { readSupergraphLinks } from '../supergraph/supergraphLinks.ts';
import type { ElementKind } from './pageWords.ts';

/** What is shown: a supergraph, and the public schema of each contract. */
export interface ShownSchema {
  /** Another one for each other content. */
  readonly hash: string;
  /** What it is, in words. */
  readonly name: string;
  readonly supergraph: string;
  readonly contracts: ReadonlyMap<string, string>;
}

/** A field, input field or enum value. */
export interface IndexedMember {
  readonly coordinate: string;
  readonly name: string;
  readonly kind: 'field' | 'value';
  /** As it is written, with lists and `!`; undefined for a value. */
  readonly type: string | undefined;
  readonly typeName: string | undefined;
  readonly givesObject: boolean;
  readonly isList: boolean;
  readonly isInput: boolean;
  readonly standard: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: string | undefined;
  readonly args: readonly IndexedArgument[];
}

/** An argument of a field. */
export interface IndexedArgument {
  readonly coordinate: string;
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly standard: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: string | undefined;
}

/** A type. */
export interface IndexedType {
  readonly name: string;
  readonly kind: Exclude<ElementKind, 'field' | 'value'>;
  readonly description: string | undefined;
  readonly interfaces: readonly string[];
  readonly possible: readonly string[];
  readonly members: readonly IndexedMember[];
}

/** A supergraph, opened. */
export interface SchemaIndex {
  readonly hash: string;
  readonly name: string;
  readonly types: ReadonlyMap<string, IndexedType>;
  readonly fieldsTotal: number;
  readonly subgraphs: readonly string[];
  /** By contract, the coordinates of what it shows. */
  readonly contracts: ReadonlyMap<string, ReadonlySet<string>>;
  readonly facts: JoinFacts;
  readonly needs: ScopeIndex;
  readonly mutation: string | undefined;
  /** By type, the coordinates of fields and arguments of that type. */
  readonly usedIn: ReadonlyMap<string, readonly string[]>;
}

function kindOf(type: GraphQLNamedType): IndexedType['kind'] {
  if (isObjectType(type)) return 'object';
  if (isInterfaceType(type)) return 'interface';
  if (isUnionType(type)) return 'union';
  if (isEnumType(type)) return 'enum';
  return isInputObjectType(type) ? 'input' : 'scalar';
}

function standardOf({
  astNode,
}: GraphQLArgument | { readonly astNode?: GraphQLArgument['astNode'] }): string | undefined {
  return astNode?.defaultValue && print(astNode.defaultValue);
}

function readArgument(owner: string, argument: GraphQLArgument): IndexedArgument {
  return {
    coordinate: `${owner}(${argument.name}:)`,
    name: argument.name,
    type: String(argument.type),
    typeName: getNamedType(argument.type).name,
    standard: standardOf(argument),
    description: argument.description ?? undefined,
    deprecated: argument.deprecationReason ?? undefined,
  };
}

const VALUE = {
  kind: 'value',
  type: undefined,
  typeName: undefined,
  givesObject: false,
  isList: false,
  isInput: false,
  standard: undefined,
  args: [],
} as const;

function readMembers(type: GraphQLNamedType): IndexedMember[] {
  const describe = (element: { name: string; description?: unknown; deprecationReason?: unknown }) => ({
    coordinate: `${type.name}.${element.name}`,
    name: element.name,
    description: typeof element.description === 'string' ? element.description : undefined,
    deprecated: typeof element.deprecationReason === 'string' ? element.deprecationReason : undefined,
  });
  if (isEnumType(type)) return type.getValues().map((value) => ({ ...VALUE, ...describe(value) }));
  if (!('getFields' in type)) return [];
  return Object.values<GraphQLField<unknown, unknown> | GraphQLInputField>(type.getFields()).map((field) => {
    const named = getNamedType(field.type);
    const own = describe(field);
    return {
      ...own,
      kind: 'field',
      type: String(field.type),
      typeName: named.name,
      givesObject: isCompositeType(named),
      isList: String(field.type).startsWith('['),
      isInput: !('args' in field),
      standard: 'args' in field ? undefined : standardOf(field),
      args: 'args' in field ? field.args.map((argument) => readArgument(own.coordinate, argument)) : [],
    };
  });
}

function readType(type: GraphQLNamedType, schema: GraphQLSchema): IndexedType {
  const possible = isUnionType(type)
    ? type.getTypes()
    : isInterfaceType(type)
      ? schema.getImplementations(type).objects
      : [];
  return {
    name: type.name,
    kind: kindOf(type),
    description: type.description ?? undefined,
    interfaces: 'getInterfaces' in type ? type.getInterfaces().map(({ name }) => name) : [],
    possible: possible.map(({ name }) => name),
    members: readMembers(type),
  };
}

/** Everything that a public schema shows. */
function coordinatesOf(sdl: string): Set<string> {
  const schema = buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });
  const shown = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    shown.add(type.name);
    for (const { coordinate, args } of readMembers(type)) {
      shown.add(coordinate);
      for (const argument of args) shown.add(argument.coordinate);
    }
  }
  return shown;
}

function readUses(types: Iterable<IndexedType>): Map<string, string[]> {
  const usedIn = new Map<string, string[]>();
  const note = (typeName: string | undefined, coordinate: string): void => {
    if (typeName === undefined) return;
    const known = usedIn.get(typeName);
    if (known === undefined) usedIn.set(typeName, [coordinate]);
    else known.push(coordinate);
  };
  for (const { members } of types) {
    for (const { typeName, coordinate, args } of members) {
      note(typeName, coordinate);
      for (const argument of args) note(argument.typeName, argument.coordinate);
    }
  }
  return usedIn;
}

/** Opens a schema for the page. Throws where it is no supergraph. */
export function openSchemaIndex({ hash, name, supergraph, contracts }: ShownSchema): SchemaIndex {
  const document = parse(supergraph, { noLocation: true });
  const links = readSupergraphLinks(document);
  const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const shown = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !links.isLinkedType(type.name),
  );
  const order = (type: GraphQLNamedType): number =>
    [schema.getQueryType(), schema.getMutationType()].findIndex((root) => root === type) >>> 0;
  const sorted = shown.toSorted((left, right) => order(left) - order(right) || (left.name < right.name ? -1 : 1));
  const types = new Map(sorted.map((type) => [type.name, readType(type, schema)]));
  const facts = readJoinFacts(supergraph);
  return {
    hash,
    name,
    types,
    fieldsTotal: [...types.values()].reduce((sum, { members }) => sum + members.length, 0),
    subgraphs: [...facts.graphs.keys()],
    contracts: new Map([...contracts].map(([contract, sdl]) => [contract, coordinatesOf(sdl)])),
    facts,
    needs: openNeeds(supergraph),
    mutation: schema.getMutationType()?.name,
    usedIn: readUses(types.values()),
  };
}
