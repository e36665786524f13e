// All streams of this process: how many there may be, which key has which, and what ends them: the client, a revoked key,
// a graph that they fit no more, the end of the process. Whatever carries a stream comes through here.
import { LIMITS } from '../admit/limits.ts';
import type { Caller } from '../caller.ts';
import type { ChosenOperation, GraphqlRequest, RequestState } from '../requestState.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import { checkSubscription } from './run/checkSubscription.ts';
import { bindingOf, type Cursors } from './cursor.ts';
import type { EventFeed } from './feed/eventFeed.ts';
import { openFilter } from './feed/eventFilter.ts';
import { EventRunner, type RunnerParts } from './run/eventRunner.ts';
import { LiveStream, type StreamCounts, type StreamSink } from './liveStream.ts';
import { startStream } from './resumeStream.ts';
import { StreamPlaces } from './streamPlaces.ts';
import type { UsedOperation } from '../usage/minuteCounts.ts';

/** What carries a stream, as it is counted. */
export type StreamTransport = 'sse' | 'multipart' | 'websocket';

/** What streams need. */
export interface StreamParts extends RunnerParts {
  /** Undefined where no broker is set. */
  readonly feed: EventFeed | undefined;
  readonly cursorsFor: (binding: string) => Cursors;
  readonly tenantId: string;
  /** Calls `listener` once when the caller may come no more, or not from its address, with what it is told; gives what takes it back. */
  readonly onCallerEnded: (
    caller: Caller,
    address: string | undefined,
    listener: (refusal: Refusal) => void,
  ) => () => void;
}

/** A subscription that was admitted; nothing waits for events before it is started. */
export interface AdmittedStream {
  readonly used: UsedOperation | undefined;
  /** Begins to send; gives what ends it because the client is gone, or the refusal. */
  start(sink: StreamSink): Promise<(() => void) | Refusal>;
  /** Gives its place back, where it is not started. */
  drop(): void;
}

/** A subscription as it came. */
export interface AskedStream {
  readonly asked: GraphqlRequest;
  readonly transport: StreamTransport;
  readonly lastEventId: string | undefined;
}

interface Entry {
  readonly stream: LiveStream;
  readonly runner: EventRunner;
}

/** The part of those who catch up at once that may be one caller's. */
const CALLER_SHARE = 0.75;
const RETRY = { headers: { 'retry-after': '1' } };

/** The streams of this process. */
export class OpenStreams {
  private readonly parts: StreamParts;
  private readonly entries = new Set<Entry>();
  private readonly places = new StreamPlaces({
    perCallerMax: LIMITS.streamsPerCallerMax.value,
    max: LIMITS.streamsMax.value,
  });
  /** A caller whose readers are slow leaves some to the others. */
  private readonly seats = new StreamPlaces({
    perCallerMax: Math.ceil(LIMITS.streamsCatchingUpMax.value * CALLER_SHARE),
    max: LIMITS.streamsCatchingUpMax.value,
  });
  private isDraining = false;
  private stopBeats = (): void => undefined;

  constructor(parts: StreamParts) {
    this.parts = parts;
    this.beatLater();
  }

  /** How many there are. */
  get size(): number {
    return this.places.size;
  }

  /** Admits a subscription; gives it ready to be started, or the refusal. */
  async admit({ asked, transport, lastEventId }: AskedStream, state: RequestState): Promise<AdmittedStream | Refusal> {
    const { feed, served, gate } = this.parts;
    if (this.isDraining) return refuse('DRAINING');
    if (feed?.isUp() !== true) return refuse('STREAMS_UNAVAILABLE', undefined, RETRY);
    const leave = await gate.enter(state.patience);
    if (isRefusal(leave)) return leave;
    try {
      const checked = await served.withGraph((graph) => checkSubscription(asked, state.caller, graph, this.parts));
      if (isRefusal(checked)) return checked;
      const filter = openFilter(checked.live.field, checked.given, this.parts.tenantId);
      if (isRefusal(filter)) return filter;
      const { query, operationName, variables } = asked;
      const cursors = this.parts.cursorsFor(bindingOf(state.caller.id, query, operationName, variables));
      const position = lastEventId === undefined ? undefined : cursors.open(lastEventId);
      if (lastEventId !== undefined && position === undefined) return refuse('RESUME_TOO_OLD');
      const release = this.places.take(state.caller.id);
      if (isRefusal(release)) return release;
      const used = this.parts.usage.usedBy(checked.facts.use, variables);
      const runner = new EventRunner(asked, state, checked, position !== undefined, this.parts);
      return {
        used,
        drop: release,
        start: (sink) => this.start({ sink, filter, cursors, runner, feed, position, transport, release }, state),
      };
    } finally {
      leave();
    }
  }

