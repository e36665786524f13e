// The form of an answer, as the client's Accept header wants it (GraphQL over HTTP, section 6).
import Negotiator from 'negotiator';
import { rememberFew } from '../../platform/rememberFew.ts';

/** A form that answers come in. */
export interface MediaType {
  readonly contentType: string;
  /**
   * Whether the client asked for plain `application/json` by name: it is from before the specification and takes any
   * status but 200 for an answer that is no GraphQL.
   */
  readonly isPlain: boolean;
}

const GRAPHQL = 'application/graphql-response+json';
const JSON_TYPE = 'application/json';

/** What is answered where the client names nothing. */
export const DEFAULT_MEDIA_TYPE: MediaType = { contentType: `${JSON_TYPE}; charset=utf-8`, isPlain: false };
const PLAIN: MediaType = { ...DEFAULT_MEDIA_TYPE, isPlain: true };
const GRAPHQL_RESPONSE: MediaType = { contentType: `${GRAPHQL}; charset=utf-8`, isPlain: false };

const choose = rememberFew((accept): MediaType | undefined => {
  // The first of two that are wanted alike is taken.
  const chosen = new Negotiator({ headers: { accept } }).mediaType([JSON_TYPE, GRAPHQL]);
  if (chosen === GRAPHQL) return GRAPHQL_RESPONSE;
  if (chosen !== JSON_TYPE) return undefined;
  return accept.toLowerCase().includes(JSON_TYPE) ? PLAIN : DEFAULT_MEDIA_TYPE;
});

/** Takes the Accept header; gives the form of the answer, undefined where the client accepts none of ours. */
export function chooseMediaType(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === '*/*') return DEFAULT_MEDIA_TYPE;
  return choose(accept);
}
