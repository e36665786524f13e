// What holds for each field of the graph, whoever resolves it: who may, what it needs, whether it may fail or be null.
// The rules here keep an answer independent of the plan; where federation itself leaves a choice, the data does not.
import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { ContextArgument, FieldFacts, SubgraphFacts } from './readSubgraph.ts';
import { TypesOfGraph, type KnownAs } from './typesOfGraph.ts';

/** What holds for a field of an object type. */
export interface FieldTruth {
  readonly field: GraphQLField<unknown, unknown>;
  /** The strictest type that a subgraph gives it. */
  readonly type: GraphQLOutputType;
  /** The object types that it may give. */
  readonly candidates: readonly string[];
  readonly owners: readonly SubgraphFacts[];
  readonly requires: SelectionSetNode | undefined;
  readonly contextArguments: readonly ContextArgument[];
  /** Part of a key: it is never null and tells entities apart. */
  readonly isKey: boolean;
  readonly canFail: boolean;
  /** The only subgraph that has it, where entities may be unknown there. */
  readonly awayIn: string | undefined;
}

interface Definer {
  readonly subgraph: SubgraphFacts;
  readonly facts: FieldFacts;
  readonly field: GraphQLField<unknown, unknown>;
}

function strictest(left: GraphQLOutputType, right: GraphQLOutputType): GraphQLOutputType {
  if (isNonNullType(left)) return left;
  if (isNonNullType(right)) return right;
  return isListType(left) && isListType(right) && isNonNullType(right.ofType) ? right : left;
}

/** Everything that holds for the fields of a graph. */
export class Truths {
  readonly types: TypesOfGraph;
  private readonly api: GraphQLSchema;
  private readonly known = new Map<string, FieldTruth>();
  private readonly keyFields = new Set<string>();
  private readonly inputFields = new Set<string>();

  constructor(subgraphs: readonly SubgraphFacts[], api: GraphQLSchema) {
    this.types = new TypesOfGraph(subgraphs);
    this.api = api;
    for (const subgraph of subgraphs) this.markInputs(subgraph);
  }

  /** Takes a type and a field of it; gives what holds for it. Throws where no subgraph resolves it. */
  of(type: string, field: string): FieldTruth {
    const name = `${type}.${field}`;
    const known = this.known.get(name) ?? this.find(type, field);
    this.known.set(name, known);
    return known;
  }

  /** Whether objects of a type are found by a key. */
  isEntity(type: string): boolean {
    return this.types.keyTexts(type).size > 0;
  }

  /**
   * Whether a subgraph may not know some entities of a type without any plan going another way for it: it is nobody's
   * stepping stone, alone has its fields, and no input of others is lost with it.
   */
  mayBeAway(type: string, subgraph: string): boolean {
    if (this.types.keyTexts(type).size !== 1) return false;
    const known = this.types.knownAs(type);
    const here = known.find((entry) => entry.subgraph.name === subgraph);
    const standsForInterface = known.some((entry) => entry.name !== type);
    if (here === undefined || (standsForInterface && here.name === type)) return false;
    // Where the way to it begins there, a plan comes back even for its key once it knows the object's type.
    if (here.name !== type && this.isGiven(here)) return false;
    return [...here.facts.fields.keys()].every((field) => {
      const name = `${type}.${field}`;
      if (this.keyFields.has(name)) return !this.leadsFurther(here, field);
      const definers = this.definers(type, field);
      const isOwn = definers.length === 1 && definers[0]?.subgraph.name === subgraph;
      const isElsewhere = known.some((entry) => entry.subgraph.name !== subgraph && this.provides(entry, field));
      const isNeeded = this.inputFields.has(name) && isNonNullType(definers[0]?.field.type);
      return isOwn ? !isElsewhere && !isNeeded : here.facts.fields.get(field)?.isExternal === true;
    });
  }

