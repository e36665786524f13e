import { topicOf } from '../../contracts/event.ts';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { seededRandom } from '../../platform/random.ts';
import { PositionTooOld, type Broker } from '../../sync/brokers/broker.ts';
import { openMemoryBroker } from '../../sync/brokers/memory.ts';
import { isRefusal } from '../requestState.ts';
import { openEventFeed, type EventFeed } from './feed/eventFeed.ts';
import { openFilter } from './feed/eventFilter.ts';
import type { FeedEvent } from './feed/feedEvent.ts';
import { LiveStream, type StreamEnd } from './liveStream.ts';
import { startStream } from './resumeStream.ts';
import { StreamPlaces } from './streamPlaces.ts';

const FIELD = { type: 'Order', query: 'order', sources: new Set(['/crm/orders']) };
const PLACES_KEPT = 8;
const settings = (placesMax: number) => ({ placesMax, clock: systemClock, log: openLog('test', 'silent') });

function seatsOf(max: number): StreamPlaces {
  return new StreamPlaces({ perCallerMax: max, max });
}

/** A stream whose messages are the ids of its events, and whose positions are not sealed. */
class TestStream {
  readonly ids: string[] = [];
  readonly positions: string[] = [];
  ended: StreamEnd | undefined;
  hold: Promise<void> = Promise.resolve();
  readonly stream: LiveStream;
  leave: () => void = () => undefined;

  constructor(feed: EventFeed, waitingMax = 1_000) {
    const filter = openFilter(FIELD, {}, 'main');
    if (isRefusal(filter)) throw new Error('the filter was refused');
    this.stream = new LiveStream({
      filter,
      cursors: { seal: (position) => position, open: (id) => id },
      waitingMax,
      run: (event: FeedEvent) => Promise.resolve(event.subject),
      head: () => feed.head(),
      onEnded: () => this.leave(),
      sink: {
        send: async ({ text, id }) => {
          await this.hold;
          this.ids.push(text);
          this.positions.push(id);
        },
        beat: () => undefined,
        end: (end) => (this.ended = end),
      },
    });
  }

  async start(feed: EventFeed, position: string | undefined, seats = seatsOf(4)) {
    const begun = await startStream(this.stream, position, feed, () => seats.take('a'));
    if (isRefusal(begun)) return begun;
    this.leave = begun;
    return undefined;
  }
}

function eventOf(number: number): string {
  const id = `ord_${String(number).padStart(8, '0')}`;
  const event = { id: `e${number}`, source: '/crm/orders', subject: id, tenantid: 'main', entitykeys: `Order:${id}` };
  return JSON.stringify(event);
}

const idsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `ord_${String(from + at).padStart(8, '0')}`);

async function publish(broker: Broker, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    await broker.publish([{ topic: topicOf('Order'), key: `ord_${number}`, value: eventOf(number) }]);
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 5_000) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('a stream that goes on', () => {
  it('reads the broker where the newest events do not reach, and changes over to them without a gap', async () => {
    const memory = openMemoryBroker();
    const broker = memory.connect();
    const feed = await openEventFeed(memory.connect(), settings(PLACES_KEPT));
    const first = new TestStream(feed);
    await first.start(feed, undefined);
    await publish(broker, 0, 3);
    await until(() => first.ids.length === 3);
    first.stream.end(undefined);
    await publish(broker, 3, 60);
    await until(() => feed.behind(first.positions[2] ?? '') === undefined);
    const seats = seatsOf(1);
    const second = new TestStream(feed);
    expect(await second.start(feed, first.positions[2], seats)).toBeUndefined();
    await publish(broker, 60, 80);
    await until(() => second.ids.length >= 77);
    expect(second.ids).toEqual(idsOf(3, 80));
    // The following of its own is given back.
    expect(seats.size).toBe(0);
    await feed.stop();
  });

  it('loses nothing at any place of the change-over, while events go on', async () => {
    const seed = Date.now() % 1_000_000;
    console.info(`seed ${seed}`);
    const random = seededRandom(seed);
    const memory = openMemoryBroker({ seed, delayMsMax: 3 });
    const broker = memory.connect();
    const feed = await openEventFeed(memory.connect(), settings(PLACES_KEPT));
    const stream = new TestStream(feed);
    await stream.start(feed, undefined);
    const total = 400;
    const publishing = (async () => {
      for (let at = 0; at < total; at += 10) {
        await publish(broker, at, at + 10);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const got: string[] = [];
    let current = stream;
    while (got.length + current.ids.length < total) {
      const wanted = 1 + Math.floor(random() * 40);
      const { ids, positions } = current;
      await until(() => ids.length >= wanted || got.length + ids.length >= total);
      current.stream.end(undefined);
      const position = positions.at(-1);
      got.push(...ids);
      if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, 5));
      current = new TestStream(feed);
      expect(await current.start(feed, position)).toBeUndefined();
    }
    await publishing;
    got.push(...current.ids);
    expect(got).toEqual(idsOf(0, total));
    await feed.stop();
  });

  it('is refused where the broker has its place no more, and where too many read the broker', async () => {
    const broker = openMemoryBroker().connect();
    const tooOld: Broker = {
      ...broker,
      follow: (following) =>
        following.after === 'now' ? broker.follow(following) : Promise.reject(new PositionTooOld('gone')),
    };
    const feed = await openEventFeed(tooOld, settings(PLACES_KEPT));
    expect(await new TestStream(feed).start(feed, 'before')).toMatchObject({ refused: 'RESUME_TOO_OLD' });
    expect(await new TestStream(feed).start(feed, 'before', seatsOf(0))).toMatchObject({ refused: 'OVERLOADED' });
    await feed.stop();
  });

  it('ends a reader who lets too much wait, with the id of what was sent last', async () => {
    const memory = openMemoryBroker({ clock: systemClock });
    const broker = memory.connect();
    const feed = await openEventFeed(memory.connect(), settings(1_000));
    const slow = new TestStream(feed, 5);
    await slow.start(feed, undefined);
    await publish(broker, 0, 2);
    await until(() => slow.ids.length === 2);
    const held = Promise.withResolvers<undefined>();
    slow.hold = held.promise;
    await publish(broker, 2, 20);
    await until(() => slow.ended !== undefined);
    // One was on its way.
    held.resolve(undefined);
    await until(() => slow.ids.length === 3);
    expect(slow.ended).toMatchObject({ refusal: { refused: 'STREAM_TOO_SLOW' }, resumeId: slow.positions[2] });
    const next = new TestStream(feed);
    await next.start(feed, slow.ended?.resumeId);
    await until(() => next.ids.length === 17);
    expect(next.ids).toEqual(idsOf(3, 20));
    await feed.stop();
  });

  it('sends an event once that the relay sent twice', async () => {
    const memory = openMemoryBroker();
    const broker = memory.connect();
    const feed = await openEventFeed(memory.connect(), settings(100));
    const stream = new TestStream(feed);
    await stream.start(feed, undefined);
    await publish(broker, 0, 3);
    await publish(broker, 0, 4);
    await until(() => stream.ids.length >= 4);
    expect(stream.ids).toEqual(idsOf(0, 4));
    await feed.stop();
  });
});