  /** Another graph is served: streams that fit it no more end now, not with their next event. */
  async recheck(): Promise<void> {
    for (const { stream, runner } of [...this.entries]) {
      const refusal = await runner.recheck();
      if (refusal !== undefined) stream.end(refusal);
    }
  }

  /** Ends all, each with the id behind which it can go on elsewhere. */
  async stop(): Promise<void> {
    this.isDraining = true;
    this.stopBeats();
    for (const { stream } of [...this.entries]) stream.end(refuse('DRAINING'));
    await this.parts.feed?.stop();
  }

  private async start(opening: Opening, state: RequestState): Promise<(() => void) | Refusal> {
    const { sink, filter, cursors, runner, feed, position, transport, release } = opening;
    let stopFeed = (): void => undefined;
    let stopWatching = (): void => undefined;
    const onEnded = (counts: StreamCounts): void => {
      stopFeed();
      stopWatching();
      release();
      this.entries.delete(entry);
      this.tell(transport, state, counts);
    };
    const stream = new LiveStream({
      ...{ filter, sink, cursors, onEnded, head: () => feed.head(), waitingMax: LIMITS.streamWaitingMax.value },
      run: (event, entityId, isOpen) => runner.run(event, entityId, isOpen),
    });
    const entry: Entry = { stream, runner };
    this.entries.add(entry);
    this.parts.observer.streamBegan(transport);
    // Told at once where the caller was over before the stream began.
    stopWatching = this.parts.onCallerEnded(state.caller, state.address, (refusal) => stream.end(refusal));
    if (!this.entries.has(entry)) return () => undefined;
    let begun: (() => void) | Refusal;
    try {
      begun = await startStream(stream, position, feed, () => this.seats.take(state.caller.id));
    } catch (error) {
      // The broker went away: its place is free again.
      stream.end(undefined);
      throw error;
    }
    if (isRefusal(begun)) {
      stream.end(undefined);
      return begun;
    }
    // What ended it may have come before there was anything to stop.
    if (stream.isEnded) begun();
    else stopFeed = begun;
    return () => stream.end(undefined);
  }

  private tell(transport: StreamTransport, state: RequestState, { messages, waiting, code }: StreamCounts): void {
    const { log, observer } = this.parts;
    observer.streamEnded(transport, code, messages);
    const operation: ChosenOperation | undefined = state.operation;
    log.info(
      {
        ...{ requestId: state.requestId, caller: state.caller.id, transport, ms: Math.round(state.elapsedMs()) },
        ...{ operation: operation?.name?.slice(0, 100) ?? null, messages },
        ...(waiting > 0 && { waiting }),
        ...(code !== undefined && { codes: [code] }),
      },
      'stream ended',
    );
  }

  private beatLater(): void {
    this.stopBeats = this.parts.clock.after(LIMITS.streamBeatMs.value, () => {
      for (const { stream } of [...this.entries]) stream.beat();
      this.beatLater();
    });
  }
}

interface Opening {
  readonly sink: StreamSink;
  readonly filter: ConstructorParameters<typeof LiveStream>[0]['filter'];
  readonly cursors: Cursors;
  readonly runner: EventRunner;
  readonly feed: EventFeed;
  readonly position: string | undefined;
  readonly transport: StreamTransport;
  readonly release: () => void;
}
