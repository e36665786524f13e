// One holder at a time for a name, kept in MongoDB, with a fencing token that rises with every taking. Relays and
// schedules use it. No time of day is compared: who waits looks whether the holder's beat still moves, on its own steady
// clock, so that a clock that is set forth or back neither loses a lease nor gives it to two.
import type { ClientSession, Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';

/** A lease as it is kept. */
export interface LeaseDocument {
  /** What is held: a schedule, a partition. */
  readonly _id: string;
  /** Who holds it; null: nobody, it may be taken at once. */
  readonly holder: string | null;
  /** The fencing token: one more with every taking, never less. */
  readonly fence: number;
  /** Moves with every renewal. */
  readonly beat: number;
}

/** Says that another has the lease, or may have it: what was to be written under it must not be. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** A lease that was taken; it renews itself until it is released or lost. */
export interface HeldLease {
  readonly name: string;
  /** What the holder shows with each effect: who has a lower one is refused. */
  readonly fence: number;
  /** Whether nobody else can have it at this moment, as far as this process knows. True is no proof: show the fence. */
  isHeld(): boolean;
  /** Fires once when it is lost, not when it is released. */
  readonly lost: AbortSignal;
  /**
   * Writes into the lease within the effect's transaction, so that the effect and a taking by another exclude each
   * other. Throws LeaseLost where the token is old: the transaction must be aborted then.
   */
  prove(session: ClientSession): Promise<void>;
  /** Gives it back, so that another may take it at once. Never throws. */
  release(): Promise<void>;
}

/** What leases are opened with. */
export interface LeaseOptions {
  readonly connection: Connection;
  /** The collection in the connection's database. */
  readonly collection: string;
  /** A name of this process that no other ever has. */
  readonly holder: string;
  /** How long a holder may be silent before another takes the lease. It renews three times as often. */
  readonly ttlMs: number;
  readonly clock: Clock;
}

const DUPLICATE_KEY = 11_000;
const RENEWALS_A_TTL = 3;

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

type Seen = Pick<LeaseDocument, 'fence' | 'beat'> & { readonly sinceMs: number };

/** The leases of one collection, for one process. */
export class Leases {
  readonly #options: LeaseOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /**
   * Takes a lease that nobody holds, or whose holder has been silent for the time of the lease while this process looked
   * on; else gives undefined, and is to be asked again. Throws what the database throws.
   */
  async take(name: string): Promise<HeldLease | undefined> {
    const { clock, ttlMs } = this.#options;
    const found = await this.#collection().findOne({ _id: name }, { hint: '_id_', maxTimeMS: ttlMs });
    const startMs = clock.steadyMs();
    if (found === null) return this.#insert(name, startMs);
    if (found.holder !== null && !this.#isSilent(found)) return undefined;
    const { fence, beat } = found;
    const taken = await this.#collection().updateOne(
      { _id: name, fence, beat },
      { $set: { holder: this.#options.holder }, $inc: { fence: 1, beat: 1 } },
    );
    this.#seen.delete(name);
    return taken.matchedCount === 1 ? this.#hold(name, fence + 1, startMs) : undefined;
  }

  #collection() {
    return this.#options.connection.collection<LeaseDocument>(this.#options.collection);
  }

  /** Whether its beat has stood still for the time of a lease, as far as this process has seen. */
  #isSilent({ _id, fence, beat }: LeaseDocument): boolean {
    const { clock, ttlMs } = this.#options;
    const seen = this.#seen.get(_id);
    const sinceMs = seen?.fence === fence && seen.beat === beat ? seen.sinceMs : clock.steadyMs();
    this.#seen.set(_id, { fence, beat, sinceMs });
    return clock.steadyMs() - sinceMs > ttlMs;
  }

  async #insert(name: string, startMs: number): Promise<HeldLease | undefined> {
    try {
      await this.#collection().insertOne({ _id: name, holder: this.#options.holder, fence: 1, beat: 1 });
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
    return this.#hold(name, 1, startMs);
  }

  #hold(name: string, fence: number, startMs: number): HeldLease {
    return new SelfRenewingLease({ ...this.#options, name, fence, startMs });
  }
}

type Holding = LeaseOptions & { readonly name: string; readonly fence: number; readonly startMs: number };

class SelfRenewingLease implements HeldLease {
  readonly name: string;
  readonly fence: number;
  readonly #holding: Holding;
  readonly #lost = new AbortController();
  /** The start of the last renewal that succeeded. */
  #renewedAtMs: number;
  #isReleased = false;
  #cancel: () => void = () => undefined;

  constructor(holding: Holding) {
    this.name = holding.name;
    this.fence = holding.fence;
    this.#holding = holding;
    this.#renewedAtMs = holding.startMs;
    this.#plan();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  isHeld(): boolean {
    const { clock, ttlMs } = this.#holding;
    if (!this.#isOver() && clock.steadyMs() - this.#renewedAtMs > ttlMs) this.#lose();
    return !this.#isOver();
  }

  async prove(session: ClientSession): Promise<void> {
    const proved = await this.#collection().updateOne(this.#filter(), { $inc: { beat: 1 } }, { session });
    if (proved.matchedCount === 1) return;
    this.#lose();
    throw new LeaseLost(`the lease ${this.name} was taken by another`);
  }

  async release(): Promise<void> {
    if (this.#isOver()) return;
    this.#isReleased = true;
    this.#cancel();
    try {
      await this.#collection().updateOne(this.#filter(), { $set: { holder: null }, $inc: { beat: 1 } });
    } catch {
      // It ends by itself: another takes it when the beat has stood still long enough.
    }
  }

  #filter() {
    return { _id: this.name, holder: this.#holding.holder, fence: this.fence };
  }

  #collection() {
    return this.#holding.connection.collection<LeaseDocument>(this.#holding.collection);
  }

  #isOver(): boolean {
    return this.#isReleased || this.#lost.signal.aborted;
  }

  #lose(): void {
    this.#cancel();
    this.#lost.abort(new LeaseLost(`the lease ${this.name} was lost`));
  }

  #plan(): void {
    const { clock, ttlMs } = this.#holding;
    this.#cancel = clock.after(ttlMs / RENEWALS_A_TTL, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const startMs = this.#holding.clock.steadyMs();
    try {
      const renewed = await this.#collection().updateOne(this.#filter(), { $inc: { beat: 1 } });
      if (renewed.matchedCount === 1) this.#renewedAtMs = startMs;
      else if (!this.#isReleased) this.#lose();
    } catch {
      // The database is away: it may come back before the time is over.
    }
    if (this.isHeld()) this.#plan();
  }
}
