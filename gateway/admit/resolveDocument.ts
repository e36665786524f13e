// From what a request names to the document that runs: a text, the id of a registered document, or the hash of an
// automatic persisted query; and whether that document is registered, which some callers are held to.
import type { Caller } from '../caller.ts';
import { refuse, type Refusal } from '../requestState.ts';
import { LIMITS } from './limits.ts';
import { hashDocument, type PersistedQueries } from './persistedQueries.ts';
import type { RegisteredOperations } from './registeredOperations.ts';

/** How a request names its document: any of these, or several. */
export interface NamedDocument {
  readonly query: string | undefined;
  /** `documentId` or `id` of the body. */
  readonly documentId: string | undefined;
  /** `extensions.persistedQuery`, as it came. */
  readonly persistedQuery: unknown;
}

/** The document that runs. */
export interface ResolvedDocument {
  readonly query: string;
  /** Whether the operator registered this text, to the letter: it may be larger then. */
  readonly isRegistered: boolean;
}

/** Where documents are looked up. */
export interface DocumentStores {
  readonly registered: RegisteredOperations;
  readonly persisted: PersistedQueries;
}

type Resolution = ResolvedDocument | Refusal;
const HASH = /^[0-9a-f]{64}$/;
/** The words that Apollo's clients look for. */
const NOT_FOUND = 'PersistedQueryNotFound';

function notRegistered(): Refusal {
  return refuse('OPERATION_NOT_REGISTERED');
}

function readHash(persistedQuery: unknown): string | Refusal | undefined {
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  if (typeof persistedQuery === 'object' && 'version' in persistedQuery && 'sha256Hash' in persistedQuery) {
    const { version, sha256Hash } = persistedQuery;
    if (version === 1 && typeof sha256Hash === 'string' && HASH.test(sha256Hash)) return sha256Hash;
  }
  return refuse(
    'PERSISTED_QUERY_ID_INVALID',
    'persistedQuery must have version 1 and a sha256Hash of 64 hexadecimal digits.',
  );
}

function resolveText(query: string, caller: Pick<Caller, 'registeredOnly'>, stores: DocumentStores): Resolution {
  const isRegistered = stores.registered.holds(query);
  return caller.registeredOnly && !isRegistered ? notRegistered() : { query, isRegistered };
}

function resolveId(
  id: string,
  query: string | undefined,
  caller: Pick<Caller, 'registeredOnly'>,
  { registered }: DocumentStores,
): Resolution {
  const document = registered.find(id);
  if (document === undefined) return caller.registeredOnly ? notRegistered() : refuse('PERSISTED_QUERY_NOT_FOUND');
  if (query !== undefined && query !== document) {
    return refuse('PERSISTED_QUERY_ID_INVALID', 'query is not the document that the id stands for.');
  }
  return { query: document, isRegistered: true };
}

function resolveHash(
  hash: string,
  query: string | undefined,
  caller: Pick<Caller, 'registeredOnly'>,
  stores: DocumentStores,
): Resolution | Promise<Resolution> {
  if (query !== undefined) {
    const resolved = resolveText(query, caller, stores);
    // Too long a text is refused by the next check: it is not worth its hash.
    if ('refused' in resolved || query.length > LIMITS.documentCharactersMax.value) return resolved;
    if (hashDocument(query) !== hash) {
      return refuse('PERSISTED_QUERY_ID_INVALID', 'sha256Hash is not the hash of query.');
    }
    if (!resolved.isRegistered) stores.persisted.keep(hash, query);
    return resolved;
  }
  const registered = stores.registered.find(hash);
  if (registered !== undefined) return { query: registered, isRegistered: true };
  if (caller.registeredOnly) return notRegistered();
  const found = stores.persisted.find(hash);
  const resolve = (document: string | undefined): Resolution =>
    document === undefined ? refuse('PERSISTED_QUERY_NOT_FOUND', NOT_FOUND) : resolveText(document, caller, stores);
  return found instanceof Promise ? found.then(resolve) : resolve(found);
}

/**
 * Takes how a request names its document, and whether its caller is held to registered ones; gives the document, or the
 * refusal: `PERSISTED_QUERY_NOT_FOUND`, `PERSISTED_QUERY_ID_INVALID`, `OPERATION_NOT_REGISTERED`, `BAD_REQUEST`. A promise
 * only where a hash is asked for in Redis.
 */
export function resolveDocument(
  named: NamedDocument,
  caller: Pick<Caller, 'registeredOnly'>,
  stores: DocumentStores,
): Resolution | Promise<Resolution> {
  const { query, documentId, persistedQuery } = named;
  const hash = readHash(persistedQuery);
  if (typeof hash === 'object') return hash;
  if (documentId !== undefined) {
    if (hash !== undefined) return refuse('BAD_REQUEST', 'Give documentId or persistedQuery, not both.');
    return resolveId(documentId, query, caller, stores);
  }
  if (hash !== undefined) return resolveHash(hash, query, caller, stores);
  if (query === undefined) return refuse('BAD_REQUEST', 'query is missing.');
  return resolveText(query, caller, stores);
}
