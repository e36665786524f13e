// One HTTP call to a subgraph: a pool of connections, a deadline, a size limit while reading, no redirects, JSON alone.
// What goes wrong is a value: the caller decides what a client may know of it. The only file that imports undici, whose
// dispatch is used directly: no stream object is made for an answer that is read whole anyway.
import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type { Client as ClientClass, Dispatcher, Pool as PoolClass } from 'undici';
import type { Clock } from '../../platform/clock.ts';

// By their paths, since the library's index loads a whole fetch, caches and mocks beside them: 38 ms of a cold start.
const load = createRequire(import.meta.url);
const Client = load('undici/lib/dispatcher/client.js') as typeof ClientClass;
const Pool = load('undici/lib/dispatcher/pool.js') as typeof PoolClass;

/** How a call failed. `sent` says whether the subgraph may have acted on it. */
export interface CallFailure {
  readonly failed: 'no-connection' | 'broken' | 'timeout' | 'client-gone' | 'bad-answer' | 'refused' | 'pause';
  readonly sent: boolean;
  /** Whether a byte of the answer had come. */
  readonly answered: boolean;
  /** For the log alone: it can hold a subgraph's words. */
  readonly detail: string;
  readonly pauseMs?: number;
}

/** A call's answer: text in UTF-8 that says it is JSON, not parsed yet. */
export interface CallAnswer {
  readonly text: string;
  readonly bytes: number;
}

