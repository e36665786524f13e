// Follows the source: each supergraph that it publishes is handed to the served graph, one at a time, and what was taken
// is kept on disk. A source that is away or gives something bad changes nothing but what is told.
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { StoreRefusal } from '../store/storeFault.ts';
import type { FirstSupergraph } from './firstSupergraph.ts';
import type { Observer } from './observe/observer.ts';
import type { ServedGraph } from './servedGraph.ts';
import type { LastGood } from './source/lastGood.ts';
import type { SourcedSupergraph, SupergraphSource } from './source/supergraphSource.ts';

/** What is known of the source and of what was taken from it. */
export interface SourceState {
  readonly kind: SupergraphSource['kind'];
  /** Whether it could be read the last time. */
  readonly isReachable: boolean;
  /** How long ago it was read well, in milliseconds; since the start where it never was. */
  readonly readAgoMs: number;
  /** Whether what is served was read from the disk, and not from the source since. */
  readonly isCopy: boolean;
  /** Undefined where it was published without a release. */
  readonly release: { readonly number: number; readonly publishedAt: string } | undefined;
  /** Whether what is served had to be signed. */
  readonly isSigned: boolean;
}

/** A source that is followed. */
export interface Following {
  state(): SourceState;
  stop(): Promise<void>;
}

/** What follows. */
export interface FollowParts {
  readonly source: SupergraphSource;
  readonly lastGood: LastGood | undefined;
  readonly first: FirstSupergraph;
  readonly served: ServedGraph;
  readonly isSigned: boolean;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after every attempt to take another supergraph. */
  readonly onReplaced: () => void;
}

class Follower implements Following {
  readonly #parts: FollowParts;
  /** What was read last, taken or not: nothing is tried twice. */
  #known: SourcedSupergraph;
  #taken: SourcedSupergraph;
  #isCopy: boolean;
  #isReachable: boolean;
  #readAtMs: number;
  #fault: string | undefined;
  #isStopped = false;
  #cancel = (): void => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: FollowParts) {
    const { sourced, isCopy } = parts.first;
    this.#parts = parts;
    this.#taken = sourced;
    this.#known = sourced;
    this.#isCopy = isCopy;
    this.#isReachable = !isCopy;
    this.#readAtMs = parts.clock.steadyMs();
    // Before the first look, whose supergraph must not be written over by this one.
    this.#running = (isCopy ? Promise.resolve() : this.#keep(sourced)).then(() => this.#plan());
  }

  state(): SourceState {
    const { source, clock, isSigned } = this.#parts;
    const release = this.#taken.signed?.release;
    return {
      kind: source.kind,
      isReachable: this.#isReachable,
      readAgoMs: clock.steadyMs() - this.#readAtMs,
      isCopy: this.#isCopy,
      release: release && { number: release.number, publishedAt: release.publishedAt },
      isSigned,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
    await this.#parts.source.close();
  }

  #plan(): void {
    if (this.#isStopped) return;
    const { clock, source } = this.#parts;
    this.#cancel = clock.after(source.lookEveryMs, () => {
      this.#running = this.#look().then(() => this.#plan());
    });
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { source, clock, log } = this.#parts;
    try {
      const found = await source.read(this.#known);
      const wasFaulty = this.#fault !== undefined;
      if (wasFaulty) log.info('the source of the supergraph is good again');
      this.#fault = undefined;
      this.#isReachable = true;
      this.#readAtMs = clock.steadyMs();
      if (found === undefined) this.#confirmed(wasFaulty);
      else await this.#take(found);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The source has what was read last: if that is served, nothing is refused any more. */
  #confirmed(wasFaulty: boolean): void {
    const { served } = this.#parts;
    if (this.#known.published.hash !== served.current().supergraph.hash) return;
    this.#isCopy = false;
    if (wasFaulty) served.forgetRefused();
  }

  async #take(found: SourcedSupergraph): Promise<void> {
    const { served, observer, onReplaced } = this.#parts;
    this.#known = found;
    const { hash } = found.published;
    if (hash === served.current().supergraph.hash) served.forgetRefused();
    else {
      await served.replace(found.published);
      onReplaced();
      if (served.current().supergraph.hash !== hash) {
        observer.supergraphRefused();
        return;
      }
      observer.supergraphTaken();
    }
    this.#taken = found;
    this.#isCopy = false;
    await this.#keep(found);
  }

  async #keep(sourced: SourcedSupergraph): Promise<void> {
    const { lastGood, log } = this.#parts;
    try {
      await lastGood?.keep(sourced);
    } catch (error) {
      log.warn({ err: error }, 'the supergraph could not be kept on disk: a start without its source would fail');
    }
  }

  /** The same fault is told once, not at every look. */
  #failed(error: unknown): void {
    const { served, observer, log, lastGood } = this.#parts;
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#fault) return;
    this.#fault = reason;
    this.#isReachable = error instanceof StoreRefusal;
    // A file alone is told as it always was: as something that was published and cannot be taken.
    if (error instanceof StoreRefusal || lastGood === undefined) {
      served.refuse((error instanceof StoreRefusal ? error.hash : undefined) ?? 'unreadable', error);
      observer.supergraphRefused();
    } else log.warn({ err: error }, 'the source of the supergraph is away; the last one is served on');
  }
}

/** Follows a source from now on. */
export function followSupergraph(parts: FollowParts): Following {
  return new Follower(parts);
}
