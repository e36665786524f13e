import { BEAT_TOPIC, topicOf, type GraphEvent } from '../../contracts/event.ts';
import { openMemoryBroker } from '../../sync/brokers/memory.ts';
import type { Broker, Delivery, Following } from '../../sync/brokers/broker.ts';
import { openHandClock, type HandClock } from '../../test/harness/handClock.ts';
import { NO_LOG } from '../../test/harness/identifyParts.ts';
import { openEventFeed, type EventFeed } from './eventFeed.ts';

/** A broker whose only follower the test feeds by hand. */
function openHandBroker() {
  const inner = openMemoryBroker().connect();
  const followings: Following[] = [];
  const state = { isConnected: true, refusals: 0 };
  const broker: Broker = {
    ...inner,
    isConnected: () => state.isConnected,
    follow(following) {
      if (state.refusals-- > 0) return Promise.reject(new Error('the broker is away'));
      followings.push(following);
      return Promise.resolve({ close: () => Promise.resolve() });
    },
  };
  const deliver = async (topic: string, value: string): Promise<void> => {
    const message: Delivery = { topic, key: 'k', value, position: '1' };
    await followings.at(-1)?.deliver([message]);
  };
  return { broker, state, followings, deliver };
}

function openWorld(refusals = 0) {
  const clock = openHandClock();
  const hand = openHandBroker();
  hand.state.refusals = refusals;
  const told: string[] = [];
  const feed = openEventFeed({
    broker: hand.broker,
    clock,
    log: NO_LOG,
    listener: {
      changed: (event, subgraph) => void told.push(`changed ${subgraph} ${event.subject}`),
      heardAgain: (subgraph) => void told.push(`again ${subgraph}`),
      unreadable: () => void told.push('unreadable'),
    },
  });
  const beat = (subgraph: string, lagMs = 0): Promise<void> =>
    hand.deliver(BEAT_TOPIC, JSON.stringify({ subgraph, sentUpToMs: clock.now().getTime() - lagMs }));
  return { ...hand, clock, feed, told, beat };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
const EVENT: Partial<GraphEvent> = { source: '/crm/orders', subject: 'ord_000001', entitykeys: 'Order:ord_000001' };

function freshness(feed: EventFeed, clock: HandClock, ms: number): boolean {
  clock.pass(ms);
  return feed.isFresh('orders');
}

describe('the feed of events', () => {
  it('follows what changes an entity without being one: an order credited to a campaign, a profile', async () => {
    const { followings } = openWorld();
    await settled();
    expect(followings[0]?.topics).toEqual(
      expect.arrayContaining([topicOf('Order'), topicOf('Attribution'), topicOf('AudienceProfile'), BEAT_TOPIC]),
    );
  });

  it('is fresh for a subgraph from its first beat on, for two seconds', async () => {
    const { feed, clock, beat, told } = openWorld();
    await settled();
    expect(feed.isFresh('orders')).toBe(false);
    await beat('orders');
    expect([feed.isFresh('orders'), feed.isFresh('customers'), told]).toEqual([true, false, ['again orders']]);
    expect(freshness(feed, clock, 2_000)).toBe(true);
    expect(freshness(feed, clock, 1)).toBe(false);
  });

  it('tells once that a subgraph is heard again after a silence, and not of beats in time', async () => {
    const { clock, beat, told } = openWorld();
    await settled();
    for (const ms of [1_000, 1_000, 2_500, 1_000]) {
      await beat('orders');
      clock.pass(ms);
    }
    await beat('orders');
    expect(told).toEqual(['again orders', 'again orders']);
  });

  it('is not fresh for a subgraph that is behind by more than two seconds, until it has caught up', async () => {
    const { feed, beat, told } = openWorld();
    await settled();
    await beat('orders');
    await beat('orders', 2_001);
    expect(feed.isFresh('orders')).toBe(false);
    await beat('orders', 100);
    expect([feed.isFresh('orders'), told]).toEqual([true, ['again orders', 'again orders']]);
  });

  it('is fresh for nobody while the broker is away', async () => {
    const { feed, beat, state } = openWorld();
    await settled();
    await beat('orders');
    state.isConnected = false;
    expect(feed.isFresh('orders')).toBe(false);
  });

  it('follows every topic of entities, and again where it could not', async () => {
    const { followings, clock } = openWorld(2);
    for (let tries = 0; tries < 3; tries++) {
      await settled();
      clock.pass(1_000);
    }
    expect(followings).toHaveLength(1);
    expect(followings[0]?.topics).toEqual(expect.arrayContaining([topicOf('Customer'), topicOf('Order'), BEAT_TOPIC]));
  });

  it('tells of each event with the subgraph that it is from, and of what is none', async () => {
    const { deliver, told } = openWorld();
    await settled();
    await deliver(topicOf('Order'), JSON.stringify(EVENT));
    await deliver(topicOf('Order'), '{"half":');
    await deliver(topicOf('Order'), '{"subject":"ord_000001"}');
    await deliver(BEAT_TOPIC, '{}');
    expect(told).toEqual(['changed orders ord_000001', 'unreadable', 'unreadable']);
  });
});
