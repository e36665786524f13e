// The use of the last days from the gateway's database, read in the background: the page asks for it and is told what is
// known so far. Days that are over are read once; today is read again when it was long ago.
import type { UsageExport } from '../contracts/usageExport.ts';
import type { Clock } from '../platform/clock.ts';
import type { UseNow } from './pageSources.ts';
import { KnownUse, UseFold } from './useFold.ts';

/** Reads what was asked in a time. */
export type ReadPeriod = (period: { readonly from: Date; readonly to: Date }) => Promise<UsageExport>;

const DAY_MS = 86_400_000;
const TODAY_KEPT_MS = 20_000;
const FAILED_KEPT_MS = 10_000;
const DAYS = 30;

function startOfDay(moment: Date): number {
  return Math.floor(moment.getTime() / DAY_MS) * DAY_MS;
}

/** Follows the use of the schema. */
export class LiveUse {
  readonly #read: ReadPeriod;
  readonly #clock: Clock;
  #past: { readonly todayMs: number; readonly fold: UseFold } | undefined;
  #now: UseNow = { state: { kind: 'reading', because: 'What was asked of the schema is being read.' } };
  #isReading = false;
  #freshUntilMs = Number.NEGATIVE_INFINITY;

  constructor(read: ReadPeriod, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** What is known now; begins to read where that is old. */
  now(): UseNow {
    if (!this.#isReading && this.#clock.steadyMs() >= this.#freshUntilMs) void this.#refresh();
    return this.#now;
  }

  /** Never rejects. */
  async #refresh(): Promise<void> {
    this.#isReading = true;
    try {
      this.#now = await this.#readAll();
      this.#freshUntilMs = this.#clock.steadyMs() + TODAY_KEPT_MS;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#now = { state: { kind: 'failed', because: `Who asks for what could not be read: ${why}.` } };
      this.#freshUntilMs = this.#clock.steadyMs() + FAILED_KEPT_MS;
    } finally {
      this.#isReading = false;
    }
  }

  async #readAll(): Promise<UseNow> {
    const now = this.#clock.now();
    const todayMs = startOfDay(now);
    if (this.#past?.todayMs !== todayMs) this.#past = { todayMs, fold: await this.#readPast(todayMs) };
    const today = new UseFold();
    today.add(await this.#read({ from: new Date(todayMs), to: now }));
    const known = new KnownUse([this.#past.fold, today], `counted by the gateway in the last ${DAYS} days`);
    if (known.state.requests > 0) return known;
    return {
      state: { kind: 'none', because: `No use is recorded: the gateway counted no request in the last ${DAYS} days.` },
    };
  }

  async #readPast(todayMs: number): Promise<UseFold> {
    const fold = new UseFold();
    for (let day = DAYS - 1; day >= 1; day -= 1) {
      const fromMs = todayMs - day * DAY_MS;
      fold.add(await this.#read({ from: new Date(fromMs), to: new Date(fromMs + DAY_MS) }));
    }
    return fold;
  }
}
