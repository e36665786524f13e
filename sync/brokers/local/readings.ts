// What a client of the local broker reads: as a member of a group, or alone. Each knows how to ask for itself anew when
// the connection is up again.
import { PositionTooOld, type Following, type GroupDelivery, type GroupSubscription } from '../broker.ts';
import type { ClientWord, ServerWord, WireEntry } from './words.ts';

type Say = (word: ClientWord) => void;

/** A reading of either kind. */
export interface OpenReading {
  /** Resolves when it runs; rejects when it cannot. */
  readonly begun: Promise<void>;
  /** The connection is up: asks for it. Takes the name of the broker's log. */
  begin(logId: string): void;
  /** The connection is down. */
  pause(): void;
  hear(word: Extract<ServerWord, { id: number }>): void;
  close(): Promise<void>;
}

/** A client's part in a group. It counts as begun at once: the group has its place, whenever the broker is there. */
export class MemberReading implements OpenReading {
  readonly begun = Promise.resolve();
  readonly #id: number;
  readonly #subscription: GroupSubscription;
  readonly #say: Say;
  /** Which connection it is: what an earlier one delivered is not acknowledged on this one, where it comes again. */
  #round = 0;
  #acked: number[] = [];
  #logId = '';

  constructor(id: number, subscription: GroupSubscription, say: Say) {
    this.#id = id;
    this.#subscription = subscription;
    this.#say = say;
  }

  begin(logId: string): void {
    this.#logId = logId;
    const { group, topics, inFlightMax } = this.#subscription;
    this.#say({ t: 'subscribe', id: this.#id, group, topics, inFlightMax });
  }

  pause(): void {
    this.#round += 1;
    this.#acked = [];
  }

  hear(word: Extract<ServerWord, { id: number }>): void {
    if (word.t !== 'entries') return;
    const round = this.#round;
    this.#subscription.deliver(word.entries.map((entry) => this.#toDelivery(entry, round)));
  }

  close(): Promise<void> {
    this.#sendAcks();
    this.pause();
    this.#say({ t: 'end', id: this.#id });
    return Promise.resolve();
  }

  #toDelivery([seq, topic, key, value]: WireEntry, round: number): GroupDelivery {
    const isOpen = (): boolean => round === this.#round;
    const ack = (): void => {
      if (!isOpen()) return;
      if (this.#acked.length === 0) setImmediate(() => this.#sendAcks());
      this.#acked.push(seq);
    };
    return { topic, key, value, position: `${this.#logId}.${seq}`, ack, isOpen };
  }

  #sendAcks(): void {
    if (this.#acked.length === 0) return;
    this.#say({ t: 'ack', id: this.#id, seqs: this.#acked });
    this.#acked = [];
  }
}

/** A client that follows. */
export class FollowerReading implements OpenReading {
  readonly begun: Promise<void>;
  readonly #id: number;
  readonly #following: Following;
  readonly #say: Say;
  #after: string;
  #logId = '';
  #round = 0;
  #delivered = Promise.resolve();
  #isBegun = false;
  #isClosed = false;
  #settle: { readonly resolve: () => void; readonly reject: (fault: Error) => void } | undefined;

  constructor(id: number, following: Following, say: Say) {
    this.#id = id;
    this.#following = following;
    this.#say = say;
    this.#after = following.after;
    this.begun = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  begin(logId: string): void {
    this.#logId = logId;
    this.#say({ t: 'follow', id: this.#id, topics: this.#following.topics, after: this.#after });
  }

  pause(): void {
    this.#round += 1;
  }

  hear(word: Extract<ServerWord, { id: number }>): void {
    switch (word.t) {
      case 'yes':
        // From here on it is known what comes next: also where the connection ends before the first message.
        if (this.#after === 'now') this.#after = `${this.#logId}.${word.seq}`;
        this.#isBegun = true;
        this.#settle?.resolve();
        return;
      case 'no':
        this.#onRefused(word.why);
        return;
      case 'entries':
        this.#enqueue(word.entries);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#say({ t: 'end', id: this.#id });
    return Promise.resolve();
  }

  /** A new follower hears of it; one that ran for long gets what there is still, as nobody could tell it. */
  #onRefused(why: string): void {
    if (!this.#isBegun) {
      this.#settle?.reject(new PositionTooOld(why));
      return;
    }
    this.#after = 'oldest';
    this.begin(this.#logId);
  }

  /** One batch after the other, also where a new connection brings the next while one of the last is being taken. */
  #enqueue(entries: readonly WireEntry[]): void {
    const [logId, round] = [this.#logId, this.#round];
    const last = entries.at(-1);
    if (last !== undefined) this.#after = `${logId}.${last[0]}`;
    this.#delivered = this.#delivered.then(async () => {
      if (this.#isClosed) return;
      await this.#following.deliver(
        entries.map(([seq, topic, key, value]) => ({ topic, key, value, position: `${logId}.${seq}` })),
      );
      if (round === this.#round) this.#say({ t: 'next', id: this.#id });
    });
  }
}
