// The relay of one subgraph: unsent rows → broker → marked as sent. One of several processes sends at a time, by a lease
// with a fencing token; a row is marked only after the broker's yes, so what is not known to be taken is sent again.
// Mutations never wait for it: with the broker away the rows wait. One lease for the whole outbox, not one a partition:
// only who sends all can say in a beat that nothing is held back, and one process sends far more than a subgraph writes.
import { BEAT_MS, BEAT_TOPIC, topicOf, type RelayBeat } from '../../contracts/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Broker, BrokerMessage } from '../brokers/broker.ts';
import { COMPLETE, entitiesToComplete, roundsOf, SentVersions } from './inOrder.ts';
import { BACKLOG_MAX, type Outbox } from './outbox.ts';
import { RelayCounts } from './relayMetrics.ts';
import type { RelayRow, RelayStore } from './relayStore.ts';

const POLL_MS = 200;
/** How many rows are under way at once: at 256 the rounds to the database cost half of the speed (docs/events.md). */
const WINDOW_ROWS = 1_000;
const COUNT_EVERY_MS = 1_000;
/** Counting a long backlog takes a while: at most this share of the time goes into it. */
const COUNT_SHARE = 10;
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 5_000;
/** A beat that is due before the next poll is sent with this one. */
const BEAT_EARLY_MS = 100;

function messageOf({ aggregatetype, aggregateid, payload }: RelayRow): BrokerMessage {
  return { topic: topicOf(aggregatetype), key: aggregateid, value: payload };
}

/** A lease as a relay uses it. */
export interface RelayLease {
  isHeld(): boolean;
  release(): Promise<void>;
}

/** What a relay is made of. */
export interface RelayOptions<Lease extends RelayLease> {
  readonly outbox: Pick<Outbox, 'subgraph' | 'noteBacklog' | 'onCommitted'>;
  readonly store: RelayStore<Lease>;
  readonly broker: Pick<Broker, 'publish'>;
  /** Asks for the lease; undefined: another holds it. */
  takeLease(): Promise<Lease | undefined>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Sends what a subgraph's mutations wrote into its outbox. */
export class Relay<Lease extends RelayLease> {
  readonly counts: RelayCounts;
  readonly #options: RelayOptions<Lease>;
  readonly #sent = new SentVersions();
  #lease: Lease | undefined;
  #isStopped = false;
  #isWoken = false;
  #wake: () => void = () => undefined;
  #running: Promise<unknown> = Promise.resolve();
  #ignoreCommits: () => void = () => undefined;
  #cancelCount: () => void = () => undefined;
  #beatAtMs = -Infinity;
  #retryMs = 0;

  constructor(options: RelayOptions<Lease>) {
    this.#options = options;
    this.counts = new RelayCounts(options.outbox.subgraph);
  }

  /** Begins to send; never throws. */
  start(): void {
    this.#ignoreCommits = this.#options.outbox.onCommitted(() => {
      this.#isWoken = true;
      this.#wake();
    });
    this.#running = Promise.all([this.#run(), this.#count()]);
  }

  /** Ends after what is being sent, and gives the lease back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ignoreCommits();
    this.#cancelCount();
    this.#wake();
    await this.#running;
    await this.#lease?.release();
    this.counts.isHolding = false;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      try {
        await this.#turn();
        this.#retryMs = 0;
      } catch (error) {
        this.counts.failed.add();
        if (this.#retryMs === 0) this.#options.log.warn({ err: error }, 'events could not be sent; they wait');
        this.#retryMs = Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, this.#retryMs * 2));
      }
      await this.#pause();
    }
  }

  /** Waits for the next poll or commit; after a failure for a while, whatever is committed meanwhile. */
  #pause(): Promise<void> {
    if (this.#isStopped || (this.#isWoken && this.#retryMs === 0 && this.#lease !== undefined))
      return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(this.#retryMs === 0 ? POLL_MS : this.#retryMs, resolve);
      this.#wake = () => {
        if (!this.#isStopped && (this.#retryMs > 0 || this.#lease === undefined)) return;
        cancel();
        resolve();
      };
    });
  }

  /** Sends all that there is, window by window, and says so. */
  async #turn(): Promise<void> {
    if (!(await this.#holdsLease())) return;
    for (;;) {
      const startMs = this.#options.clock.now().getTime();
      const { rows, isAll } = await this.#options.store.readUnsent(WINDOW_ROWS);
      if (rows.length > 0 && !(await this.#send(rows))) return;
      if (isAll) {
        await this.#beat(startMs);
        return;
      }
      if (this.#isStopped) return;
    }
  }

  async #holdsLease(): Promise<boolean> {
    if (this.#lease?.isHeld() === true) return true;
    if (this.#lease !== undefined) this.#options.log.warn('another relay sends now');
    this.#lease = undefined;
    this.#sent.clear();
    this.#lease = await this.#options.takeLease();
    this.counts.isHolding = this.#lease !== undefined;
    if (this.#lease !== undefined) this.#options.log.info('the relay sends');
    return this.#lease !== undefined;
  }

  /** Sends a window, each entity's next row after the broker's yes to the one before. False: the lease is lost. */
  async #send(window: readonly RelayRow[]): Promise<boolean> {
    const { store, broker } = this.#options;
    const incomplete = entitiesToComplete(window, this.#sent);
    const later = incomplete.length === 0 ? COMPLETE : await store.readUnsentOf(incomplete);
    const lease = this.#lease;
    const taken: string[] = [];
    try {
      for (const round of roundsOf(window, incomplete, later)) {
        if (lease?.isHeld() !== true) return false;
        await broker.publish(round.map(messageOf));
        // A broker that takes some is there: the next failure is a first one.
        this.#retryMs = 0;
        this.#sent.note(round);
        this.counts.sent.add(round.length);
        taken.push(...round.map(({ _id }) => _id));
      }
    } finally {
      // Also of a window that failed half-way: what the broker has is not sent again.
      if (taken.length > 0 && lease !== undefined) await store.markSent(taken, lease);
    }
    return true;
  }

  /** Says that all that was committed before `sentUpToMs` has been sent, if that is due. */
  async #beat(sentUpToMs: number): Promise<void> {
    const { broker, clock, outbox } = this.#options;
    const nowMs = clock.steadyMs();
    if (nowMs - this.#beatAtMs < BEAT_MS - BEAT_EARLY_MS || this.#lease?.isHeld() !== true) return;
    this.#beatAtMs = nowMs;
    const beat: RelayBeat = { subgraph: outbox.subgraph, sentUpToMs };
    await broker.publish([{ topic: BEAT_TOPIC, key: outbox.subgraph, value: JSON.stringify(beat) }]);
  }

  /** Counts the backlog again and again: each process does, because each refuses mutations by it. */
  async #count(): Promise<void> {
    const { store, clock, outbox } = this.#options;
    while (!this.#isStopped) {
      const startMs = clock.steadyMs();
      try {
        this.counts.backlog = await store.readBacklog(BACKLOG_MAX + 1);
        outbox.noteBacklog(this.counts.backlog.count);
      } catch {
        // The database is away: the last count stands, and mutations fail by themselves.
      }
      const tookMs = clock.steadyMs() - startMs;
      await this.#pauseCounting(Math.max(COUNT_EVERY_MS, tookMs * COUNT_SHARE));
    }
  }

  #pauseCounting(ms: number): Promise<void> {
    // Stopped while it counted: nobody would end the wait.
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#cancelCount = () => {
        cancel();
        resolve();
      };
    });
  }
}
