// The data of a graph: every value is a function of the object, the field and its arguments, so that any number of
// subgraphs and the oracle give the same without sharing anything. Failures and nulls are functions too.
import {
  getArgumentValues,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type FieldNode,
  type GraphQLEnumType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { ContextArgument, SubgraphFacts } from './readSubgraph.ts';
import { Truths, type FieldTruth } from './truths.ts';

const ENTITIES_PER_TYPE = 4;

/** What may happen during one operation: chances out of 1,000. The same conditions always give the same answer. */
export interface Conditions {
  readonly seed: number;
  readonly nulls: number;
  readonly failures: number;
  /** Entities that a subgraph does not know, or fails to find. */
  readonly away: number;
}

/** Nothing fails, nothing is null, everybody is known. */
export const CALM: Conditions = { seed: 1, nulls: 0, failures: 0, away: 0 };

/** An object of the graph. */
export interface WorldObject {
  readonly type: string;
  readonly id: string;
  /** The object that it was reached from. */
  readonly above: WorldObject | undefined;
  /** What the gateway sent to name it, in a subgraph. */
  readonly reference?: Record<string, unknown>;
}

/** A number from 0 to 2^32 - 1 that depends on every character of the text (FNV-1a, then murmur's finish). */
export function hashText(text: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** JSON with the keys of objects in order: equal values give equal text. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

/** Whether something in the graph is an object of it. */
export function isWorldObject(value: unknown): value is WorldObject {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value && 'above' in value;
}

/** The data of a graph under some conditions. */
export class World {
  readonly truths: Truths;
  private readonly api: GraphQLSchema;
  private readonly subgraphs: readonly SubgraphFacts[];
  private conditions = CALM;
  private mutations = 0;

  constructor(subgraphs: readonly SubgraphFacts[], api: GraphQLSchema) {
    this.subgraphs = subgraphs;
    this.api = api;
    this.truths = new Truths(subgraphs, api);
  }

  /** Starts an operation: mutations are counted anew. */
  begin(conditions: Conditions): void {
    this.conditions = conditions;
    this.mutations = 0;
  }

  /** How many mutations ran since the operation began. */
  get mutationsRun(): number {
    return this.mutations;
  }

  /** The object that an operation starts from. */
  root(type: 'Query' | 'Mutation'): WorldObject {
    return { type, id: type, above: undefined };
  }

  /** All entities of a type. */
  entities(type: string): readonly WorldObject[] {
    return Array.from({ length: ENTITIES_PER_TYPE }, (_, index) => ({
      type,
      id: `${type}:${index}`,
      above: undefined,
    }));
  }

  /** How an entity stands with a subgraph. */
  standing(subgraph: string, object: WorldObject): 'known' | 'unknown' | 'fails' {
    if (!this.truths.mayBeAway(object.type, subgraph)) return 'known';
    if (!this.isDrawn(`away ${subgraph} ${object.id}`, this.conditions.away)) return 'known';
    return this.draw(`how away ${subgraph} ${object.id}`) % 2 === 0 ? 'unknown' : 'fails';
  }

  /** A field as one process computes it that has everything: its inputs come from the graph itself. */
  resolve(object: WorldObject, field: string, given: Record<string, unknown>): unknown {
    const truth = this.truths.of(object.type, field);
    const inputs = truth.requires && this.select(object, truth.requires);
    const fromContext = truth.contextArguments.map((argument): [string, unknown] => [
      argument.argument,
      this.readContext(object, truth, argument),
    ]);
    return this.value(object, field, { ...given, ...Object.fromEntries(fromContext) }, inputs);
  }

  /** A field with the inputs that it was given. Throws where it is made to fail. */
  value(object: WorldObject, field: string, given: Record<string, unknown>, inputs: unknown): unknown {
    const truth = this.truths.of(object.type, field);
    const isMutation = object.type === 'Mutation';
    if (isMutation) this.mutations++;
    const named = `${object.id}.${field}(${canonicalText(given)})`;
    const standing = truth.awayIn === undefined ? 'known' : this.standing(truth.awayIn, object);
    if (standing === 'fails') throw new Error(`${object.id} fails`);
    if (standing === 'unknown') {
      if (isNonNullType(truth.type)) throw new Error(`${object.id} is unknown`);
      return null;
    }
    if (truth.canFail && this.isDrawn(`fail ${named}`, this.conditions.failures)) throw new Error(`${named} fails`);
    const turn = isMutation ? ` ${this.mutations}` : '';
    const seed = `${named}${turn}${inputs === undefined ? '' : ` ${canonicalText(inputs)}`}`;
    return this.build({ type: truth.type, seed, truth, object });
  }

  /** Takes an object and a selection without aliases; gives what it selects. Throws where a part of it fails. */
  select(object: WorldObject, selection: SelectionSetNode): Record<string, unknown> {
    const selected: Record<string, unknown> = {};
    for (const node of selection.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition?.name.value;
        if (this.isOf(object.type, condition)) Object.assign(selected, this.select(object, node.selectionSet));
      } else if (node.kind === Kind.FIELD && node.name.value !== '__typename') {
        selected[node.name.value] = this.selectField(object, node);
      }
    }
    return selected;
  }

  /** Whether an object type is, or falls under, a condition. */
  isOf(type: string, condition: string | undefined): boolean {
    if (condition === undefined || condition === type || this.truths.types.interfacesOf(type).has(condition))
      return true;
    return this.subgraphs.some((subgraph) => this.truths.types.concreteTypes(subgraph, condition).includes(type));
  }

  private selectField(object: WorldObject, node: FieldNode): unknown {
    const truth = this.truths.of(object.type, node.name.value);
    const value = this.resolve(object, node.name.value, getArgumentValues(truth.field, node));
    const inside = (part: unknown): unknown => {
      if (part instanceof Error) throw part;
      if (Array.isArray(part)) return part.map(inside);
      return node.selectionSet && isWorldObject(part) ? this.select(part, node.selectionSet) : part;
    };
    return inside(value);
  }

  private readContext(object: WorldObject, truth: FieldTruth, argument: ContextArgument): unknown {
    for (let above = object.above; above !== undefined; above = above.above) {
      const { type } = above;
      const names = [type, ...this.truths.types.interfacesOf(type)];
      const holds = truth.owners.some(({ types }) =>
        names.some((name) => types.get(name)?.contexts.includes(argument.context)),
      );
      if (!holds) continue;
      let value: unknown = this.select(above, argument.selection);
      while (typeof value === 'object' && value !== null) value = Object.values(value)[0];
      return value;
    }
    throw new Error(`no context ${argument.context} above ${object.id}`);
  }

  private draw(text: string): number {
    return hashText(`${this.conditions.seed} ${text}`);
  }

  private isDrawn(text: string, chance: number): boolean {
    return chance > 0 && this.draw(text) % 1_000 < chance;
  }

  private build(part: Part): unknown {
    const { type, seed, truth } = part;
    if (isNonNullType(type)) return this.buildPresent({ ...part, type: type.ofType });
    return !truth.isKey && this.isDrawn(`null ${seed}`, this.conditions.nulls) ? null : this.buildPresent(part);
  }

  private buildPresent({ type, seed, truth, object }: Part): unknown {
    if (isListType(type)) {
      const length = this.draw(`length ${seed}`) % 4;
      return Array.from({ length }, (_, index) => {
        const place = `${seed}.${index}`;
        const fails = truth.canFail && this.isDrawn(`fail ${place}`, this.conditions.failures / 4);
        return fails ? new Error(`${place} fails`) : this.build({ type: type.ofType, seed: place, truth, object });
      });
    }
    const named = getNamedType(type);
    if (isLeafType(named)) return truth.isKey ? keyLeaf(named.name, object, truth) : this.leaf(named.name, seed);
    const chosen = truth.candidates[this.draw(`type ${seed}`) % truth.candidates.length];
    if (chosen === undefined) throw new Error(`nothing can stand for ${seed}`);
    if (!this.truths.isEntity(chosen)) return { type: chosen, id: seed, above: object } satisfies WorldObject;
    const entity = this.entities(chosen)[this.draw(`entity ${seed}`) % ENTITIES_PER_TYPE];
    return { ...entity, above: object };
  }

  private leaf(type: string, seed: string): unknown {
    const drawn = this.draw(`leaf ${seed}`);
    const named = this.api.getType(type) ?? this.subgraphs[0]?.schema.getType(type);
    if (isEnumType(named)) return this.enumValue(named, drawn);
    if (type === 'Int') return (drawn % 2_000) - 1_000;
    if (type === 'Float') return ((drawn % 20_000) - 10_000) / 8;
    if (type === 'Boolean') return drawn % 2 === 0;
    if (type === 'String' || type === 'ID') return `${WORDS[drawn % WORDS.length] ?? ''}${drawn % 997}`;
    return SCALARS[drawn % SCALARS.length];
  }

  /** Only what every subgraph and the client know. */
  private enumValue(type: GraphQLEnumType, drawn: number): string | undefined {
    const values = type.getValues().map((value) => value.name);
    const known = values.filter((value) =>
      this.subgraphs.every(({ schema }) => {
        const own = schema.getType(type.name);
        return !isEnumType(own) || own.getValue(value);
      }),
    );
    return known[drawn % known.length];
  }
}

interface Part {
  readonly type: GraphQLOutputType;
  readonly seed: string;
  readonly truth: FieldTruth;
  readonly object: WorldObject;
}

/** A leaf of a key tells objects apart. */
function keyLeaf(type: string, object: WorldObject, truth: FieldTruth): unknown {
  const text = `${object.id}.${truth.field.name}`;
  return type === 'Int' ? hashText(text) % 1_000_000_000 : text;
}

const WORDS = ['s', 'ä"', 'line\n', '<&>', '\\', '😀', '', ' ', '__typename', 'null'];
const SCALARS = ['2026-01-02', 7, 'x', { b: 1, a: [1, { c: null }] }, [1, 'two'], true, { __typename: 'No' }];
