// Every code that a client can see in `errors[].extensions.code`, what it means, and its HTTP status where the whole
// request is refused. `docs/errors.md` is printed from this table.

/** What a client may know of a code. */
export interface ErrorCode {
  /** The HTTP status when the whole request is refused with it; 200 when it stands on a part of an answer. */
  readonly status: number;
  /** Whether sending the same request again can help. */
  readonly retry: boolean;
  readonly meaning: string;
}

export const ERROR_CODES = {
  BAD_REQUEST: { status: 400, retry: false, meaning: 'The request is not a GraphQL request over HTTP.' },
  MALFORMED_JSON: { status: 400, retry: false, meaning: 'The body is not JSON in UTF-8, or holds a forbidden key.' },
  GRAPHQL_PARSE_FAILED: { status: 400, retry: false, meaning: 'The document is not GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retry: false, meaning: 'The operation does not fit the schema.' },
  BAD_USER_INPUT: { status: 400, retry: false, meaning: 'A variable or an argument has the wrong type or value.' },
  OPERATION_RESOLUTION_FAILURE: { status: 400, retry: false, meaning: 'operationName names no operation.' },
  OPERATION_TOO_LARGE: { status: 400, retry: false, meaning: 'The operation is over a limit; the message names it.' },
  OPERATION_UNPLANNABLE: {
    status: 400,
    retry: false,
    meaning: 'The operation fits the schema, but no way to answer it was found in time. Ask for less at once.',
  },
  VARIABLES_TOO_LARGE: { status: 400, retry: false, meaning: 'The variables are over a limit; the message names it.' },
  ANSWER_TOO_LARGE: { status: 400, retry: false, meaning: 'The answer is over the limit; ask for less.' },
  NOT_FOUND: { status: 404, retry: false, meaning: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: { status: 405, retry: false, meaning: 'The method is not for this path or operation.' },
  NOT_ACCEPTABLE: { status: 406, retry: false, meaning: 'The Accept header names no form that answers come in.' },
  REQUEST_TIMEOUT: { status: 408, retry: true, meaning: 'The request did not arrive in time.' },
  BODY_TOO_LARGE: { status: 413, retry: false, meaning: 'The body is over the limit, packed or unpacked.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retry: false, meaning: 'The body is not application/json in UTF-8.' },
  HEADERS_TOO_LARGE: { status: 431, retry: false, meaning: 'The headers are too many or too long.' },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 400,
    retry: false,
    meaning: 'No document is known by this id or hash; for a hash, send it once together with the document.',
  },
  PERSISTED_QUERY_ID_INVALID: {
    status: 400,
    retry: false,
    meaning: 'The id or hash of a persisted document has no valid form, or does not fit the document beside it.',
  },
  OPERATION_NOT_REGISTERED: {
    status: 403,
    retry: false,
    meaning: 'This caller runs registered operations alone, and this is none.',
  },
  INTROSPECTION_FORBIDDEN: { status: 400, retry: false, meaning: 'This gateway does not show its schema.' },
  EXPLAIN_FORBIDDEN: { status: 403, retry: false, meaning: 'This gateway does not show plans.' },
  CROSS_SITE_REQUEST: { status: 403, retry: false, meaning: 'A foreign web page could have sent this request.' },
  API_KEY_MISSING: { status: 401, retry: false, meaning: 'There is neither an API key nor a token.' },
  API_KEY_INVALID: { status: 401, retry: false, meaning: 'The API key is none that works here.' },
  API_KEY_EXPIRED: { status: 401, retry: false, meaning: 'The API key, or this secret of it, has ended.' },
  API_KEY_REVOKED: { status: 401, retry: false, meaning: 'The API key was revoked.' },
  TOKEN_INVALID: { status: 401, retry: false, meaning: 'The token is none that is trusted here.' },
  TOKEN_EXPIRED: { status: 401, retry: false, meaning: 'The token has ended; sign in again.' },
  ADDRESS_DENIED: { status: 403, retry: false, meaning: 'The API key is not for this network address.' },
  SCOPE_MISSING: {
    status: 403,
    retry: false,
    meaning: 'The caller lacks what these fields take; the error names the fields and the missing scopes.',
  },
  CONTRACT_UNKNOWN: { status: 403, retry: false, meaning: "The caller's contract is not served here." },
  GATEWAY_ONLY: { status: 401, retry: false, meaning: 'Subgraphs answer their gateway alone.' },
  SUBGRAPH_UNAVAILABLE: { status: 200, retry: true, meaning: 'The part of the graph that has this field is away.' },
  SUBGRAPH_TIMEOUT: { status: 200, retry: true, meaning: 'The part of the graph that has this field took too long.' },
  SUBGRAPH_BAD_ANSWER: {
    status: 200,
    retry: true,
    meaning: 'The part of the graph that has this field answered wrongly.',
  },
  SUBGRAPH_BUSY: { status: 200, retry: true, meaning: 'The part of the graph that has this field is busy.' },
  OUTCOME_UNKNOWN: {
    status: 200,
    retry: true,
    meaning: 'The connection broke after a mutation was sent. Send it again with the same idempotencyKey.',
  },
  STORE_UNAVAILABLE: { status: 200, retry: true, meaning: 'The database behind this field is away or too slow.' },
  EVENTS_HELD_BACK: {
    status: 200,
    retry: true,
    meaning: 'Too many changes wait to be told to other systems, because the broker is away; nothing was changed.',
  },
  EVENT_TOO_LARGE: {
    status: 200,
    retry: false,
    meaning: 'The changed entity is too large to be told to other systems; nothing was changed. Send less in it.',
  },
  IDEMPOTENCY_KEY_REUSED: { status: 200, retry: false, meaning: 'The idempotencyKey was used for another input.' },
  INVALID_CURSOR: { status: 200, retry: false, meaning: 'The cursor was not made by this field in this order.' },
  PAGE_TOO_LARGE: { status: 200, retry: false, meaning: 'first is below 1 or above 100.' },
  INVALID_ID: { status: 200, retry: false, meaning: 'The id has not the form of an id of this type.' },
  INTERNAL: { status: 500, retry: true, meaning: 'Something broke here. The request id finds it in the log.' },
  RATE_LIMITED: { status: 429, retry: true, meaning: 'Too much in too short a time; wait as Retry-After says.' },
  QUOTA_EXHAUSTED: { status: 429, retry: true, meaning: "The day's quota is used up; it begins anew at 00:00 UTC." },
  DRAINING: { status: 503, retry: true, meaning: 'This gateway is stopping; another answers.' },
  OVERLOADED: { status: 503, retry: true, meaning: 'Too many requests at once; wait as Retry-After says.' },
  NOT_READY: { status: 503, retry: true, meaning: 'The gateway has no supergraph to serve yet.' },
  KEY_STORE_UNAVAILABLE: { status: 503, retry: true, meaning: 'API keys cannot be checked at the moment.' },
  IDENTITY_PROVIDER_UNAVAILABLE: { status: 503, retry: true, meaning: 'Tokens cannot be checked at the moment.' },
  STREAMS_UNAVAILABLE: {
    status: 503,
    retry: true,
    meaning: 'Subscriptions are not served here, as no event broker is set, or it cannot be reached at the moment.',
  },
  RESUME_TOO_OLD: {
    status: 410,
    retry: false,
    meaning: 'Nothing can go on behind this event id: it is too old, or of another operation or caller. Read afresh.',
  },
  STREAM_TOO_SLOW: {
    status: 200,
    retry: true,
    meaning: 'The reader of a stream let too much wait. Go on behind the resumeId, if it is given.',
  },
  DEADLINE_EXCEEDED: { status: 504, retry: true, meaning: 'The whole request took too long.' },
} as const satisfies Record<string, ErrorCode>;

/** The name of a code. */
export type ErrorCodeName = keyof typeof ERROR_CODES;

/** Says whether a text is one of our codes: what a subgraph says beside them is not passed on. */
export function isErrorCode(text: unknown): text is ErrorCodeName {
  return typeof text === 'string' && Object.hasOwn(ERROR_CODES, text);
}
