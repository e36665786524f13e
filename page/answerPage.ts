// The page's JSON: an address under `api/` in, an answer out. Every answer is bounded; whatever is expected to fail is
// told in a sentence with what to do.
import { StoreAway, StoreRefusal } from '../store/storeFault.ts';
import { tellHistory, tellReport } from './changelog.ts';
import { PageFault, type PageSources, type UseNow } from './pageSources.ts';
import type { Overview, PageError } from './pageWords.ts';
import { openSchemaIndex, type SchemaIndex, type ShownSchema } from './schemaIndex.ts';
import { showMember, showType, type UseTeller } from './schemaPages.ts';
import { searchSchema } from './searchSchema.ts';
import { readStoredReport, type StoredReport } from './storedReport.ts';
import { KnownUse, unknownUse } from './useFold.ts';

/** An answer: its status, and its JSON. */
export interface PageAnswer {
  readonly status: number;
  readonly body: string;
}

/** Takes a path behind `api/` with its query, as `search?q=email`; gives the answer. Rejects for faults alone. */
export type AnswerPage = (address: string) => Promise<PageAnswer>;

const RELEASES_MAX = 30;
const HITS_MAX = 60;
const MEMBERS_MAX = 150;
const FINDINGS_MAX = 25;
const QUERY_CHARACTERS_MAX = 200;
const MEND_STORE = 'The page asks again by itself; look at the store, or at the log of whoever serves this page.';

function noSuch(what: string, mend: string): PageFault {
  return new PageFault(what, mend, 404);
}

function numberIn(query: URLSearchParams, name: string, standard: number): number {
  const text = query.get(name);
  if (text === null) return standard;
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PageFault(`${name} is no whole number.`, 'Go back to the page’s start.', 400);
}

function textIn(query: URLSearchParams, name: string): string {
  return (query.get(name) ?? '').slice(0, QUERY_CHARACTERS_MAX);
}

function tellerOf(use: UseNow): UseTeller {
  if (use instanceof KnownUse) return use;
  return { countOf: () => undefined, useOf: () => unknownUse(use.state) };
}

/** Answers of one server. */
class Answers {
  readonly #sources: PageSources;
  #opened: { readonly shown: ShownSchema; readonly index: SchemaIndex } | undefined;

  constructor(sources: PageSources) {
    this.#sources = sources;
  }

  async answer(path: string, query: URLSearchParams): Promise<unknown> {
    switch (path) {
      case 'overview':
        return this.#overview();
      case 'history':
        return this.#history(query);
      case 'search':
        return searchSchema(await this.#index(), textIn(query, 'q'), numberIn(query, 'offset', 0), HITS_MAX);
      case 'element':
        return this.#element(query);
      case 'report':
        return this.#report(query);
      default:
        throw noSuch('There is nothing at this address.', 'Go back to the page’s start.');
    }
  }

  async #index(): Promise<SchemaIndex> {
    const shown = await this.#sources.schema();
    if (this.#opened?.shown !== shown) this.#opened = { shown, index: openSchemaIndex(shown) };
    return this.#opened.index;
  }

  async #overview(): Promise<Overview> {
    const { storeName, checkNow } = this.#sources;
    const around = { store: storeName, canCheckNow: checkNow !== undefined, use: this.#sources.use().state };
    try {
      const { name, hash, types, fieldsTotal, subgraphs, contracts } = await this.#index();
      const counts = { types: types.size, fields: fieldsTotal };
      const shown = { schema: { name, hash }, fault: undefined, counts, subgraphs, contracts: [...contracts.keys()] };
      return { ...shown, ...around };
    } catch (error) {
      const fault = toldOf(error);
      if (fault === undefined) throw error;
      const nothing = { schema: undefined, counts: { types: 0, fields: 0 }, subgraphs: [], contracts: [] };
      return { ...nothing, fault: fault.told, ...around };
    }
  }

  async #history(query: URLSearchParams): Promise<unknown> {
    const { log } = this.#sources;
    if (log === undefined) return { entries: [], next: undefined };
    return tellHistory(log, numberIn(query, 'before', Number.MAX_SAFE_INTEGER), RELEASES_MAX);
  }

  async #element(query: URLSearchParams): Promise<unknown> {
    const index = await this.#index();
    const coordinate = textIn(query, 'coordinate');
    // An argument is shown with its field.
    const [name = '', field] = coordinate.replace(/\(.*$/, '').split('.');
    const type = index.types.get(name);
    const gone =
      'It may have been removed or renamed since this link was made. Search for it, or look into the history.';
    if (type === undefined) throw noSuch(`This schema has no ${name || 'such type'}.`, gone);
    const teller = tellerOf(this.#sources.use());
    if (field === undefined)
      return showType(index, type, teller, { offset: numberIn(query, 'offset', 0), limit: MEMBERS_MAX });
    const member = type.members.find((each) => each.name === field);
    if (member === undefined) throw noSuch(`${name} has no ${field}.`, gone);
    return showMember(index, type, member, teller);
  }

  async #report(query: URLSearchParams): Promise<unknown> {
    const which = textIn(query, 'release');
    const { title, report } = which === 'now' ? await this.#checkNow() : await this.#reportOf(which);
    const verdict = query.get('verdict') ?? undefined;
    return tellReport(title, report, { verdict, offset: numberIn(query, 'offset', 0), limit: FINDINGS_MAX });
  }

  async #checkNow(): Promise<{ title: string; report: StoredReport }> {
    const { checkNow } = this.#sources;
    const report = checkNow && readStoredReport(await checkNow());
    if (report === undefined) throw noSuch('There is no working tree here to check.', 'Choose a release.');
    return { title: 'The working tree', report };
  }

  async #reportOf(text: string): Promise<{ title: string; report: StoredReport }> {
    const signed = await this.#sources.log?.find(Number(text));
    const report = signed && (await this.#sources.log?.reportOf(signed));
    if (signed === undefined || report === undefined) {
      throw noSuch(`There is no check report of release ${text}.`, 'Choose another release.');
    }
    return { title: `Release ${signed.release.number}`, report };
  }
}

function toldOf(error: unknown): { readonly told: PageError; readonly status: number } | undefined {
  if (error instanceof PageFault) return error;
  if (error instanceof StoreAway || error instanceof StoreRefusal) {
    return { told: { what: `Releases cannot be read: ${error.message}.`, mend: MEND_STORE }, status: 503 };
  }
  return undefined;
}

const BASE = 'http://page.invalid/';

/** Opens the answers over sources. */
export function openAnswers(sources: PageSources): AnswerPage {
  const answers = new Answers(sources);
  return async (address) => {
    if (!URL.canParse(address, BASE)) {
      const error: PageError = { what: 'There is no such address.', mend: 'Begin at the page itself.' };
      return { status: 404, body: JSON.stringify({ error }) };
    }
    const { pathname, searchParams } = new URL(address, BASE);
    try {
      return { status: 200, body: JSON.stringify(await answers.answer(pathname.slice(1), searchParams)) };
    } catch (error) {
      const fault = toldOf(error);
      if (fault === undefined) throw error;
      return { status: fault.status, body: JSON.stringify({ error: fault.told }) };
    }
  };
}
