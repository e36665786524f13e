// JSON APIs as a source: page after page, what changed since the last run where the API can tell. The bookmark stands
// before a page until all of it is given on, for what is on a page may have changed when it is read again.
import { z } from 'zod';
import {
  BATCH_ITEMS_MAX,
  SourceFault,
  type BrokenRecord,
  type Connector,
  type ConnectorContext,
  type ConnectorKind,
  type Discovered,
  type ReadBatch,
  type SourceRecord,
  type SourceState,
} from '../connector.ts';
import { valueAt } from '../mapping/compileMapping.ts';
import { before, isLater, seenWhole } from './changedSince.ts';
import { HttpClient, HttpRefusal, type HttpAnswer } from './httpClient.ts';
import { HTTP_SPEC, type HttpOptions } from './httpOptions.ts';

const shape = z.object({
  /** A cursor, a number or an address by the kind of pages; null: the first page. */
  page: z.string().nullable(),
  since: z.string().nullable(),
  newest: z.string().nullable(),
  /** When the API answered with the first page, by its own clock where it tells. */
  began: z.string().nullable().default(null),
  etag: z.string().nullable(),
  isDone: z.boolean(),
});

type Bookmark = z.infer<typeof shape>;

const START: Bookmark = { page: null, since: null, newest: null, began: null, etag: null, isDone: false };
const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);
const NEXT_LINK = /<([^>]*)>\s*;[^,]*\brel="?next"?/;
const GONE: ReadonlySet<number> = new Set([400, 404, 410]);

function at(value: unknown, path: string): unknown {
  if (path === '') return value;
  return typeof value === 'object' && value !== null ? valueAt(value as Record<string, unknown>, path) : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) || null : null;
}

/** An API, opened for one run. */
class HttpConnector implements Connector {
  readonly #options: HttpOptions;
  readonly #context: ConnectorContext;
  readonly #url: URL;
  #client: HttpClient | undefined;

  constructor(options: HttpOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#url = new URL(options.url);
  }

  async check(signal: AbortSignal): Promise<void> {
    this.#records(await this.#get(this.#first(null), {}, signal));
  }

  discover(): Promise<Discovered> {
    return Promise.resolve({ columns: [], isComplete: false });
  }

