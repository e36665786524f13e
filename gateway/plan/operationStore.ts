// Known operations of one supergraph: document and operation name → ready to run, or the refusal. What was found out of
// an operation once, at the cost of validating and planning it, is not found out again.
import { Kind, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Fields, PreparedOperation } from '../compiledOperation.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import type { OperationCompiler } from './compileOperation.ts';

/** An operation that can be compiled, or why it never will be. */
export type Prepared = PreparedOperation | Refusal;

/** An operation that ran, with the values of the variables that decide its conditions. */
export interface UsedOperation {
  readonly document: string;
  readonly operationName: string | undefined;
  readonly outcomes: readonly Fields[];
}

/** Known operations. */
export interface OperationStore {
  /** Takes a document that was measured and the name of its operation; gives it ready to run, or the refusal. */
  prepare(document: string, operationName: string | undefined): Prepared;
  /** Says whether preparing an operation costs nothing. */
  isKnown(document: string, operationName: string | undefined): boolean;
  /** The most used operations, the most used first. */
  mostUsed(count: number): UsedOperation[];
}

/** What a store needs. */
export interface OperationStoreParts {
  readonly apiSchema: GraphQLSchema;
  readonly compiler: OperationCompiler;
  readonly introspectionAllowed: boolean;
  readonly operationsMax: number;
  /** Told of each lookup whether the operation was known. */
  readonly noteLookup: (isKnown: boolean) => void;
}

interface Entry {
  readonly document: string;
  readonly operationName: string | undefined;
  readonly outcome: Prepared;
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

/** Validates as GraphQL has it; the errors of one refusal are told together. */
function validateDocument(document: DocumentNode, parts: OperationStoreParts): Refusal | undefined {
  const { apiSchema, introspectionAllowed } = parts;
  if (!introspectionAllowed) {
    const [error] = validate(apiSchema, document, [NoSchemaIntrospectionCustomRule]);
    if (error !== undefined) return refuse('INTROSPECTION_FORBIDDEN');
  }
  const errors = validate(apiSchema, document, specifiedRules, { maxErrors: ERRORS_MAX });
  const [first, ...more] = errors.map((error) => ({
    message: introspectionAllowed ? error.message : error.message.replace(SUGGESTION, ''),
    ...(error.locations && { locations: error.locations }),
  }));
  if (first === undefined) return undefined;
  const { message, locations } = first;
  return refuse('GRAPHQL_VALIDATION_FAILED', message, { ...(locations && { locations }), more });
}

function prepareAfresh(text: string, name: string | undefined, parts: OperationStoreParts): Prepared {
  const document = parse(text);
  const refusal = validateDocument(document, parts);
  if (refusal !== undefined) return refusal;
  const operation = findOperation(document, name);
  if (operation === undefined) return refuse('OPERATION_RESOLUTION_FAILURE');
  return parts.compiler.prepare(document, operation);
}

/** The operations of one document, by the name that the request gives. */
type ByName = Map<string | undefined, Entry>;

/** How many names of one document are kept; most documents hold one operation. */
const NAMES_MAX = 20;

/** Keeps entries by document and operation name. */
class EntryCache {
  private readonly documents: LRUCache<string, ByName>;

  constructor(operationsMax: number) {
    this.documents = new LRUCache<string, ByName>({
      max: operationsMax,
      maxSize: DOCUMENT_CHARACTERS_MAX,
      sizeCalculation: (_, document) => document.length + 100,
    });
  }

  get(document: string, operationName: string | undefined): Entry | undefined {
    return this.documents.get(document)?.get(operationName);
  }

  set(entry: Entry): void {
    const known = this.documents.get(entry.document);
    const byName = known === undefined || known.size >= NAMES_MAX ? new Map<string | undefined, Entry>() : known;
    byName.set(entry.operationName, entry);
    if (byName !== known) this.documents.set(entry.document, byName);
  }

  list(): Entry[] {
    return [...this.documents.values()].flatMap((byName) => [...byName.values()]);
  }
}

/** Opens an empty store. */
export function openOperationStore(parts: OperationStoreParts): OperationStore {
  const good = new EntryCache(parts.operationsMax);
  // Apart, so that a flood of bad documents drives no good one out.
  const refused = new EntryCache(parts.operationsMax);
  return {
    prepare(document, operationName) {
      const known = good.get(document, operationName) ?? refused.get(document, operationName);
      if (known !== undefined) {
        known.uses++;
        parts.noteLookup(true);
        return known.outcome;
      }
      parts.noteLookup(false);
      const outcome = prepareAfresh(document, operationName, parts);
      (isRefusal(outcome) ? refused : good).set({ document, operationName, outcome, uses: 1 });
      return outcome;
    },
    isKnown: (document, operationName) =>
      good.get(document, operationName) !== undefined || refused.get(document, operationName) !== undefined,
    mostUsed(count) {
      const entries = good.list().sort((left, right) => right.uses - left.uses);
      return entries.slice(0, count).map(({ document, operationName, outcome }) => {
        return { document, operationName, outcomes: isRefusal(outcome) ? [] : outcome.outcomes() };
      });
    },
  };
}
