// Hands a consumer what is to be taken up again, as if it came from the broker; a row goes when the consumer is done.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Arrival } from './consumer.ts';
import type { ReplayRow } from './replays.ts';

const LOOK_EVERY_MS = 1_000;
const HELD_MAX = 512;

/** What a reader works with. */
export interface ReplayReaderParts {
  readonly consumer: { readonly name: string; accept(arrival: Arrival): void };
  readonly replays: {
    next(consumer: string, countMax: number): Promise<ReplayRow[]>;
    done(row: Pick<ReplayRow, '_id' | 'at'>): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads the replays of one consumer, about once a second, until it is stopped. */
export class ReplayReader {
  readonly #parts: ReplayReaderParts;
  readonly #held = new Set<string>();
  #cancel: (() => void) | undefined;
  #look: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: ReplayReaderParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#look = this.look().finally(() => {
      if (!this.#isStopped) this.#cancel = this.#parts.clock.after(LOOK_EVERY_MS, () => this.start());
    });
  }

  /** Takes up what there is now. Never rejects. */
  async look(): Promise<void> {
    const { consumer, replays, log } = this.#parts;
    try {
      const rows = await replays.next(consumer.name, HELD_MAX);
      for (const row of rows) if (!this.#isStopped && !this.#held.has(row._id)) this.#hand(row);
    } catch (error) {
      log.warn({ err: error, consumer: consumer.name }, 'replays could not be read');
    }
  }

  /** Hands nothing over any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#look;
  }

  #hand(row: ReplayRow): void {
    const { consumer, replays, log } = this.#parts;
    const { _id, topic, key, text, isForced } = row;
    this.#held.add(_id);
    const ack = (): void => {
      replays
        .done(row)
        // It stays, and is handed over again: its consumer knows it then.
        .catch((error: unknown) => log.warn({ err: error, consumer: consumer.name }, 'a replay could not be ended'))
        .finally(() => this.#held.delete(_id))
        .catch(() => undefined);
    };
    consumer.accept({ topic, key, value: text, position: `replay:${_id}`, isForced, ack });
  }
}
