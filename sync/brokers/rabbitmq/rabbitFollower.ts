// Follows topics of RabbitMQ in the stream, for itself alone; after a break it goes on behind the last message it took.
import type { Channel } from 'rabbitmq-client';
import { drawId } from '../../../platform/random.ts';
import { PositionTooOld, type Delivery, type Following, type Reading } from '../broker.ts';
import { keepChannel, toMessage, type KeptChannel, type RabbitContext } from './rabbitChannel.ts';
import { printOf, readRabbitPosition, writeOffset, type RabbitPlace } from './rabbitPosition.ts';
import { publishMarker, readStream, type StreamMessage } from './rabbitStream.ts';

/** If the stream shows nothing for so long although something was published, the position is behind its end. */
const FIRST_WITHIN_MS = 10_000;

function beginOf(place: RabbitPlace | undefined): number | Date | 'next' {
  if (place === undefined) return 'next';
  if ('fromMs' in place) return new Date(place.fromMs);
  return 'offset' in place ? place.offset : place.fromOffset;
}

class Follower implements Reading {
  private readonly context: RabbitContext;
  private readonly following: Following;
  private readonly topics: ReadonlySet<string>;
  private place: RabbitPlace | undefined;
  private waiting: StreamMessage[] = [];
  private delivering: Promise<void> | undefined;
  private kept: KeptChannel | undefined;
  private hasBegun = false;
  private settle: (error?: Error) => void = () => undefined;

  constructor(context: RabbitContext, following: Following) {
    this.context = context;
    this.following = following;
    this.topics = new Set(following.topics);
  }

  /** Resolves when what is published from now on will be delivered. */
  async begin(): Promise<void> {
    const { after } = this.following;
    if (after !== 'now') this.place = readRabbitPosition(after, this.context.clock.now().getTime());
    const first = new Promise<void>((resolve, reject) => {
      this.settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.kept = keepChannel(this.context, (channel) => this.read(channel));
    try {
      await first;
    } catch (error) {
      await this.kept.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.kept?.close();
    this.settle(new Error('the connection to the broker is closed'));
  }

  private async read(channel: Channel): Promise<() => void> {
    // What the last connection brought is delivered to its end first, so that nothing of it comes twice.
    await this.delivering;
    this.waiting = [];
    const { place } = this;
    let known = place !== undefined && 'offset' in place ? place : undefined;
    const cancel = this.context.clock.after(FIRST_WITHIN_MS, () => {
      if (!this.hasBegun) this.settle(new PositionTooOld('the position is behind the end of the stream'));
    });
    try {
      await readStream(channel, beginOf(place), (message) => {
        const found = known === undefined ? 'new' : this.recognise(message, known);
        if (found === 'none') return;
        known = undefined;
        if (found === 'known') message.take();
        else this.take(message);
        this.place ??= { fromOffset: message.offset };
        this.hasBegun = true;
        this.settle();
      });
      // Whatever the position, something comes now: the follower knows then where it stands.
      await channel.confirmSelect();
      await publishMarker(channel, drawId());
    } catch (error) {
      // A server that is only half there says nothing of the position.
      cancel();
      throw error;
    }
    return () => {
      cancel();
      this.waiting = [];
    };
  }

  /**
   * Whether this is the message behind which to go on; where it is not, what followed it may be gone: the following ends
   * before it has begun, and later goes on with what there is.
   */
  private recognise(
    { offset, raw }: StreamMessage,
    known: { offset: number; print: string },
  ): 'known' | 'new' | 'none' {
    if (offset === known.offset && printOf(raw.body as Buffer) === known.print) return 'known';
    const error = new PositionTooOld('what followed the position is not kept any more');
    if (!this.hasBegun) {
      this.settle(error);
      return 'none';
    }
    this.context.log.error({ from: known.offset, to: offset }, 'messages were deleted before a follower took them');
    return 'new';
  }

  private take(message: StreamMessage): void {
    this.waiting.push(message);
    this.delivering ??= this.deliverAll().finally(() => (this.delivering = undefined));
  }

  private async deliverAll(): Promise<void> {
    while (this.waiting.length > 0) {
      // The messages of one turn go together.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.waiting.splice(0);
      const last = batch.at(-1);
      if (last === undefined) return;
      const deliveries = batch.map(({ offset, raw }): Delivery => {
        return { ...toMessage(raw), position: writeOffset(offset, printOf(raw.body as Buffer)) };
      });
      const wanted = deliveries.filter(({ topic }) => this.topics.has(topic));
      if (wanted.length > 0) await this.following.deliver(wanted);
      this.place = { offset: last.offset, print: printOf(last.raw.body as Buffer) };
      last.take();
    }
  }
}

/** Begins a following; see Broker.follow. Waits for a server that is away until it is closed. */
export async function followRabbit(context: RabbitContext, following: Following): Promise<Reading> {
  const follower = new Follower(context, following);
  context.closers.add(follower);
  try {
    await follower.begin();
  } finally {
    context.closers.delete(follower);
  }
  return follower;
}
