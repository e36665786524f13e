// What an operation costs in points, by IBM's cost specification as Apollo's router reads it: known before anything is
// planned, from the document and the variables alone. Compiled once an operation; a request costs microseconds.
import { Kind, OperationTypeNode } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { Fields } from '../compiledOperation.ts';
import { openActualCost } from './actualCost.ts';
import { ArgumentCosts } from './costOfArguments.ts';
import { CostProgram, POINTS_MAX, type Term } from './costProgram.ts';
import { AskedFieldReader, Immeasurable, type AskedField, type AskedSet, type CostRules } from './readAskedFields.ts';

/** An operation's cost, for any variables. */
export interface CompiledCost {
  /** Takes coerced variables; gives the points, a whole number of at most POINTS_MAX. The same for the same, always. */
  estimate(coerced: Fields): number;
  /** Takes the data of an answer, as the client gets it; gives what it cost, with the same weights. */
  actual(data: unknown, coerced: Fields): number;
  /** Gives the public sentence on a field that needs exactly one slicing argument and has not; else undefined. */
  faultIn(coerced: Fields): string | undefined;
}

/** Compiles costs on one schema. */
export type CostCompiler = (document: DocumentNode, operation: OperationDefinitionNode) => CompiledCost;

const MUTATION_POINTS = 10;
const IMMEASURABLE: CompiledCost = {
  estimate: () => POINTS_MAX,
  actual: () => POINTS_MAX,
  faultIn: () => undefined,
};

/** Adds up what is asked: the dearest of the types that an object can be. */
class Estimate {
  private readonly known = [new Map<AskedSet, Term>(), new Map<AskedSet, Term>()] as const;
  private readonly program: CostProgram;

  constructor(program: CostProgram) {
    this.program = program;
  }

  /** Points of a set's dearest type: with its own weight, or without where the field has said one. */
  termOf(set: AskedSet, isWeighted: boolean): Term {
    const known = this.known[isWeighted ? 1 : 0];
    const before = known.get(set);
    if (before !== undefined) return before;
    const terms = set.variants.map(({ weight, fields }) =>
      this.program.sum([isWeighted ? weight : 0, ...fields.map((field) => this.field(field))]),
    );
    const term = this.program.max(terms);
    known.set(set, term);
    return term;
  }

  private field({ weight, count, args, inner }: AskedField): Term {
    const inside = inner === undefined ? 0 : this.termOf(inner, weight === undefined);
    const each = this.program.sum([weight ?? 0, inside]);
    return this.program.sum([this.program.times(count, each), args]);
  }
}

function faultOf(reader: AskedFieldReader, coerced: Fields): string | undefined {
  for (const { coordinate, slicing } of reader.sliced.values()) {
    const given = slicing.filter(({ isGiven }) => isGiven(coerced)).length;
    const isByDefault = given === 0 && slicing.some(({ sizeFor }) => sizeFor(coerced) !== undefined);
    if (given === 1 || isByDefault) continue;
    const names = slicing.map(({ name }) => name);
    return names.length === 1
      ? `${coordinate} needs the argument ${names.join()}.`
      : `${coordinate} needs exactly one of the arguments ${names.join(', ')}.`;
  }
  return undefined;
}

function compile(
  rules: CostRules,
  costs: ArgumentCosts,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  operation: OperationDefinitionNode,
): CompiledCost {
  const root = rules.schema.getRootType(operation.operation);
  if (root === undefined || root === null) throw new Error('the operation has no root type');
  const program = new CostProgram();
  const reader = new AskedFieldReader(rules, fragments, program, costs);
  const asked = reader.setOf(root.name, [operation.selectionSet]);
  const base = operation.operation === OperationTypeNode.MUTATION ? MUTATION_POINTS : 0;
  const total = program.sum([base, new Estimate(program).termOf(asked, false)]);
  const actualOf = openActualCost(asked, program);
  return {
    estimate: (coerced) => Math.ceil(typeof total === 'number' ? total : program.run(coerced)(total)),
    actual: (data, coerced) => Math.min(POINTS_MAX, Math.ceil(base + actualOf(data, program.run(coerced)))),
    faultIn: (coerced) => (reader.sliced.size === 0 ? undefined : faultOf(reader, coerced)),
  };
}

/**
 * Takes what costs are worked out by; gives what compiles the cost of a valid document's operation. One that is too large
 * to be worked out, which admission refuses, costs POINTS_MAX.
 */
export function openCostCompiler(rules: CostRules): CostCompiler {
  const costs = new ArgumentCosts(rules.index);
  return (document, operation) => {
    const named = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    try {
      return compile(rules, costs, new Map(named.map((node) => [node.name.value, node])), operation);
    } catch (error) {
      if (error instanceof Immeasurable) return IMMEASURABLE;
      throw error;
    }
  };
}
