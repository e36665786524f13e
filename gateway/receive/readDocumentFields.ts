// How a request's body names the document that it wants run: its text, an id, or a hash. The shape alone is checked
// here; gateway/admit/resolveDocument.ts finds the document.
import { refuse, type Refusal } from '../requestState.ts';

/** What names the document: at least one of these. */
export interface DocumentFields {
  readonly query: string | undefined;
  /** `documentId`, as GraphQL over HTTP has it, or `id`. */
  readonly documentId: string | undefined;
  /** `extensions.persistedQuery`, unread. */
  readonly persistedQuery: unknown;
}

type Json = Readonly<Record<string, unknown>>;
const ID_CHARACTERS_MAX = 300;

/** Takes a body and its `extensions`; gives what names the document, or the refusal `BAD_REQUEST`. */
export function readDocumentFields(body: Json, extensions: Json | undefined): DocumentFields | Refusal {
  const given = body['query'] ?? undefined;
  // Some clients send an empty text beside a hash.
  const query = given === '' ? undefined : given;
  const documentId = body['documentId'] ?? body['id'] ?? undefined;
  const persistedQuery = extensions?.['persistedQuery'] ?? undefined;
  if (query !== undefined && (typeof query !== 'string' || query.trim() === '')) {
    return refuse('BAD_REQUEST', 'query is missing or not a text.');
  }
  if (documentId !== undefined && (typeof documentId !== 'string' || documentId === '')) {
    return refuse('BAD_REQUEST', 'documentId is not a text.');
  }
  if (documentId !== undefined && documentId.length > ID_CHARACTERS_MAX) {
    return refuse('BAD_REQUEST', 'documentId is too long.');
  }
  if (query === undefined && documentId === undefined && persistedQuery === undefined) {
    return refuse('BAD_REQUEST', 'query is missing or not a text.');
  }
  return { query, documentId, persistedQuery };
}
