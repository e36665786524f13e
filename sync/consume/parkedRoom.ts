// How many more events of a consumer may be parked: counted now and then, not for each.
import type { ConsumeStore } from './store.ts';

/** More parked events than this and the consumer stands still: somebody has to look. */
export const PARKED_MAX = 100_000;
/** So many events are parked before those that are there are counted again. */
const RECOUNT_AFTER = 1_000;

/** That a consumer has parked too many. */
export class ParkedIsFull extends Error {
  override readonly name = 'ParkedIsFull';
  override readonly message = `there are ${PARKED_MAX} parked events: look at them with crm-graph events parked`;
}

/** The room that one consumer has. */
export class ParkedRoom {
  readonly #store: Pick<ConsumeStore<never>, 'countParked'>;
  readonly #consumer: string;
  #left = 0;

  constructor(store: Pick<ConsumeStore<never>, 'countParked'>, consumer: string) {
    this.#store = store;
    this.#consumer = consumer;
  }

  /** Takes room for so many parked events; throws ParkedIsFull where there is none. */
  async take(count: number): Promise<void> {
    if (count === 0) return;
    if (this.#left < count) {
      const left = PARKED_MAX - (await this.#store.countParked(this.#consumer));
      if (left < count) throw new ParkedIsFull();
      this.#left = Math.min(left, RECOUNT_AFTER);
    }
    this.#left -= count;
  }
}
