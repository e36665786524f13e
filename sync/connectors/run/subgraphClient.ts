// The run engine's way to the subgraphs: their own mutations, over HTTP with the gateway's proof, so that ownership,
// checks and events are those of every other write. The actor is `sync:<source>`.
import { Pool } from 'undici';
import { ERROR_CODES, isErrorCode } from '../../../contracts/errorCodes.ts';
import { encodeCaller, makeProof, PROOF_HEADER, proofKey } from '../../../contracts/gatewayProof.ts';
import type { Clock } from '../../../platform/clock.ts';
import { drawId } from '../../../platform/random.ts';
import type { Target } from '../config/targets.ts';
import type { Lookup } from '../mapping/compileMapping.ts';

const TIMEOUT_MS = 20_000;
const ANSWER_BYTES_MAX = 4_194_304;
const CONNECTIONS_MAX = 8;
/** Statuses that pass by themselves: the subgraph is busy, starting, or behind something that is. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** What became of one item. */
export interface ItemAnswer {
  readonly code: string;
  readonly message: string | null;
}

/** A subgraph did not take a batch. */
export class TargetFault extends Error {
  /** `passing`: the same again may help. `items`: something in the batch. `setup`: nothing but a person helps. */
  readonly kind: 'passing' | 'items' | 'setup';
  /** How long the subgraph asks to be left alone, in milliseconds. */
  readonly pauseMs: number;

  constructor(
    kind: 'passing' | 'items' | 'setup',
    message: string,
    { cause, pauseMs = 0 }: { cause?: unknown; pauseMs?: number } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.pauseMs = pauseMs;
  }
}

/** A batch for a mutation. */
export interface TargetBatch {
  readonly target: Target;
  readonly items: readonly object[];
  readonly idempotencyKey: string;
}

/** One subgraph, on behalf of one source. Every method throws TargetFault. */
export interface TargetClient {
  /** Sends a batch; gives one answer an item, in the items' order. */
  write(batch: TargetBatch, signal: AbortSignal): Promise<readonly ItemAnswer[]>;
  /** Gives the ids of customers by how other systems name them; undefined for each that is not known. */
  findCustomers(lookups: readonly Lookup[], signal: AbortSignal): Promise<readonly (string | undefined)[]>;
  close(): Promise<void>;
}

/** What a client is opened with. */
export interface ClientOptions {
  readonly subgraph: string;
  readonly url: URL;
  /** The subgraph's own secret. */
  readonly secret: string;
  readonly tenantId: string;
  readonly actor: string;
  readonly scopes: string;
  readonly clock: Clock;
}

interface GraphAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly code?: unknown } }[];
}

const FIND_CUSTOMERS = 'query SyncFind($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { id } } }';

function writeDocument({ mutation, inputType }: Target): string {
  return `mutation SyncWrite($input: [${inputType}!]!, $key: ID!) { result: ${mutation}(input: $input, idempotencyKey: $key) { code message } }`;
}

/** What an error of an answer means for the batch that was sent. */
function faultOf({ errors }: GraphAnswer): TargetFault | undefined {
  const [error] = errors ?? [];
  if (error === undefined) return undefined;
  const code = error.extensions?.code;
  const message = error.message ?? 'an error without words';
  if (!isErrorCode(code)) return new TargetFault('passing', message);
  if (ERROR_CODES[code].retry) return new TargetFault('passing', message);
  const isOfItems = code !== 'GRAPHQL_VALIDATION_FAILED' && code !== 'GRAPHQL_PARSE_FAILED' && code !== 'GATEWAY_ONLY';
  return new TargetFault(isOfItems ? 'items' : 'setup', message);
}

function faultOfStatus(status: number, retryAfter: string | string[] | undefined): TargetFault {
  const pauseMs = Math.max(0, Number(retryAfter) * 1_000 || 0);
  if (PASSING.has(status)) return new TargetFault('passing', `it answered HTTP ${status}`, { pauseMs });
  if (status === 401) return new TargetFault('setup', "it refused the proof: is CRM_PROOF_SECRET the subgraph's own?");
  return new TargetFault(status === 413 || status === 400 ? 'items' : 'setup', `it answered HTTP ${status}`);
}

/** Opens the way to one subgraph. */
export function openSubgraphClient(options: ClientOptions): TargetClient {
  const { subgraph, url, clock, tenantId, actor, scopes } = options;
  const pool = new Pool(url.origin, {
    connections: CONNECTIONS_MAX,
    bodyTimeout: TIMEOUT_MS,
    headersTimeout: TIMEOUT_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
  });
  const key = proofKey(options.secret);
  const signer = drawId();
  const callerPart = encodeCaller({ subgraph, tenantId, actor, scopes });
  let serial = 0;

  async function ask(query: string, variables: object, signal: AbortSignal): Promise<GraphAnswer> {
    const body = JSON.stringify({ query, variables });
    const issuedMs = clock.now().getTime();
    const requestId = drawId();
    const stated = { requestId, deadlineMs: issuedMs + TIMEOUT_MS, issuedMs, signer, serial: serial++, explain: false };
    const headers = {
      'content-type': 'application/json',
      'x-request-id': requestId,
      [PROOF_HEADER]: makeProof(key, callerPart, stated, body),
    };
    const response = await pool.request({ method: 'POST', path: url.pathname, headers, body, signal });
    const text = await response.body.text();
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    const answer = isJson ? (JSON.parse(text) as GraphAnswer) : {};
    const isTold = (answer.errors?.length ?? 0) > 0 && response.statusCode !== 401;
    if (response.statusCode !== 200 && !(isTold && response.statusCode === 400)) {
      throw faultOfStatus(response.statusCode, response.headers['retry-after']);
    }
    return answer;
  }

  async function askOrFault(query: string, variables: object, signal: AbortSignal): Promise<GraphAnswer> {
    try {
      const answer = await ask(query, variables, signal);
      const fault = faultOf(answer);
      if (fault !== undefined) throw fault;
      return answer;
    } catch (error) {
      if (error instanceof TargetFault || signal.aborted) throw error;
      // No answer, or none that can be read: it may be written or not, and the key makes the same again safe.
      throw new TargetFault('passing', 'it does not answer', { cause: error });
    }
  }

  return {
    async write({ target, items, idempotencyKey }, signal) {
      const { data } = await askOrFault(writeDocument(target), { input: items, key: idempotencyKey }, signal);
      const result = data?.['result'];
      if (Array.isArray(result) && result.length === items.length) return result as readonly ItemAnswer[];
      throw new TargetFault('passing', 'its answer has not one result an item');
    },
    async findCustomers(lookups, signal) {
      const of = lookups.map(({ source, id }) => ({ __typename: 'Customer', externalRef: { source, id } }));
      const { data } = await askOrFault(FIND_CUSTOMERS, { of }, signal);
      const found = data?.['_entities'];
      if (!Array.isArray(found) || found.length !== lookups.length) {
        throw new TargetFault('passing', 'its answer has not one entity a lookup');
      }
      return (found as ({ id?: string } | null)[]).map((entity) => entity?.id);
    },
    close: () => pool.destroy(),
  };
}
