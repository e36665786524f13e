// One Customer 360 over HTTP, timed and checked: an answer that is wrong or incomplete fails the run, so that nothing is
// measured that a client could not use.
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { KEY_ADVICE } from '../cli/clientKey.ts';
import { systemClock } from '../platform/clock.ts';

/** The golden query that is measured. */
const QUERY_FILE = new URL('../examples/queries/customer360.graphql', import.meta.url);
const ANSWER_TIMEOUT_MS = 30_000;

/** One fetch as the gateway explains it. */
export interface ExplainedFetch {
  readonly subgraph: string;
  readonly path: readonly (string | number)[];
  readonly ms: number;
  readonly databaseCommands: readonly unknown[];
}

/** A timed answer; `fetches` is empty unless it was asked for and allowed. */
export interface TimedAnswer {
  readonly ms: number;
  readonly fetches: readonly ExplainedFetch[];
}

interface Answer {
  readonly data?: { readonly customer?: Readonly<Record<string, unknown>> | null };
  readonly errors?: readonly { readonly message: string }[];
  readonly extensions?: { readonly explain?: { readonly fetches: readonly ExplainedFetch[] } };
}

/** The parts that every seeded customer has; an empty list is a part too. */
const PARTS = ['displayName', 'orderStats', 'orders', 'consents', 'rfm', 'segments', 'engagements'];

/** An answer that is no Customer 360 of the customer that was asked for. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

function check(id: string, status: number, answer: Answer): void {
  const [fault] = answer.errors ?? [];
  if (fault !== undefined) {
    const advice = status === 401 ? ` (${KEY_ADVICE})` : '';
    throw new WrongAnswer(`${id} was answered with ${status} and an error: ${fault.message}${advice}`);
  }
  const customer = answer.data?.customer;
  if (customer == null) throw new WrongAnswer(`${id} was answered with ${status} and no customer: is it seeded?`);
  if (customer['id'] !== id) throw new WrongAnswer(`${id} was answered with ${String(customer['id'])}`);
  const missing = PARTS.filter((part) => customer[part] == null);
  if (missing.length > 0) throw new WrongAnswer(`${id} was answered without ${missing.join(', ')}`);
}

/** Asks a running gateway over connections that stay open. */
export class CustomerAsker {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #query = readFileSync(QUERY_FILE, 'utf8');

  readonly #key: Readonly<Record<string, string>>;

  /** Takes the gateway's URL, how many connections to hold, and the headers that show the key. */
  constructor(url: URL, connections: number, key: Readonly<Record<string, string>>) {
    this.#key = key;
    this.#pool = new Pool(url.origin, { connections, pipelining: 1, bodyTimeout: ANSWER_TIMEOUT_MS });
    this.#path = url.pathname;
  }

  /** Takes a customer's id and whether to ask for the fetches' times; gives the time of the whole answer. */
  async ask(id: string, explain = false): Promise<TimedAnswer> {
    const body = JSON.stringify({ query: this.#query, variables: { id } });
    const headers = { 'content-type': 'application/json', ...this.#key, ...(explain && { 'crm-explain': '1' }) };
    const startMs = systemClock.steadyMs();
    const response = await this.#pool.request({ path: this.#path, method: 'POST', headers, body });
    const text = await response.body.text();
    const ms = systemClock.steadyMs() - startMs;
    if (explain && response.statusCode === 403) return { ms, fetches: [] };
    const answer = readAnswer(id, response.statusCode, text);
    check(id, response.statusCode, answer);
    return { ms, fetches: answer.extensions?.explain?.fetches ?? [] };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function readAnswer(id: string, status: number, text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new WrongAnswer(`${id} was answered with ${status} and no JSON`);
  }
}