  /** Takes a selection on a type as a subgraph knows it; calls for each field with the object types it may be on. */
  walk(
    subgraph: SubgraphFacts,
    typeName: string,
    selection: SelectionSetNode,
    visit: (type: string, field: string) => void,
  ): void {
    for (const node of selection.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        this.walk(subgraph, node.typeCondition?.name.value ?? typeName, node.selectionSet, visit);
        continue;
      }
      if (node.kind !== Kind.FIELD || node.name.value === '__typename') continue;
      for (const type of this.types.concreteTypes(subgraph, typeName)) visit(type, node.name.value);
      const own = subgraph.schema.getType(typeName);
      if (node.selectionSet === undefined || !(isObjectType(own) || isInterfaceType(own))) continue;
      const inner = own.getFields()[node.name.value];
      if (inner) this.walk(subgraph, getNamedType(inner.type).name, node.selectionSet, visit);
    }
  }

  /** Whether a field of a subgraph gives a type that it knows. */
  private isGiven({ subgraph, name }: KnownAs): boolean {
    const types = [...subgraph.types.keys()].map((type) => this.types.typeIn(subgraph, type));
    const fields = types.flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
    return fields.some((field) => getNamedType(field.type).name === name);
  }

  /** Whether a part of a key is an object with more than the key: a plan may pass through it to the rest. */
  private leadsFurther(entry: KnownAs, field: string): boolean {
    const own = entry.subgraph.schema.getType(entry.name);
    const type = isObjectType(own) ? getNamedType(own.getFields()[field]?.type) : undefined;
    if (!isObjectType(type)) return false;
    return Object.keys(type.getFields()).some((inner) => !this.keyFields.has(`${type.name}.${inner}`));
  }

  private provides(entry: { subgraph: SubgraphFacts }, field: string): boolean {
    const all = [...entry.subgraph.types.values()].flatMap((type) => [...type.fields.values()]);
    const text = JSON.stringify(all.map((facts) => facts.provides ?? null));
    return text.includes(`"value":"${field}"`);
  }

  private markInputs(subgraph: SubgraphFacts): void {
    const contexts = new Map<string, string[]>();
    for (const [name, facts] of subgraph.types) {
      for (const context of facts.contexts) contexts.set(context, [...(contexts.get(context) ?? []), name]);
    }
    const markKey = (type: string, field: string) => void this.keyFields.add(`${type}.${field}`);
    const markInput = (type: string, field: string) => void this.inputFields.add(`${type}.${field}`);
    for (const [name, facts] of subgraph.types) {
      for (const key of facts.keys) this.walk(subgraph, name, key.selection, markKey);
      for (const field of facts.fields.values()) {
        if (field.requires) this.walk(subgraph, name, field.requires, markInput);
        for (const argument of field.contextArguments) {
          for (const above of contexts.get(argument.context) ?? []) {
            this.walk(subgraph, above, argument.selection, markInput);
          }
        }
      }
    }
  }

  private definers(type: string, field: string): readonly Definer[] {
    const found = this.types.knownAs(type).flatMap(({ subgraph, name, facts }) => {
      const own = facts.fields.get(field);
      const definition = this.types.typeIn(subgraph, name);
      if (own === undefined || own.isExternal || !isObjectType(definition)) return [];
      const node = definition.getFields()[field];
      return node === undefined ? [] : [{ subgraph, facts: own, field: node }];
    });
    const replaced = new Set(
      found.flatMap(({ facts }) => (facts.overrides && !facts.overrides.isPartial ? [facts.overrides.from] : [])),
    );
    return found.filter(({ subgraph }) => !replaced.has(subgraph.name));
  }

  private find(type: string, field: string): FieldTruth {
    const definers = this.definers(type, field);
    const [first, ...others] = definers;
    if (first === undefined) throw new Error(`no subgraph resolves ${type}.${field}`);
    const strict = others.reduce<GraphQLOutputType>(
      (given, other) => strictest(given, other.field.type),
      first.field.type,
    );
    const candidates = definers.map(({ subgraph, field: own }) =>
      this.types.concreteTypes(subgraph, getNamedType(own.type).name),
    );
    const name = `${type}.${field}`;
    const apiType = this.api.getType(type);
    const apiField = isObjectType(apiType) ? apiType.getFields()[field] : undefined;
    const isEven = definers.every((definer) => String(definer.field.type) === String(apiField?.type ?? strict));
    const isKey = this.keyFields.has(name);
    const facts = definers.map((definer) => definer.facts);
    // Asked for one type, a field of an @interfaceObject is fetched for all: its failure would take what is around it.
    const isAsIfAll = definers.some(({ subgraph }) => !subgraph.types.has(type));
    const only = definers.length === 1 && !isKey && this.mayBeAway(type, first.subgraph.name) ? first : undefined;
    return {
      field: first.field,
      type: strict,
      candidates: (candidates[0] ?? []).filter(
        (candidate) => this.api.getType(candidate) && candidates.every((list) => list.includes(candidate)),
      ),
      owners: definers.map((definer) => definer.subgraph),
      requires: facts.find((own) => own.requires)?.requires,
      contextArguments: facts.flatMap((own) => own.contextArguments),
      isKey,
      canFail: isEven && !isKey && !(isNonNullType(strict) && (this.inputFields.has(name) || isAsIfAll)),
      awayIn: only?.subgraph.name,
    };
  }
}
