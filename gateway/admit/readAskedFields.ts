// What an operation asks, as far as it costs: fields merged as execution merges them, once for each type that an object
// can turn out to be. Equal selections on equal types are read once, however often fragments spread them.
import { getNamedType, isAbstractType, isCompositeType, isListType, isNonNullType, isObjectType, Kind } from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql';
import type { Fields } from '../compiledOperation.ts';
import { slicingArgumentsOf, type ArgumentCosts, type SlicingArgument } from './costOfArguments.ts';
import type { CostIndex, ListSize } from './costIndex.ts';
import type { CostProgram, Term } from './costProgram.ts';

/** What costs are worked out by. */
export interface CostRules {
  /** The schema of the caller's view: what it hides must not show in a cost. */
  readonly schema: GraphQLSchema;
  readonly index: CostIndex;
  /** The length of a list of which nothing is said. */
  readonly listSizeAssumed: number;
}

/** A field that costs something, or has something in it that does. */
export interface AskedField {
  /** Where it stands in the answer. */
  readonly key: string;
  /** Points of each of its values; undefined for those of the type that it turns out to be. */
  readonly weight: number | undefined;
  /** How many lists its values stand in. */
  readonly listDepth: number;
  /** How many values it is estimated to have. */
  readonly count: Term;
  /** Points of its arguments. */
  readonly args: Term;
  /** What is asked of each of its values; undefined for leaves. */
  readonly inner: AskedSet | undefined;
}

/** What is asked of an object of one type. */
export interface AskedObject {
  /** Points of the type. */
  readonly weight: number;
  readonly fields: readonly AskedField[];
}

/** What is asked of an object, for each type that it can turn out to be. */
export interface AskedSet {
  readonly variants: readonly AskedObject[];
}

/** A field of which not exactly one slicing argument may be given. */
export interface SlicedField {
  readonly coordinate: string;
  readonly slicing: readonly SlicingArgument[];
}

/** The size of lists in an object, said by the field above it. */
interface Sizing {
  readonly fields: readonly string[];
  readonly size: Term;
}

/** The operation is one that costs more than can be worked out; admission refuses such before. */
export class Immeasurable extends Error {}

const COMPOSITE_POINTS = 1;
/** Each is answered by the gateway itself, out of the schema. */
const INTROSPECTION_POINTS = 10;
const FIELDS_READ_MAX = 100_000;

function listDepthOf(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepthOf(type.ofType);
  return isListType(type) ? 1 + listDepthOf(type.ofType) : 0;
}

/** Reads one operation. */
export class AskedFieldReader {
  readonly sliced = new Map<string, SlicedField>();
  private readonly rules: CostRules;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly program: CostProgram;
  private readonly costs: ArgumentCosts;
  private readonly ids = new Map<SelectionSetNode, number>();
  private readonly sets = new Map<string, AskedSet>();
  private read = 0;

  constructor(
    rules: CostRules,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    program: CostProgram,
    costs: ArgumentCosts,
  ) {
    this.rules = rules;
    this.fragments = fragments;
    this.program = program;
    this.costs = costs;
  }

  /** Takes a type and the selections on it; gives what they ask. Throws Immeasurable. */
  setOf(typeName: string, sets: readonly SelectionSetNode[], sizing?: Sizing): AskedSet {
    const key = this.keyOf(typeName, sets, sizing);
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    const type = this.rules.schema.getType(typeName);
    const types = isAbstractType(type) ? this.rules.schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
    const variants = types.map((each) => {
      const weight = this.rules.index.weightOf(each.name) ?? COMPOSITE_POINTS;
      return { weight, fields: this.fieldsOf(each, sets, sizing) };
    });
    const asked = { variants };
    this.sets.set(key, asked);
    return asked;
  }

  private keyOf(typeName: string, sets: readonly SelectionSetNode[], sizing: Sizing | undefined): string {
    const ids = sets.map((set) => {
      const id = this.ids.get(set) ?? this.ids.size;
      this.ids.set(set, id);
      return id;
    });
    const { fields, size } = sizing ?? { fields: [], size: 0 };
    return `${typeName} ${ids.join()} ${fields.join()} ${typeof size === 'number' ? size : `@${size.at}`}`;
  }

