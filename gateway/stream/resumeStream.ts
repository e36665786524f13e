// A stream that goes on where its client left: from the newest events of this process, or else from the broker by a
// following of its own, until that stands where the shared one stood. Equal positions are equal histories, so nothing is
// lost or sent twice at the change-over, whatever the order in which the broker's parts were read.
import { PositionTooOld, type Delivery, type Reading } from '../../sync/brokers/broker.ts';
import { BEAT_TOPIC } from '../../contracts/event.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import { SeenEvents, type EventFeed } from './feed/eventFeed.ts';
import { readFeedEvent, type FeedEvent } from './feed/feedEvent.ts';
import type { LiveStream } from './liveStream.ts';

/** Takes a place among the streams that have a following of their own; gives what gives it back, or the refusal. */
export type TakeSeat = () => (() => void) | Refusal;

const NOTHING = (): void => undefined;

class CatchUp {
  private readonly stream: LiveStream;
  private readonly feed: EventFeed;
  private readonly seen = new SeenEvents();
  private reading: Reading | undefined;
  private isFollowing = true;
  private leaveFeed = NOTHING;
  private readonly onDone: () => void;

  constructor(stream: LiveStream, feed: EventFeed, onDone: () => void) {
    this.stream = stream;
    this.feed = feed;
    this.onDone = onDone;
  }

  async begin(position: string): Promise<Refusal | undefined> {
    try {
      const reading = await this.feed.follow(position, (messages) => this.deliver(messages));
      if (this.isFollowing) this.reading = reading;
      else await reading.close();
      return undefined;
    } catch (error) {
      this.stopFollowing();
      if (error instanceof PositionTooOld) return refuse('RESUME_TOO_OLD');
      throw error;
    }
  }

  end(): void {
    this.stopFollowing();
    this.leaveFeed();
  }

  private deliver(messages: readonly Delivery[]): Promise<void> {
    if (!this.isFollowing) return Promise.resolve();
    const events: FeedEvent[] = [];
    const note = (event: FeedEvent | undefined): void => {
      if (event !== undefined && !this.seen.note(event.identity)) events.push(event);
    };
    for (const message of messages) {
      note(message.topic === BEAT_TOPIC ? undefined : readFeedEvent(message));
      const behind = this.feed.behind(message.position);
      if (behind === undefined) continue;
      behind.forEach(note);
      void this.stream.replay(events);
      this.leaveFeed = this.feed.add(this.stream);
      this.stream.caughtUp();
      this.stopFollowing();
      return Promise.resolve();
    }
    return this.stream.replay(events);
  }

  private stopFollowing(): void {
    if (!this.isFollowing) return;
    this.isFollowing = false;
    void this.reading?.close();
    this.onDone();
  }
}

/**
 * Takes a stream that has not begun, where its client left (undefined: it begins now), and the feed; gives what ends it,
 * or the refusal: RESUME_TOO_OLD where the broker has it no more, OVERLOADED where too many catch up at once.
 */
export async function startStream(
  stream: LiveStream,
  position: string | undefined,
  feed: EventFeed,
  takeSeat: TakeSeat,
): Promise<(() => void) | Refusal> {
  const behind = position === undefined ? [] : feed.behind(position);
  if (behind !== undefined) {
    stream.begin(position ?? feed.head(), false);
    const leave = feed.add(stream);
    void stream.replay(behind);
    return leave;
  }
  const leaveSeat = takeSeat();
  if (position === undefined || isRefusal(leaveSeat)) {
    return refuse('OVERLOADED', 'Too many streams go on at once.', { headers: { 'retry-after': '1' } });
  }
  const catchUp = new CatchUp(stream, feed, leaveSeat);
  stream.begin(position, true);
  const refused = await catchUp.begin(position);
  return isRefusal(refused) ? refused : () => catchUp.end();
}
