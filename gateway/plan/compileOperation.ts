// Once per operation and outcome of its conditions: names made safe, planned, fetches and the answer's shape compiled.
import { getVariableValues, isAbstractType, Kind, OperationTypeNode, print, type GraphQLSchema } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Clock } from '../../platform/clock.ts';
import type { CompiledOperation, DeniedFields, Fields, PreparedOperation } from '../compiledOperation.ts';
import { isRefusal, type Refusal } from '../requestState.ts';
import { openCacheable, type FindCacheable } from './cacheFetch.ts';
import type { CacheRules } from './cacheRules.ts';
import { findClashes } from './clashingNames.ts';
import { FetchCompiler } from './compileFetch.ts';
import { compilePlan } from './compilePlan.ts';
import { compileShape } from './compileShape.ts';
import { openEntityPlaces, type FindEntityPlaces } from './entityPlaces.ts';
import type { PlannerClient } from './plannerClient.ts';
import { planTreeOf } from './planTree.ts';
import type { PreparedSupergraph } from './prepareSupergraph.ts';
import { pruneImpossible } from './pruneImpossible.ts';
import { renameAliases } from './renameAliases.ts';
import { scheduleFetches } from './scheduleFetches.ts';
import { conditionVariables, fragmentsOf, specialize } from './specialize.ts';

/** What compiles operations of one supergraph. */
export interface OperationCompiler {
  /** Takes a valid document and its operation; gives it ready to be compiled for the variables of each request. */
  prepare(document: DocumentNode, operation: OperationDefinitionNode): PreparedOperation;
}

/** The parts of a supergraph that compiling needs. */
export interface CompilerParts {
  /** What the clients of this view see. */
  readonly apiSchema: GraphQLSchema;
  /** Whether that is a part of the graph alone. */
  readonly isPart: boolean;
  /** The same document without some of its fields, valid again. */
  readonly prune: (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    denied: DeniedFields['failures'],
  ) => { readonly document: DocumentNode; readonly operation: OperationDefinitionNode };
  /** All types, also those that clients do not see. */
  readonly types: GraphQLSchema;
  readonly plan: (document: string, operationName: string | undefined) => ReturnType<PlannerClient['plan']>;
  readonly prepared: PreparedSupergraph;
  /** What may be kept of subgraphs' answers; undefined where nothing is kept. */
  readonly cacheRules: CacheRules | undefined;
  readonly fieldNames: ReadonlySet<string>;
  /** Whether messages may name what is in the schema but was not asked. */
  readonly suggestionsAllowed: boolean;
  readonly clock: Clock;
}

/** How many outcomes of its conditions an operation is kept compiled for; twelve conditions have 4,096. */
const OUTCOMES_MAX = 64;
/** How long an operation that has no plan is remembered. */
const UNPLANNABLE_MS = 60_000;
const NO_PLAN = { node: undefined };

/** Takes a document that was rewritten and the name of its operation; gives that. Throws where it was lost on the way. */
export function findOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const found = document.definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node.name?.value === name,
  );
  if (found?.kind !== Kind.OPERATION_DEFINITION) throw new Error('the document lost its operation');
  return found;
}

/** Compiles the operations of one supergraph. */
class Compiler implements OperationCompiler {
  private readonly parts: CompilerParts;
  private readonly findPlaces: FindEntityPlaces;
  private readonly findCacheable: FindCacheable | undefined;

  constructor(parts: CompilerParts) {
    this.parts = parts;
    this.findPlaces = openEntityPlaces(parts.types);
    this.findCacheable = parts.cacheRules && openCacheable(parts.types, parts.cacheRules);
  }

