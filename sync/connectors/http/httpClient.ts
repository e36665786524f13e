// One request to a JSON API: to the configured host and no other, without following redirects, bounded in bytes and
// time, waiting where it is told to wait.
import { Pool } from 'undici';
import type { Clock } from '../../../platform/clock.ts';
import { SourceFault } from '../connector.ts';
import { pause } from '../pause.ts';

const TIMEOUT_MS = 30_000;
const TRIES_MAX = 8;
const PAUSE_FIRST_MS = 500;
const PAUSE_MS_MAX = 120_000;
const SECOND_MS = 1_000;
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** An answer: its body is undefined where it is what it was (304). */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly byteCount: number;
  readonly etag: string | undefined;
  readonly link: string | undefined;
  /** The moment of the answer by the API's clock (ISO 8601). */
  readonly sentAt: string | undefined;
}

/** The API answered that it will not: the status tells why. */
export class HttpRefusal extends SourceFault {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Retry-After in seconds or as a date; bounded, whatever the server says. */
function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * SECOND_MS : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), PAUSE_MS_MAX) : 0;
}

function isoOf(date: string | undefined): string | undefined {
  const ms = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** Asks one host. */
export class HttpClient {
  readonly #pool: Pool;
  readonly #origin: string;
  readonly #clock: Clock;

  constructor(origin: string, responseBytesMax: number, clock: Clock) {
    this.#origin = origin;
    this.#clock = clock;
    this.#pool = new Pool(origin, {
      connections: 1,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      maxResponseSize: responseBytesMax,
    });
  }

  /** Gets an address of this host. Throws SourceFault, HttpRefusal where it was refused. */
  async get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    if (url.origin !== this.#origin) throw new SourceFault(`the next page is on another host (${url.host})`);
    for (let tries = 1, pauseMs = PAUSE_FIRST_MS; ; tries++, pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)) {
      const found = await this.#try(url, headers, signal);
      if ('status' in found) return found;
      if (tries >= TRIES_MAX) throw new SourceFault(`${this.#origin}${url.pathname}: ${found.reason}`);
      await pause(this.#clock, Math.max(pauseMs, found.waitMs), signal);
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #try(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer | { readonly reason: string; readonly waitMs: number }> {
    const where = `${this.#origin}${url.pathname}`;
    const all = { accept: 'application/json', 'accept-encoding': 'identity', ...headers };
    let status: number;
    let text: string;
    let received: Readonly<Record<string, string | string[] | undefined>>;
    try {
      const path = `${url.pathname}${url.search}`;
      const response = await this.#pool.request({ method: 'GET', path, headers: all, signal });
      status = response.statusCode;
      received = response.headers;
      text = await response.body.text();
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
      if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
        throw new SourceFault(`${where}: an answer is over responseBytesMax`);
      return { reason: code, waitMs: 0 };
    }
    if (BUSY.has(status)) {
      const waitMs = retryAfterMs(headerOf(received['retry-after']), this.#clock.now().getTime());
      return { reason: `HTTP ${status}`, waitMs };
    }
    const [etag, link, date] = ['etag', 'link', 'date'].map((name) => headerOf(received[name]));
    const head = { status, etag, link, sentAt: isoOf(date) };
    if (status === 304) return { ...head, body: undefined, byteCount: 0 };
    if (status >= 300 && status < 400)
      throw new HttpRefusal(status, `${where}: HTTP ${status}: redirects are not followed`);
    if (status !== 200) throw new HttpRefusal(status, `${where}: HTTP ${status}`);
    try {
      return { ...head, body: JSON.parse(text) as unknown, byteCount: Buffer.byteLength(text) };
    } catch (error) {
      throw new SourceFault(`${where}: the answer is no JSON`, { cause: error });
    }
  }
}