/** What a call needs. */
export interface Call {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Takes what came of a call; called once. */
export type CallDone = (outcome: CallAnswer | CallFailure) => void;

/** Calls one subgraph over its own connections. */
export interface SubgraphCaller {
  /** Sends a call; gives what cancels it. `isAgain`: over a new connection, since those that are open may be stale. */
  call(call: Call, done: CallDone, isAgain: boolean): () => void;
  close(): Promise<void>;
}

/** The limits of a caller. */
export interface CallerLimits {
  readonly socketsMax: number;
  readonly answerBytesMax: number;
}

/** Idle connections are dropped before the subgraph's own keep-alive of 65 s ends (reliability.md, F15). */
const IDLE_MS = 30_000;
/** A connection is replaced after this time, so that a name's new address is found (reliability.md, S12). */
const CONNECTION_AGE_MS_MAX = 4_000;
/** What is alike for every connection; the times of a call are its own. */
const CONNECTION = {
  keepAliveTimeout: IDLE_MS,
  keepAliveMaxTimeout: IDLE_MS,
  connect: { timeout: 2_000 },
  headersTimeout: 0,
  bodyTimeout: 0,
};
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Statuses that are no answer to a GraphQL request; redirects are not followed wherever they point (F6). */
const REFUSING: ReadonlySet<number> = new Set([401, 403, 404, 405]);
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function headerOf(headers: Headers, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function isJson(type: string): boolean {
  return /^application\/(graphql-response\+)?json\b/.test(type) && !/charset=(?!"?utf-?8)/.test(type);
}

function answered(kind: CallFailure['failed'], detail: string): CallFailure {
  return { failed: kind, sent: true, answered: true, detail };
}

/** Judges an answer by its head; gives why it is not read, or undefined. */
function judgeHead(status: number, headers: Headers, bytesMax: number): CallFailure | undefined {
  const refuses = (status >= 300 && status < 400) || REFUSING.has(status);
  if (refuses || PAUSING.has(status)) {
    const pauseMs = Number(headerOf(headers, 'retry-after')) * 1_000;
    const hint = status === 401 ? ": is CRM_PROOF_SECRET the subgraph's own?" : '';
    const detail = `HTTP ${status}${hint}`;
    if (!refuses && pauseMs > 0) return { ...answered('pause', detail), sent: false, pauseMs };
    return { ...answered('refused', detail), sent: false };
  }
  const type = headerOf(headers, 'content-type');
  if (!isJson(type) || headerOf(headers, 'content-encoding') !== '') {
    return answered('bad-answer', `HTTP ${status}, ${type || 'no content type'}`);
  }
  if (Number(headerOf(headers, 'content-length')) > bytesMax) return tooLarge(bytesMax);
  return undefined;
}

function tooLarge(bytesMax: number): CallFailure {
  return answered('bad-answer', `more than ${bytesMax} bytes`);
}

/** The code of an error, whatever realm its class is from. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** A name with several addresses fails with one error for each. */
function causesOf(error: unknown): readonly unknown[] {
  const isMany = typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
  return isMany ? (error.errors as unknown[]) : [error];
}

/** What all calls of one caller have in common. */
interface Line {
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly connected: () => void;
}

/** One call in flight, as undici tells of it. */
class CallInFlight implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private chunks: Buffer[] = [];
  private bytes = 0;
  private status = 0;
  private isOver = false;
  private readonly bytesMax: number;
  private readonly done: CallDone;
  private readonly connected: () => void;
  private readonly cancelTimer: () => void;

  constructor(call: Call, line: Line, done: CallDone) {
    this.bytesMax = line.bytesMax;
    this.connected = line.connected;
    this.done = done;
    this.cancelTimer = line.clock.after(call.timeoutMs, () => this.end('timeout', 'no answer in time'));
  }

  /** Ends the call from our side. */
  end(kind: 'timeout' | 'client-gone', detail: string): void {
    this.settle({ failed: kind, sent: true, answered: this.status !== 0, detail });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.connected();
    if (this.isOver) controller.abort(new Error('the call is over'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.status = status;
    const failure = judgeHead(status, headers, this.bytesMax);
    if (failure !== undefined) this.settle(failure);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.bytesMax) this.settle(tooLarge(this.bytesMax));
    else if (!this.isOver) this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    const [first] = this.chunks;
    const body = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks);
    const isText = isUtf8(body);
    if (isText) this.finish({ text: body.toString('utf8'), bytes: body.length });
    else this.finish(answered('bad-answer', `HTTP ${this.status}, ${body.length} bytes that are not UTF-8`));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const detail = `${codeOf(error)} ${String(error)}`.trim();
    const isApart = causesOf(error).every((cause) => NO_CONNECTION.has(codeOf(cause)));
    if (isApart) this.finish({ failed: 'no-connection', sent: false, answered: false, detail });
    else this.finish({ failed: 'broken', sent: true, answered: this.status !== 0, detail });
  }

  /** The outcome is known before the connection is done: what still comes is dropped. */
  private settle(failure: CallFailure): void {
    if (this.isOver) return;
    this.finish(failure);
    this.controller?.abort(new Error('the call is over'));
  }

  private finish(outcome: CallAnswer | CallFailure): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelTimer();
    this.chunks = [];
    this.done(outcome);
  }
}

/**
 * Takes a subgraph's address, limits, and what hears whenever a call is about to go over a connection that is there;
 * gives what calls the subgraph. Connections are made when they are needed.
 */
export function openCaller(address: string, limits: CallerLimits, clock: Clock, connected: () => void): SubgraphCaller {
  const line: Line = { bytesMax: limits.answerBytesMax, clock, connected };
  const url = new URL(address);
  const path = url.pathname + url.search;
  const pool = new Pool(url.origin, {
    ...CONNECTION,
    connections: limits.socketsMax,
    pipelining: 1,
    clientTtl: CONNECTION_AGE_MS_MAX,
  });
  return {
    call(call, done, isAgain) {
      const fresh = isAgain ? new Client(url.origin, { ...CONNECTION, pipelining: 0 }) : undefined;
      const conclude: CallDone = (outcome) => {
        void fresh?.destroy();
        done(outcome);
      };
      const inFlight = new CallInFlight(call, line, fresh === undefined ? done : conclude);
      const headers = { ...call.headers, 'content-type': 'application/json', accept: 'application/json' };
      (fresh ?? pool).dispatch({ path, method: 'POST', headers, body: call.body }, inFlight);
      return () => inFlight.end('client-gone', 'nobody waits for the answer');
    },
    close: () => pool.destroy(),
  };
}