  prepare(document: DocumentNode, operation: OperationDefinitionNode): PreparedOperation {
    const { apiSchema, suggestionsAllowed } = this.parts;
    const definitions = operation.variableDefinitions ?? [];
    const names = conditionVariables(operation, fragmentsOf(document));
    const variants = new Map<string, CompiledOperation | Refusal | Promise<CompiledOperation | Refusal>>();
    return {
      kind: operation.operation,
      hasVariables: definitions.length > 0,
      coerceVariables(given: Fields) {
        const options = { maxErrors: 10, hideSuggestions: !suggestionsAllowed };
        const result = getVariableValues(apiSchema, definitions, given, options);
        if (result.errors !== undefined) return { wrong: result.errors.map((error) => error.message) };
        const { coerced } = result;
        // A default lets a variable without "!" decide a condition, and null all the same.
        const undecided = names.filter((name) => coerced[name] === null);
        if (undecided.length === 0) return { coerced };
        return { wrong: undecided.map((name) => `Variable "$${name}" decides what is asked and must not be null.`) };
      },
      variantFor: (coerced, denied) => {
        // What runs for its events is an operation of its own (stream/run/liveOperation.ts).
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw new Error('subscriptions are not planned');
        const conditionKey = names.map((name) => (coerced[name] === true ? '1' : '0')).join('');
        const outcome = denied === undefined ? conditionKey : `${conditionKey} ${denied.key}`;
        const known = variants.get(outcome);
        if (known !== undefined) return known;
        const conditions = Object.fromEntries(names.map((name) => [name, coerced[name] === true]));
        const compiling = this.compile(document, operation, conditions, denied);
        if (variants.size >= OUTCOMES_MAX) variants.clear();
        variants.set(outcome, compiling);
        const forget = (): void => void variants.delete(outcome);
        compiling.then((compiled) => {
          if (isRefusal(compiled) && compiled.refused !== 'OPERATION_UNPLANNABLE') {
            forget();
            return;
          }
          variants.set(outcome, compiled);
          // Planning may have been late for another's sake; but not again with each repeat.
          if (isRefusal(compiled)) this.parts.clock.after(UNPLANNABLE_MS, forget);
        }, forget);
        return compiling;
      },
      outcomes: () =>
        // Without what was denied to some: that is worked out again when they come.
        [...new Set([...variants.keys()].map((outcome) => outcome.split(' ')[0] ?? ''))].map((outcome) =>
          Object.fromEntries(names.map((name, at) => [name, outcome.charAt(at) === '1'])),
        ),
    };
  }

  private async compile(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    conditions: Fields,
    denied: DeniedFields | undefined,
  ): Promise<CompiledOperation | Refusal> {
    const { apiSchema, isPart, prepared, fieldNames, prune } = this.parts;
    const allowed = denied === undefined ? document : prune(document, operation, denied.failures).document;
    const { sourceOf, clientNameOf, clientVariableOf, ...renamed } = renameAliases(
      allowed,
      findClashes(document, operation),
      fieldNames,
    );
    const own = findOperation(renamed.document, operation.name?.value);
    const asked = specialize(renamed.document, own, Object.fromEntries(renamedConditions(conditions, renamed)));
    const possible = asked && pruneImpossible(asked, this.parts.types);
    const planned = possible === undefined ? NO_PLAN : await this.parts.plan(print(possible), operation.name?.value);
    if (isRefusal(planned)) return planned;
    const { node } = planned;
    let id = 0;
    const nextId = (): number => id++;
    const isOfType = (typename: string, condition: string): boolean => this.isOfType(typename, condition);
    const { findPlaces, findCacheable } = this;
    const fetches = new FetchCompiler({ prepared, isOfType, clientVariableOf, findPlaces, findCacheable, nextId });
    const plan = node && compilePlan(node, fetches);
    const fragments = fragmentsOf(document);
    return {
      kind: operation.operation === OperationTypeNode.MUTATION ? 'mutation' : 'query',
      plan,
      schedule: plan && scheduleFetches(plan),
      planTree: planTreeOf(node, clientNameOf),
      isOfType,
      isAbstract: (typename) => isAbstractType(this.parts.types.getType(typename)),
      clientNameOf,
      shape: compileShape(
        { schema: apiSchema, isPart, operation, fragments, sourceOf, denied: denied?.failures },
        conditions,
      ),
    };
  }

  private isOfType(typename: string, condition: string): boolean {
    if (typename === condition) return true;
    const { types } = this.parts;
    const type = types.getType(typename);
    const wanted = types.getType(condition);
    return isAbstractType(wanted) && type !== undefined && 'getInterfaces' in type && types.isSubType(wanted, type);
  }
}

/** The conditions under the names that variables have in the plan. */
function renamedConditions(conditions: Fields, { planVariableOf }: { planVariableOf: (name: string) => string }) {
  return Object.entries(conditions).map(([name, value]) => [planVariableOf(name), value] as const);
}

/** Takes the parts of a supergraph; gives what compiles its operations. */
export function openOperationCompiler(parts: CompilerParts): OperationCompiler {
  return new Compiler(parts);
}
