// Runs that several streams share: equal operations of callers with equal rights for one event are run once. A stream
// never gets an answer that was begun before the one that it got last of the same entity had ended: what it is shown
// of an entity never steps back. At most so many run at once, so that streams leave room for requests.
import { Fifo } from '../../../platform/fifo.ts';
import type { Clock } from '../../../platform/clock.ts';

/** A run, on its way or over. */
interface Run<T> {
  readonly outcome: Promise<T>;
  /** Its place in the order of all beginnings and ends. */
  readonly beganAt: number;
  endedAt: number;
}

/** What a stream was shown last of each entity. */
export class ShownEntities {
  private readonly ended = new Map<string, number>();
  private floor: number;

  /** How many entities are told apart. */
  static readonly ENTITIES_MAX = 256;

  /** `floor`: nothing that was begun before is shown. */
  constructor(floor = 0) {
    this.floor = floor;
  }

  floorOf(entityId: string): number {
    return this.ended.get(entityId) ?? this.floor;
  }

  note(entityId: string, endedAt: number): void {
    if (this.ended.size >= ShownEntities.ENTITIES_MAX) {
      this.floor = Math.max(this.floor, ...this.ended.values());
      this.ended.clear();
    }
    this.ended.set(entityId, endedAt);
  }
}

/** How long a run is there for others after it ended: streams are not all equally quick. */
const KEPT_MS = 1_000;

/** Shares runs. */
export class SharedRuns<T> {
  private readonly clock: Clock;
  private readonly runsMax: number;
  private readonly runs = new Map<string, Run<T>>();
  private readonly waiting = new Fifo<() => void>();
  private running = 0;
  private order = 1;

  constructor(clock: Clock, runsMax: number) {
    this.clock = clock;
    this.runsMax = runsMax;
  }

  /** Gives what is shown to a client that goes on where another stream left it: that one showed it who knows what. */
  goOn(): ShownEntities {
    return new ShownEntities(this.order++);
  }

  /** Joins an equal run or begins one; `isOwn` says which. What is not `isKept` is nobody else's. */
  async run(
    key: string,
    entityId: string,
    shown: ShownEntities,
    begin: () => Promise<T>,
    isKept: (outcome: T) => boolean,
  ): Promise<{ readonly outcome: T; readonly isOwn: boolean }> {
    const known = this.runs.get(key);
    if (known !== undefined && known.beganAt >= shown.floorOf(entityId)) {
      const outcome = await known.outcome;
      shown.note(entityId, known.endedAt);
      return { outcome, isOwn: false };
    }
    const run: Run<T> = { outcome: this.inTurn(begin), beganAt: this.order++, endedAt: Infinity };
    this.runs.set(key, run);
    const forget = (): void => {
      if (this.runs.get(key) === run) this.runs.delete(key);
    };
    try {
      const outcome = await run.outcome;
      run.endedAt = this.order++;
      shown.note(entityId, run.endedAt);
      if (isKept(outcome)) this.clock.after(KEPT_MS, forget);
      else forget();
      return { outcome, isOwn: true };
    } catch (error) {
      forget();
      throw error;
    }
  }

  private async inTurn(begin: () => Promise<T>): Promise<T> {
    if (this.running >= this.runsMax) await new Promise<void>((go) => this.waiting.push(go));
    else this.running++;
    try {
      return await begin();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
