// The history of a store for the page: read from the newest backwards, each release once, as none is ever changed.
import type { SignedRelease } from '../store/release.ts';
import type { PublishedSchemas } from '../store/storeReader.ts';
import { readStoredReport, type StoredReport } from './storedReport.ts';

const KEPT_MAX = 20_000;
const REPORTS_KEPT_MAX = 50;

/** Reads a store's releases and their reports. Everything rejects with StoreAway or StoreRefusal. */
export class ReleaseLog {
  readonly #published: PublishedSchemas;
  /** From the oldest that was read to the newest, without a gap. */
  #chain: SignedRelease[] = [];
  #reading: Promise<void> = Promise.resolve();
  readonly #reports = new Map<string, Promise<StoredReport | undefined>>();

  constructor(published: PublishedSchemas) {
    this.#published = published;
  }

  /** The newest release; undefined where nothing was published yet. */
  async newest(): Promise<SignedRelease | undefined> {
    await this.#refresh();
    return this.#chain.at(-1);
  }

  /** At most `limit` releases before a number, the newest first. */
  async before(number: number, limit: number): Promise<SignedRelease[]> {
    await this.#refresh();
    return this.#chain
      .filter(({ release }) => release.number < number)
      .slice(-limit)
      .reverse();
  }

  /** The release with a number. */
  async find(number: number): Promise<SignedRelease | undefined> {
    await this.#refresh();
    return this.#chain.find(({ release }) => release.number === number);
  }

  /** The latest release before that had the same supergraph: what a rollback put back. */
  restoredBy({ release }: SignedRelease): number | undefined {
    const same = this.#chain.findLast(
      (each) => each.release.number < release.number - 1 && each.release.supergraph === release.supergraph,
    );
    return same?.release.number;
  }

  /** The report of a release; undefined where none was made, or it is none that the page can read. */
  reportOf({ release }: SignedRelease): Promise<StoredReport | undefined> {
    const hash = release.report;
    if (hash === null) return Promise.resolve(undefined);
    const known = this.#reports.get(hash);
    if (known !== undefined) return known;
    const read = this.#published.text(hash, 'json').then((text) => readStoredReport(JSON.parse(text)));
    const [oldest] = this.#reports.keys();
    if (this.#reports.size >= REPORTS_KEPT_MAX && oldest !== undefined) this.#reports.delete(oldest);
    this.#reports.set(hash, read);
    read.catch(() => this.#reports.delete(hash));
    return read;
  }

  /** One at a time: whoever asks meanwhile waits for the next look. */
  #refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const known = new Map(this.#chain.map((each, index) => [each.hash, index]));
    const fresh: SignedRelease[] = [];
    for await (const signed of this.#published.history()) {
      const at = known.get(signed.hash);
      if (at !== undefined) {
        this.#chain = [...this.#chain.slice(0, at + 1), ...fresh.reverse()];
        return;
      }
      fresh.push(signed);
      if (fresh.length >= KEPT_MAX) break;
    }
    this.#chain = fresh.reverse();
  }
}