  async *read(state: SourceState | undefined, signal: AbortSignal): AsyncGenerator<ReadBatch> {
    const saved = shape.safeParse(state);
    let mark = saved.success ? this.#resume(saved.data) : START;
    let isResumed = mark.page !== null;
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.#page(mark, signal).catch((error: unknown) => {
        // The API does not know the page any more: all is read again, which changes nothing twice.
        if (!isResumed || !(error instanceof HttpRefusal) || !GONE.has(error.status)) throw error;
        return undefined;
      });
      isResumed = false;
      if (answer === undefined) {
        mark = { ...mark, page: null };
        continue;
      }
      const records = answer.status === 304 ? [] : this.#records(answer);
      const next = answer.status === 304 ? null : this.#next(answer, mark, records.length);
      const began = mark.began ?? answer.sentAt ?? this.#context.clock.now().toISOString();
      mark = { ...mark, began, newest: this.#newest(records, mark.newest) };
      const after: Bookmark = { ...mark, page: next, etag: answer.etag ?? mark.etag, isDone: next === null };
      yield* this.#batches(records, { mark, after, byteCount: answer.byteCount });
      if (next === null) return;
      mark = after;
    }
  }

  async close(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  *#batches(
    records: readonly unknown[],
    { mark, after, byteCount }: { mark: Bookmark; after: Bookmark; byteCount: number },
  ): Generator<ReadBatch> {
    for (let from = 0; from === 0 || from < records.length; from += BATCH_ITEMS_MAX) {
      const isLast = from + BATCH_ITEMS_MAX >= records.length;
      const items = records
        .slice(from, from + BATCH_ITEMS_MAX)
        .map((record, index) => this.#item(record, from + index));
      if (isLast) yield { items, state: after, byteCount };
      else yield { items, state: { ...mark }, isPart: true, byteCount: 0 };
    }
  }

  #item(record: unknown, index: number): SourceRecord | BrokenRecord {
    const place =
      (this.#options.key === undefined ? null : textOf(at(record, this.#options.key))) ??
      `record ${index + 1} of its page`;
    if (typeof record === 'object' && record !== null && !Array.isArray(record)) {
      return { place, fields: record as Record<string, unknown> };
    }
    return { place, reason: 'the record is no JSON object' };
  }

  #resume(saved: Bookmark): Bookmark {
    if (!saved.isDone) return saved;
    const { updatedSince } = this.#options;
    return {
      ...START,
      etag: saved.etag,
      since: updatedSince === undefined ? null : seenWhole(saved.newest, saved.began),
      newest: saved.newest,
    };
  }

  /** The first page's address; with the moment from which changes are wanted. */
  #first(since: string | null): URL {
    const url = new URL(this.#url);
    const { updatedSince } = this.#options;
    if (updatedSince === undefined || since === null) return url;
    url.searchParams.set(updatedSince.parameter, before(since, updatedSince.overlapSeconds));
    return url;
  }

  async #page(mark: Bookmark, signal: AbortSignal): Promise<HttpAnswer> {
    const { pages } = this.#options;
    let url = this.#first(mark.since);
    if (pages?.by === 'number') url.searchParams.set(pages.parameter, mark.page ?? String(pages.first));
    else if (pages?.by === 'cursor' && mark.page !== null) url.searchParams.set(pages.parameter, mark.page);
    else if (pages?.by === 'link' && mark.page !== null) url = new URL(mark.page, this.#url);
    // One answer has one tag: over several pages it would say nothing of the others.
    const headers = pages === undefined && mark.etag !== null ? { 'if-none-match': mark.etag } : {};
    return this.#get(url, headers, signal);
  }

  #get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    const { plaintextAllowed, responseBytesMax } = this.#options;
    if (this.#url.protocol === 'http:' && !plaintextAllowed && !OWN_MACHINE.has(this.#url.hostname)) {
      throw new SourceFault(`${this.#url.origin} is asked without TLS: use https, or say plaintextAllowed`);
    }
    this.#client ??= new HttpClient(this.#url.origin, responseBytesMax, this.#context.clock);
    return this.#client.get(url, { ...this.#options.headers, ...this.#auth(), ...headers }, signal);
  }

  #auth(): Record<string, string> {
    const { auth } = this.#options;
    if (auth === undefined) return {};
    if ('bearer' in auth) return { authorization: `Bearer ${this.#context.readSecret(auth.bearer)}` };
    return { [auth.header.toLowerCase()]: this.#context.readSecret(auth.secret) };
  }

  #records({ body }: HttpAnswer): readonly unknown[] {
    const list = at(body, this.#options.records);
    if (Array.isArray(list)) return list as readonly unknown[];
    const where = this.#options.records === '' ? 'the answer' : `"${this.#options.records}" of the answer`;
    throw new SourceFault(`${where} is no list`);
  }

  #next({ body, link }: HttpAnswer, mark: Bookmark, recordCount: number): string | null {
    const { pages } = this.#options;
    if (pages === undefined) return null;
    if (pages.by === 'cursor') {
      const next = textOf(at(body, pages.next));
      if (next !== null && next === mark.page) throw new SourceFault('the API gives the same cursor again and again');
      return next;
    }
    if (pages.by === 'number') return recordCount === 0 ? null : String(Number(mark.page ?? pages.first) + 1);
    const next = link === undefined ? undefined : NEXT_LINK.exec(link)?.[1];
    return next === undefined ? null : this.#checkLink(next, mark.page);
  }

  /** Found wrong before it is kept: a run that goes on from a link that leads nowhere would never end otherwise. */
  #checkLink(next: string, page: string | null): string {
    const url = URL.parse(next, this.#url.href);
    if (url === null) throw new SourceFault('the link to the next page is no address');
    if (url.origin !== this.#url.origin) throw new SourceFault(`the next page is on another host (${url.host})`);
    if (next === page) throw new SourceFault('the API gives the same link again and again');
    return next;
  }

  #newest(records: readonly unknown[], known: string | null): string | null {
    const { updatedSince } = this.#options;
    if (updatedSince === undefined) return null;
    return records.reduce((newest: string | null, record) => {
      const value = textOf(at(record, updatedSince.field));
      return value !== null && (newest === null || isLater(value, newest)) ? value : newest;
    }, known);
  }
}

/** JSON APIs. */
export const httpKind: ConnectorKind<HttpOptions> = {
  spec: HTTP_SPEC,
  isText: false,
  open: (options, context) => new HttpConnector(options, context),
};
