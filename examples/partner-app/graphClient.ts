// The client of a partner app: one request with its key, and what to do about each way in which the graph can say no.
// Nothing but fetch; copy it into an app of your own.
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { KeySource } from './keySource.ts';

/** What an operation may spend and has spent, as `extensions.cost` tells it. */
export interface Cost {
  readonly requested: number;
  readonly actual: number | null;
  readonly throttleStatus?: { readonly maximum: number; readonly available: number; readonly restoreRate: number };
}

/** An error of an answer. */
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  /** `scopes`: for SCOPE_MISSING, what would do, any one of these lists. */
  readonly extensions: { readonly code: string; readonly scopes?: readonly (readonly string[])[] };
}

/** An answer with data; where a part of the graph was away, errors stand beside it. */
export interface Answer<T> {
  readonly data: T;
  readonly errors: readonly GraphError[];
  readonly cost: Cost | undefined;
}

/** The graph refused a request and would refuse it again: its status and errors say why. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly errors: readonly GraphError[];
  /** Finds the request in the logs of whoever runs the graph. */
  readonly requestId: string;

  constructor(status: number, errors: readonly GraphError[], requestId: string) {
    super(errors[0]?.message ?? `the graph answered ${status}`);
    this.status = status;
    this.errors = errors;
    this.requestId = requestId;
  }

  /** The code of the first error: what a program decides by, never the message. */
  get code(): string {
    return this.errors[0]?.extensions.code ?? '';
  }

  /** The scopes that are missing: one line for each list of which all are needed. */
  get missingScopes(): readonly string[] {
    const lists = this.errors.flatMap(({ extensions }) => extensions.scopes ?? []);
    return [...new Set(lists.map((scopes) => scopes.join(' and ')))];
  }
}

/** What the client tells its app. */
export interface Told {
  onWait(status: number, code: string, seconds: number): void;
  /** The key that was used ends then: get the next one into its place before. */
  onKeyEnds(end: Date): void;
  /** Another key is used from now on. */
  onKeyChanged(): void;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { data?: unknown; errors?: readonly GraphError[]; extensions?: { cost?: Cost } };
}

const TRIES_MAX = 6;
const WAIT_SECONDS_MAX = 60;
/** A key that was made a moment ago is known to every gateway within a second. */
const NEW_KEY_PAUSE_MS = 500;

/** `t` of the header `RateLimit`: the seconds until a limit is whole again, the longest of them. */
function readRateLimit(header: string | null): number | undefined {
  const seconds = [...(header ?? '').matchAll(/;t=(\d+)/g)].map(([, text]) => Number(text));
  return seconds.length === 0 ? undefined : Math.max(...seconds);
}

/** How long to wait: what the graph says, and a part of a second by chance, so that not all come back at once. */
function secondsToWait(headers: Headers): number {
  const told = headers.get('retry-after');
  const seconds = told === null ? (readRateLimit(headers.get('ratelimit')) ?? 1) : Number(told);
  return seconds + randomInt(500) / 1_000;
}

/** Takes where the graph is, where the key comes from and whom to tell; gives what asks. */
export function openGraphClient(url: string, keySource: KeySource, told: Told) {
  let lastKey: string | undefined;
  /** The key of the last answer. */
  let goodKey: string | undefined;
  let toldEnd: string | null = null;

  async function send(key: string, query: string, variables: object): Promise<Reply> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await response.json()) as Reply['body'];
    return { status: response.status, headers: response.headers, body };
  }

  /** The end of a key is announced by a header, long before: told once. */
  function noteEnd(end: string | null): void {
    if (end !== null && end !== toldEnd) told.onKeyEnds(new Date(end));
    toldEnd = end;
  }

  async function nextKey(): Promise<string> {
    const key = await keySource();
    if (lastKey !== undefined && key !== lastKey) told.onKeyChanged();
    lastKey = key;
    return key;
  }

  /** Says whether the request may be sent again, after waiting for as long as it takes. */
  async function mend({ status, headers }: Reply, refused: Refused, key: string): Promise<boolean> {
    if (status === 401) {
      const isReplaced = (await keySource()) !== key;
      // Not known yet, after a rotation; else it is wrong, and asking on would only lock this address out.
      const isYoung = refused.code === 'API_KEY_INVALID' && goodKey !== undefined && goodKey !== key;
      if (isReplaced || isYoung) await pause(NEW_KEY_PAUSE_MS);
      return isReplaced || isYoung;
    }
    const canPass = (status === 429 && refused.code === 'RATE_LIMITED') || status === 503;
    const seconds = secondsToWait(headers);
    if (!canPass || seconds > WAIT_SECONDS_MAX) return false;
    told.onWait(status, refused.code, seconds);
    await pause(seconds * 1_000);
    return true;
  }

  return {
    /**
     * Asks a query; gives its answer. Waits and asks again where waiting helps. Rejects with `Refused` for everything
     * that another try would not change. A mutation is asked the same way if it carries an idempotencyKey.
     */
    async ask<T>(query: string, variables: object = {}): Promise<Answer<T>> {
      for (let tries = 1; ; tries++) {
        const key = await nextKey();
        const reply = await send(key, query, variables);
        const { status, headers, body } = reply;
        noteEnd(headers.get('crm-key-expires'));
        const errors = body.errors ?? [];
        if (status === 200 && body.data !== undefined && body.data !== null) {
          goodKey = key;
          return { data: body.data as T, errors, cost: body.extensions?.cost };
        }
        const refused = new Refused(status, errors, headers.get('x-request-id') ?? '');
        if (tries === TRIES_MAX || !(await mend(reply, refused, key))) throw refused;
      }
    },
  };
}
