// One subscriber's stream: events wait here in their order, each is run when the reader is ready for it. A reader that
// lets too many wait is ended, with the id behind which it can go on. Nothing is dropped in the middle.
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import { Fifo } from '../../platform/fifo.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import type { Cursors } from './cursor.ts';
import type { Subscriber } from './feed/eventFeed.ts';
import type { EventFilter } from './feed/eventFilter.ts';
import type { FeedEvent } from './feed/feedEvent.ts';

/** A message: an answer's text as of a query, and the id behind which a client can go on. */
export interface StreamMessage {
  readonly text: string;
  readonly id: string;
}

/** Why a stream ended. */
export interface StreamEnd {
  readonly refusal: Refusal;
  /** Behind which the client can go on, where it can. */
  readonly resumeId: string | undefined;
}

/** What carries a stream to its reader. */
export interface StreamSink {
  /** Resolves when the reader took it; never rejects. */
  send(message: StreamMessage): Promise<void>;
  /** Shows that the stream lives; the id is where it stands. */
  beat(id: string | undefined): void;
  end(end: StreamEnd): void;
}

/** What came of one stream, for its log line. */
export interface StreamCounts {
  readonly messages: number;
  readonly waiting: number;
  readonly code: ErrorCodeName | undefined;
}

/** What a stream needs. */
export interface LiveStreamParts {
  readonly filter: EventFilter;
  readonly sink: StreamSink;
  readonly cursors: Cursors;
  readonly waitingMax: number;
  /** Runs the operation for an event, and never rejects; `isOpen` says whether anybody still waits. */
  run(event: FeedEvent, entityId: string, isOpen: () => boolean): Promise<string | Refusal>;
  /** Where the feed stands. */
  head(): string | undefined;
  /** Told once when it is over. */
  onEnded(counts: StreamCounts): void;
}

interface Waiting {
  readonly event: FeedEvent;
  readonly entityId: string;
}

interface Running extends Waiting {
  readonly text: Promise<string | Refusal>;
}

/** How many events are run ahead of the one that is sent; those of one entity are run one after the other. */
const AHEAD_MAX = 4;

/** A stream. */
export class LiveStream implements Subscriber {
  readonly filter: EventFilter;
  private readonly parts: LiveStreamParts;
  private readonly waiting = new Fifo<Waiting>();
  private running: Running[] = [];
  /** Replayed events do not count: they came all at once, by no fault of the reader. */
  private replayed = 0;
  private position: string | undefined;
  /** While it is behind the feed: where the feed stands is not where this stream stands. */
  private isCatchingUp = false;
  private isRunning = false;
  private isOver = false;
  private isBusy = true;
  private messages = 0;
  private room: (() => void) | undefined;

  constructor(parts: LiveStreamParts) {
    this.filter = parts.filter;
    this.parts = parts;
  }

  get isEnded(): boolean {
    return this.isOver;
  }

  /** Takes where the client left; undefined: it begins now. */
  begin(position: string | undefined, isCatchingUp: boolean): void {
    this.position = position;
    this.isCatchingUp = isCatchingUp;
    this.isBusy = false;
  }

  /** It stands where the feed stands. */
  caughtUp(): void {
    this.isCatchingUp = false;
  }

  take(event: FeedEvent, entityId: string): void {
    if (this.isOver) return;
    this.waiting.push({ event, entityId });
    if (this.waiting.size - this.replayed > this.parts.waitingMax) {
      this.end(refuse('STREAM_TOO_SLOW'));
      return;
    }
    void this.pump();
  }

  /** Takes events of before; resolves when the reader is near their end. */
  replay(events: readonly FeedEvent[]): Promise<void> {
    for (const event of events) {
      const entityId = this.filter.entityIdOf(event);
      if (entityId === undefined || this.isOver) continue;
      this.waiting.push({ event, entityId });
      this.replayed++;
    }
    void this.pump();
    if (this.isOver || this.replayed < this.parts.waitingMax) return Promise.resolve();
    return new Promise((resolve) => (this.room = resolve));
  }

  beat(): void {
    if (this.isOver || this.isBusy) return;
    const { parts } = this;
    if (!this.isCatchingUp && !this.isRunning) this.position = parts.head() ?? this.position;
    parts.sink.beat(this.position === undefined ? undefined : parts.cursors.seal(this.position));
  }

  /** Ends it, with what the client is told; undefined: the client left. */
  end(refusal: Refusal | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    const { parts } = this;
    const waiting = this.waiting.size;
    while (this.waiting.size > 0) this.waiting.shift();
    this.running = [];
    this.room?.();
    parts.onEnded({ messages: this.messages, waiting, code: refusal?.refused });
    if (refusal === undefined) return;
    const position = this.position;
    parts.sink.end({ refusal, resumeId: position === undefined ? undefined : parts.cursors.seal(position) });
  }

  private async pump(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      for (;;) {
        this.runAhead();
        const next = this.running.shift();
        if (next === undefined) return;
        await this.deliver(next);
        if (this.isEnded) return;
        if (this.replayed > 0 && --this.replayed < this.parts.waitingMax / 2) {
          this.room?.();
          this.room = undefined;
        }
      }
    } finally {
      this.isRunning = false;
    }
  }

  private runAhead(): void {
    for (let next = this.waiting.head; next !== undefined; next = this.waiting.head) {
      const { event, entityId } = next;
      const isRunning = this.running.some((each) => each.entityId === entityId);
      if (isRunning || this.running.length >= AHEAD_MAX) return;
      this.waiting.shift();
      const text = this.parts.run(event, entityId, () => !this.isOver);
      this.running.push({ event, entityId, text });
    }
  }

  private async deliver(next: Running): Promise<void> {
    const { parts } = this;
    const { event } = next;
    const text = await next.text;
    if (this.isEnded) return;
    if (isRefusal(text)) {
      this.end(text);
      return;
    }
    this.isBusy = true;
    // It is on its way from here on: what is told later, an end among it, comes behind it.
    this.position = event.position;
    await parts.sink.send({ text, id: parts.cursors.seal(event.position) });
    this.isBusy = false;
    this.messages++;
  }
}
