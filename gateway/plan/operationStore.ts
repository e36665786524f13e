// Known operations of one supergraph: document and operation name → ready to run, or the refusal. What was found out of
// an operation once, at the cost of validating and planning it, is not found out again.
import { GraphQLError, Kind, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Fields, PreparedOperation } from '../compiledOperation.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import type { OperationCompiler } from './compileOperation.ts';

/** The view of the graph that a caller has. */
export interface StoreView<F> {
  /** Equal marks, equal views. */
  readonly mark: string;
  /** A contract that has this view; undefined for that of the whole graph. */
  readonly contract: string | undefined;
  readonly apiSchema: GraphQLSchema;
  readonly compiler: OperationCompiler;
  /** What the steps after this one know of an operation, found out once. */
  readonly inspect: (document: DocumentNode, operation: OperationDefinitionNode) => F;
}

/** A valid operation, and what is known of it. */
export interface KnownOperation<F> {
  readonly prepared: PreparedOperation;
  readonly facts: F;
}

/** An operation that ran, with the values of the variables that decide its conditions. */
export interface UsedOperation {
  readonly document: string;
  readonly operationName: string | undefined;
  readonly contract: string | undefined;
  readonly outcomes: readonly Fields[];
}

/** How a request names its operation: a document that was measured, and the operation of it. */
export interface NamedOperation {
  readonly query: string;
  readonly operationName: string | undefined;
}

/** Known operations. */
export interface OperationStore<F> {
  /** Takes an operation and the caller's view; gives it ready to run, or the refusal. */
  prepare(named: NamedOperation, view: StoreView<F>): KnownOperation<F> | Refusal;
  /** Says whether preparing an operation costs nothing. */
  isKnown(named: NamedOperation, view: StoreView<F>): boolean;
  /** The most used operations, the most used first. */
  mostUsed(count: number): UsedOperation[];
}

/** What a store needs. */
export interface OperationStoreParts {
  readonly introspectionAllowed: boolean;
  readonly operationsMax: number;
  /** Told of each lookup whether the operation was known. */
  readonly noteLookup: (isKnown: boolean) => void;
}

interface Entry<F> extends NamedOperation {
  readonly view: StoreView<F>;
  readonly outcome: KnownOperation<F> | Refusal;
  uses: number;
}

/** How many characters the kept documents have together: compiled, each takes some ten times as many bytes. */
const DOCUMENT_CHARACTERS_MAX = 4_000_000;
const ERRORS_MAX = 20;
const SUGGESTION = / ?Did you mean (?:.+)\?$/;

function findOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined {
  return document.definitions.find(
    (node): node is OperationDefinitionNode =>
      node.kind === Kind.OPERATION_DEFINITION && (name === undefined || node.name?.value === name),
  );
}

/** A condition by a variable at the root of a subscription makes the library's own rule throw what is the document's fault. */
function findErrors(document: DocumentNode, apiSchema: GraphQLSchema): readonly GraphQLError[] {
  try {
    return validate(apiSchema, document, specifiedRules, { maxErrors: ERRORS_MAX });
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** Validates as GraphQL has it; the errors of one refusal are told together. */
function validateDocument(
  document: DocumentNode,
  apiSchema: GraphQLSchema,
  introspectionAllowed: boolean,
): Refusal | undefined {
  if (!introspectionAllowed) {
    const [error] = validate(apiSchema, document, [NoSchemaIntrospectionCustomRule]);
    if (error !== undefined) return refuse('INTROSPECTION_FORBIDDEN');
  }
  const [first, ...more] = findErrors(document, apiSchema).map((error) => ({
    message: introspectionAllowed ? error.message : error.message.replace(SUGGESTION, ''),
    ...(error.locations && { locations: error.locations }),
  }));
  if (first === undefined) return undefined;
  const { message, locations } = first;
  return refuse('GRAPHQL_VALIDATION_FAILED', message, { ...(locations && { locations }), more });
}

function prepareAfresh<F>(
  { query, operationName }: NamedOperation,
  view: StoreView<F>,
  introspectionAllowed: boolean,
): KnownOperation<F> | Refusal {
  const document = parse(query);
  const refusal = validateDocument(document, view.apiSchema, introspectionAllowed);
  if (refusal !== undefined) return refusal;
  const operation = findOperation(document, operationName);
  if (operation === undefined) return refuse('OPERATION_RESOLUTION_FAILURE');
  return { prepared: view.compiler.prepare(document, operation), facts: view.inspect(document, operation) };
}

/** The operations of one document, by the view and the name that the request gives. */
type ByName<F> = Map<string, Entry<F>>;

/** How many names and views of one document are kept; most documents hold one operation and are sent from one view. */
const NAMES_MAX = 64;

function keyOf({ operationName }: NamedOperation, { mark }: { readonly mark: string }): string {
  return operationName === undefined ? mark : `${mark} ${operationName}`;
}

/** Keeps entries by document, view and operation name. */
class EntryCache<F> {
  private readonly documents: LRUCache<string, ByName<F>>;

  constructor(operationsMax: number) {
    this.documents = new LRUCache<string, ByName<F>>({
      max: operationsMax,
      maxSize: DOCUMENT_CHARACTERS_MAX,
      sizeCalculation: (_, document) => document.length + 100,
    });
  }

  get(named: NamedOperation, view: StoreView<F>): Entry<F> | undefined {
    return this.documents.get(named.query)?.get(keyOf(named, view));
  }

  set(entry: Entry<F>): void {
    const known = this.documents.get(entry.query);
    const byName = known === undefined || known.size >= NAMES_MAX ? new Map<string, Entry<F>>() : known;
    byName.set(keyOf(entry, entry.view), entry);
    if (byName !== known) this.documents.set(entry.query, byName);
  }

  list(): Entry<F>[] {
    return [...this.documents.values()].flatMap((byName) => [...byName.values()]);
  }
}

/** Opens an empty store. */
export function openOperationStore<F>(parts: OperationStoreParts): OperationStore<F> {
  const good = new EntryCache<F>(parts.operationsMax);
  // Apart, so that a flood of bad documents drives no good one out.
  const refused = new EntryCache<F>(parts.operationsMax);
  const find = (named: NamedOperation, view: StoreView<F>): Entry<F> | undefined =>
    good.get(named, view) ?? refused.get(named, view);
  return {
    prepare(named, view) {
      const known = find(named, view);
      parts.noteLookup(known !== undefined);
      if (known !== undefined) {
        known.uses++;
        return known.outcome;
      }
      const outcome = prepareAfresh(named, view, parts.introspectionAllowed);
      const { query, operationName } = named;
      (isRefusal(outcome) ? refused : good).set({ query, operationName, view, outcome, uses: 1 });
      return outcome;
    },
    isKnown: (named, view) => find(named, view) !== undefined,
    mostUsed(count) {
      const entries = good.list().sort((left, right) => right.uses - left.uses);
      return entries.slice(0, count).map(({ query, operationName, view, outcome }) => {
        const outcomes = isRefusal(outcome) ? [] : outcome.prepared.outcomes();
        return { document: query, operationName, contract: view.contract, outcomes };
      });
    },
  };
}
