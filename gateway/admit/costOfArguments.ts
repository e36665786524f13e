// What arguments cost and tell of costs: an input object 1, what @cost says of an argument, an input field or an input
// type, each element of a list for itself; and the sizes that slicing arguments give.
import {
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  valueFromAST,
  visit,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type ValueNode,
} from 'graphql';
import { isFields, type Fields } from '../compiledOperation.ts';
import type { CostIndex, ListSize } from './costIndex.ts';
import type { CostProgram, Term } from './costProgram.ts';

/** The cost of a coerced input value. */
type Scorer = (value: unknown) => number;

const INPUT_OBJECT_POINTS = 1;

function hasVariable(value: ValueNode): boolean {
  let found = false;
  visit(value, { Variable: () => void (found = true) });
  return found;
}

/** Works out what arguments cost on one schema. */
export class ArgumentCosts {
  private readonly index: CostIndex;
  private readonly scorers = new Map<string, Scorer>();

  constructor(index: CostIndex) {
    this.index = index;
  }

  /** The cost of a field's arguments, as far as they are given. */
  termOf(program: CostProgram, node: FieldNode, field: GraphQLField<unknown, unknown>, coordinate: string): Term {
    const terms = (node.arguments ?? []).map((given): Term => {
      const argument = field.args.find(({ name }) => name === given.name.value);
      const score = argument && this.scorer(argument.type, this.index.weightOf(`${coordinate}(${argument.name}:)`));
      if (argument === undefined || score === undefined) return 0;
      const { value } = given;
      if (value.kind === Kind.VARIABLE) return program.read((coerced) => score(coerced[value.name.value]));
      if (!hasVariable(value)) return score(valueFromAST(value, argument.type));
      return program.read((coerced) => score(valueFromAST(value, argument.type, coerced)));
    });
    return program.sum(terms);
  }

  /** What a value of a type costs; undefined where none ever costs anything. */
  private scorer(type: GraphQLInputType, weight: number | undefined): Scorer | undefined {
    if (isNonNullType(type)) return this.scorer(type.ofType, weight);
    if (isListType(type)) {
      const item = this.scorer(type.ofType, weight);
      return item && ((value) => (Array.isArray(value) ? sumOf(value, item) : 0));
    }
    const named = getNamedType(type);
    const own = weight ?? this.index.weightOf(named.name);
    if (isInputObjectType(named)) return this.objectScorer(named.name, own ?? INPUT_OBJECT_POINTS, named);
    const points = own ?? 0;
    return points === 0 ? undefined : (value) => (value === null || value === undefined ? 0 : points);
  }

  private objectScorer(
    name: string,
    points: number,
    type: { getFields(): Readonly<Record<string, { readonly type: GraphQLInputType }>> },
  ): Scorer {
    const key = `${name} ${points}`;
    const known = this.scorers.get(key);
    if (known !== undefined) return known;
    const fields: (readonly [string, Scorer])[] = [];
    const score: Scorer = (value) => {
      if (!isFields(value)) return 0;
      let total = points;
      for (const [field, scoreOf] of fields) total += scoreOf(value[field]);
      return total;
    };
    // Known before its fields are looked at: input types may hold themselves.
    this.scorers.set(key, score);
    for (const [field, { type: fieldType }] of Object.entries(type.getFields())) {
      const inner = this.scorer(fieldType, this.index.weightOf(`${name}.${field}`));
      if (inner !== undefined) fields.push([field, inner]);
    }
    return score;
  }
}

function sumOf(values: readonly unknown[], score: Scorer): number {
  let total = 0;
  for (const value of values) total += score(value);
  return total;
}

/** A slicing argument of a field: the size that it gives, undefined where it gives none. */
export interface SlicingArgument {
  readonly name: string;
  /** Equal texts, equal sizes. */
  readonly description: string;
  /** Whether the size is the same for all variables. */
  readonly isFixed: boolean;
  /** Whether the caller gave it, as against its default in the schema. */
  readonly isGiven: (coerced: Fields) => boolean;
  readonly sizeFor: (coerced: Fields) => number | undefined;
}

/** A size below zero is none; null says as little as nothing. */
function sizeIn(value: unknown): number | undefined {
  return typeof value === 'number' && !Number.isNaN(value) ? Math.max(0, value) : undefined;
}

function readSlicingArgument(node: FieldNode, argument: GraphQLArgument): SlicingArgument {
  const { name } = argument;
  const byDefault = sizeIn(argument.defaultValue);
  const value = node.arguments?.find((given) => given.name.value === name)?.value;
  if (value?.kind === Kind.VARIABLE) {
    const variable = value.name.value;
    return {
      name,
      description: `$${variable}|${byDefault}`,
      isFixed: false,
      isGiven: (coerced) => sizeIn(coerced[variable]) !== undefined,
      sizeFor: (coerced) => sizeIn(coerced[variable]) ?? byDefault,
    };
  }
  const given = value === undefined ? undefined : sizeIn(valueFromAST(value, argument.type));
  const size = given ?? byDefault;
  return {
    name,
    description: String(size),
    isFixed: true,
    isGiven: () => given !== undefined,
    sizeFor: () => size,
  };
}

/** Takes a field and what is said of its size; gives its slicing arguments, as far as the caller's schema has them. */
export function slicingArgumentsOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  { slicingArguments }: ListSize,
): SlicingArgument[] {
  const arguments_ = field.args.filter(({ name }) => slicingArguments.includes(name));
  return arguments_.map((argument) => readSlicingArgument(node, argument));
}
