// One HTTP call to a subgraph: a pool of connections, a deadline, a size limit while reading, no redirects, JSON alone.
// What goes wrong is a value: the caller decides what a client may know of it. The only file that imports undici.
import { Pool, type Dispatcher } from 'undici';
import { parse as parseSafely } from 'secure-json-parse';
import type { Clock } from '../../platform/clock.ts';

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

/** A call's answer: JSON, its shape not judged yet. */
export interface CallAnswer {
  readonly json: unknown;
  readonly bytes: number;
}

/** What a call needs beside its body. */
export interface Call {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Aborting it ends the call; left out for mutations, which go on. */
  readonly signal: AbortSignal | undefined;
}

/** Calls one subgraph over its own connections. */
export interface SubgraphCaller {
  call(call: Call): Promise<CallAnswer | CallFailure>;
  close(): Promise<void>;
}

/** The limits of a caller. */
export interface CallerLimits {
  readonly socketsMax: number;
  readonly answerBytesMax: number;
}

/** Idle connections are dropped before the subgraph's own keep-alive of 65 s ends (reliability.md, F15). */
const IDLE_MS = 30_000;
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

class TooLarge extends Error {}

async function readLimited(body: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new TooLarge(`more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headerOf(answer: Dispatcher.ResponseData, name: string): string {
  const value = answer.headers[name];
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function isJson(answer: Dispatcher.ResponseData): boolean {
  const type = headerOf(answer, 'content-type');
  return /^application\/(graphql-response\+)?json\b/.test(type) && !/charset=(?!"?utf-?8)/.test(type);
}

function failed(kind: CallFailure['failed'], detail: string): CallFailure {
  return { failed: kind, sent: true, answered: true, detail };
}

/** Ends an answer that nobody reads; undici tells of the end as an error, which must find a listener. */
function discard(answer: Dispatcher.ResponseData): void {
  answer.body.on('error', () => undefined);
  answer.body.destroy();
}

async function readAnswer(answer: Dispatcher.ResponseData, bytesMax: number): Promise<CallAnswer | CallFailure> {
  const status = answer.statusCode;
  const refuses =
    (status >= 300 && status < 400) || status === 401 || status === 403 || status === 404 || status === 405;
  if (refuses || status === 429 || status === 503) {
    discard(answer);
    const pauseMs = Number(headerOf(answer, 'retry-after')) * 1_000;
    const hint = status === 401 ? ": is CRM_PROOF_SECRET the subgraph's own?" : '';
    const detail = `HTTP ${status}${hint}`;
    if (!refuses && pauseMs > 0) return { ...failed('pause', detail), sent: false, pauseMs };
    return { ...failed('refused', detail), sent: false };
  }
  if (!isJson(answer) || headerOf(answer, 'content-encoding') !== '') {
    discard(answer);
    return failed('bad-answer', `HTTP ${status}, ${headerOf(answer, 'content-type') || 'no content type'}`);
  }
  const bytes = await readLimited(answer.body, bytesMax);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return {
      json: parseSafely(text, undefined, { protoAction: 'error', constructorAction: 'error' }),
      bytes: bytes.length,
    };
  } catch {
    return failed('bad-answer', `HTTP ${status}, ${bytes.length} bytes that are not JSON`);
  }
}

interface Progress {
  answered: boolean;
  timedOut: boolean;
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

function describeError(error: unknown, call: Call, progress: Progress): CallFailure {
  const base = { sent: true, answered: progress.answered, detail: `${codeOf(error)} ${String(error)}`.trim() };
  if (error instanceof TooLarge) return { ...base, failed: 'bad-answer' };
  if (progress.timedOut) return { ...base, failed: 'timeout' };
  if (call.signal?.aborted === true) return { ...base, failed: 'client-gone' };
  const isApart = causesOf(error).every((cause) => NO_CONNECTION.has(codeOf(cause)));
  return isApart ? { ...base, failed: 'no-connection', sent: false } : { ...base, failed: 'broken' };
}

/** Takes a subgraph's address; gives what calls it. Connections are made when they are needed. */
export function openCaller(address: string, limits: CallerLimits, clock: Clock): SubgraphCaller {
  const url = new URL(address);
  const pool = new Pool(url.origin, {
    connections: limits.socketsMax,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    connect: { timeout: 2_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async call(call) {
      const end = new AbortController();
      const progress: Progress = { answered: false, timedOut: false };
      const cancel = clock.after(call.timeoutMs, () => {
        progress.timedOut = true;
        end.abort();
      });
      const signal = call.signal === undefined ? end.signal : AbortSignal.any([end.signal, call.signal]);
      try {
        const answer = await pool.request({
          path: url.pathname + url.search,
          method: 'POST',
          headers: { ...call.headers, 'content-type': 'application/json', accept: 'application/json' },
          body: call.body,
          signal,
        });
        progress.answered = true;
        return await readAnswer(answer, limits.answerBytesMax);
      } catch (error) {
        return describeError(error, call, progress);
      } finally {
        cancel();
      }
    },
    close: () => pool.destroy(),
  };
}