  private fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[], sizing: Sizing | undefined) {
    const byKey = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) this.collect(set, type, byKey, spread);
    return [...byKey].flatMap(([key, nodes]): AskedField[] => {
      const field = this.field(key, nodes, type, sizing);
      const isFree = field?.weight === 0 && field.args === 0 && field.inner === undefined;
      return field === undefined || isFree ? [] : [field];
    });
  }

  /** As CollectFields of the GraphQL specification, whatever @skip and @include say. */
  private collect(
    set: SelectionSetNode,
    type: GraphQLObjectType,
    byKey: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of set.selections) {
      if (++this.read > FIELDS_READ_MAX) throw new Immeasurable();
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, [selection]);
        else known.push(selection);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
      if (fragment === undefined || !this.fulfils(type, fragment.typeCondition?.name.value)) continue;
      this.collect(fragment.selectionSet, type, byKey, spread);
    }
  }

  private fulfils(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = this.rules.schema.getType(condition);
    return isAbstractType(wanted) && this.rules.schema.isSubType(wanted, type);
  }

  private field(
    key: string,
    nodes: readonly FieldNode[],
    type: GraphQLObjectType,
    sizing: Sizing | undefined,
  ): AskedField | undefined {
    const [node] = nodes;
    if (node === undefined || node.name.value === '__typename') return undefined;
    const name = node.name.value;
    if (name === '__schema' || name === '__type') {
      return { key, weight: INTROSPECTION_POINTS, listDepth: 0, count: 1, args: 0, inner: undefined };
    }
    const field = type.getFields()[name];
    if (field === undefined) return undefined;
    const { index } = this.rules;
    const coordinate = `${type.name}.${name}`;
    const named = getNamedType(field.type);
    const isComposite = isCompositeType(named);
    const depth = listDepthOf(field.type);
    const leafWeight = isComposite ? undefined : (index.weightOf(named.name) ?? 0);
    const own = index.listSizeOf(coordinate);
    const size = own && this.sizeOf(node, field, own, coordinate);
    const above = sizing?.fields.includes(name) === true ? sizing.size : undefined;
    const inside = own !== undefined && size !== undefined && own.sizedFields.length > 0;
    const sets = nodes.flatMap((each) => each.selectionSet ?? []);
    return {
      key,
      weight: index.weightOf(coordinate) ?? leafWeight,
      listDepth: depth,
      count: this.countOf(depth, above ?? size),
      args: this.costs.termOf(this.program, node, field, coordinate),
      inner: isComposite
        ? this.setOf(named.name, sets, inside ? { fields: own.sizedFields, size } : undefined)
        : undefined,
    };
  }

  /** How many values a field has: of lists in lists, only the outermost has the size that is said. */
  private countOf(depth: number, size: Term | undefined): Term {
    if (depth === 0) return 1;
    const { listSizeAssumed } = this.rules;
    return this.program.times(size ?? listSizeAssumed, listSizeAssumed ** (depth - 1));
  }

  private sizeOf(
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
    listSize: ListSize,
    coordinate: string,
  ): Term | undefined {
    const slicing = slicingArgumentsOf(node, field, listSize);
    if (slicing.length === 0) return listSize.assumedSize;
    const description = slicing.map((each) => each.description).join();
    if (listSize.isOneNeeded) this.sliced.set(`${coordinate} ${description}`, { coordinate, slicing });
    const without = listSize.assumedSize ?? this.rules.listSizeAssumed;
    const sizeFor = (coerced: Fields): number => {
      const sizes = slicing.flatMap((each) => each.sizeFor(coerced) ?? []);
      return sizes.length === 0 ? without : Math.max(...sizes);
    };
    if (slicing.every(({ isFixed }) => isFixed)) return sizeFor({});
    return this.program.readShared(`${description} ${without}`, sizeFor);
  }
}
