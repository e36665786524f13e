import fc from 'fast-check';
import { topicOf } from '../../contracts/event.ts';
import { openHandClock, type HandClock } from '../../test/harness/handClock.ts';
import type { BrokerMessage } from '../brokers/broker.ts';
import { partitionOf, PARTITIONS } from './outboxRow.ts';
import { Relay } from './relay.ts';
import type { RelayRow, RelayStore, Unsent, UnsentOf } from './relayStore.ts';
import { seededRandom } from '../../platform/random.ts';

const SILENT = { info: () => undefined, warn: () => undefined };

interface SimulatedLease {
  readonly fence: number;
  isHeld(): boolean;
  release(): Promise<void>;
}

const ENTITY_ROWS_MAX = 5;
const WINDOW_ROWS = 7;

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** An outbox in memory whose scans see, as in a database, only part of what commits while they run. */
class SimulatedOutbox implements RelayStore<SimulatedLease> {
  readonly rows = new Map<string, RelayRow & { sentAt: number | null }>();
  readonly versions = new Map<string, number>();
  fence = 0;
  /** Runs between two steps of a scan. */
  duringScan: () => void = () => undefined;

  commit(entity: string, occurredAtMs: number): void {
    const version = (this.versions.get(entity) ?? 0) + 1;
    this.versions.set(entity, version);
    const _id = `${entity}/${version}`;
    const occurredAt = new Date(occurredAtMs);
    const row = { _id, aggregatetype: 'Order' as const, aggregateid: entity, version, payload: _id, occurredAt };
    this.rows.set(_id, { ...row, sentAt: null });
  }

  readUnsent(rowsMax: number): Promise<Unsent> {
    const before = [...this.rows.values()].filter(({ sentAt }) => sentAt === null);
    this.duringScan();
    // A scan that is in its middle sees what commits behind it, and not what commits before it.
    const after = [...this.rows.values()].filter((row) => row.sentAt === null && !before.includes(row));
    const seen = [...before, ...after.filter((_, at) => at % 2 === 1)];
    const inTurn = seen.sort((left, right) => left.occurredAt.getTime() - right.occurredAt.getTime());
    const most = Math.min(rowsMax, WINDOW_ROWS);
    return Promise.resolve({ rows: inTurn.slice(0, most), isAll: inTurn.length < most });
  }

  readUnsentOf(entityIds: readonly string[]): Promise<UnsentOf> {
    const unsent = [...this.rows.values()].filter(({ sentAt }) => sentAt === null);
    const asked = unsent.filter(({ aggregateid }) => entityIds.includes(aggregateid));
    asked.sort((left, right) => compare(left.aggregateid, right.aggregateid) || left.version - right.version);
    const rows = asked.slice(0, ENTITY_ROWS_MAX);
    return Promise.resolve({ rows, endedAt: rows.length < ENTITY_ROWS_MAX ? undefined : rows.at(-1)?.aggregateid });
  }

  markSent(ids: readonly string[], lease: SimulatedLease): Promise<void> {
    if (lease.fence !== this.fence) return Promise.reject(new Error('the lease is lost'));
    for (const id of ids) {
      const row = this.rows.get(id);
      if (row !== undefined) row.sentAt = 1;
    }
    return Promise.resolve();
  }

  readBacklog(countMax: number) {
    const unsent = [...this.rows.values()].filter(({ sentAt }) => sentAt === null);
    return Promise.resolve({ count: Math.min(countMax, unsent.length), oldestAt: unsent[0]?.occurredAt });
  }

  take(): SimulatedLease {
    this.fence += 1;
    const fence = this.fence;
    return { fence, isHeld: () => this.fence === fence, release: () => Promise.resolve() };
  }
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface Held {
  readonly resume: () => void;
}

/** A broker with a seed: it rejects, takes in part, loses confirmations, and holds publishes back for a while. */
class FaultyBroker {
  readonly taken: BrokerMessage[] = [];
  readonly held: Held[] = [];
  faultShare: number;
  readonly #random: () => number;

  constructor(seed: number, faultShare: number) {
    this.#random = seededRandom(seed);
    this.faultShare = faultShare;
  }

  async publish(messages: readonly BrokerMessage[]): Promise<void> {
    const lot = this.#random();
    if (lot < this.faultShare / 4) throw new Error('rejected');
    if (lot < this.faultShare / 2) {
      // Each message on its own: a broker that confirms one by one may take any of a list.
      this.taken.push(...messages.filter(() => this.#random() < 0.5));
      throw new Error('taken in part');
    }
    if (lot < (this.faultShare * 3) / 4) {
      this.taken.push(...messages);
      throw new Error('the confirmation was lost');
    }
    if (lot < this.faultShare) await new Promise<void>((resume) => this.held.push({ resume }));
    this.taken.push(...messages);
  }

  events(): BrokerMessage[] {
    return this.taken.filter(({ topic }) => topic === topicOf('Order'));
  }
}

function openRelay(outbox: SimulatedOutbox, broker: FaultyBroker, clock: HandClock, takes: () => boolean) {
  const listeners = new Set<() => void>();
  const relay = new Relay<SimulatedLease>({
    outbox: {
      subgraph: 'orders',
      noteBacklog: () => undefined,
      onCommitted: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    store: outbox,
    broker,
    takeLease: () => Promise.resolve(takes() ? outbox.take() : undefined),
    clock,
    log: SILENT,
  });
  return { relay, wake: () => listeners.forEach((listener) => listener()) };
}

/** The versions of each entity, each at the place where it first came. */
function firstArrivals(messages: readonly BrokerMessage[]): Map<string, number[]> {
  const versions = new Map<string, number[]>();
  for (const { key, value } of messages) {
    const version = Number(value.split('/')[1]);
    const list = versions.get(key) ?? [];
    if (!list.includes(version)) versions.set(key, [...list, version]);
  }
  return versions;
}

const step = fc.oneof(
  fc.record({ do: fc.constant('commit' as const), entity: fc.nat(4), skewMs: fc.integer({ min: -5_000, max: 5_000 }) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(50, 200, 1_000, 6_000) }),
  fc.record({ do: fc.constant('changeHolder' as const) }),
  fc.record({ do: fc.constant('resume' as const) }),
);

describe('the relay', () => {
  it('loses nothing and keeps the order of each entity, whatever broker, clocks and other relays do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer(), async (steps, seed) => {
        const [clock, outbox, broker] = [openHandClock(), new SimulatedOutbox(), new FaultyBroker(seed, 0.6)];
        let holder = 0;
        const relays = [0, 1].map((own) => openRelay(outbox, broker, clock, () => holder === own));
        outbox.duringScan = () => {
          if (seed % 3 === 0) for (const at of [0, 1]) outbox.commit('busy', 1_000 - at);
        };
        for (const { relay } of relays) relay.start();
        for (const each of steps) {
          if (each.do === 'commit') outbox.commit(`e${each.entity}`, 10_000 + each.skewMs);
          if (each.do === 'commit') relays.forEach(({ wake }) => wake());
          if (each.do === 'pass') clock.pass(each.ms);
          if (each.do === 'resume') broker.held.splice(0).forEach(({ resume }) => resume());
          if (each.do === 'changeHolder') [holder, outbox.fence] = [1 - holder, outbox.fence + 1];
          await settle();
        }
        [broker.faultShare, outbox.duringScan] = [0, () => undefined];
        for (let turn = 0; turn < 10; turn++) {
          broker.held.splice(0).forEach(({ resume }) => resume());
          clock.pass(6_000);
          await settle();
        }
        for (const { relay } of relays) await relay.stop();
        const expected = [...outbox.versions].map(([id, last]) => [
          id,
          Array.from({ length: last }, (_, at) => at + 1),
        ]);
        expect(Object.fromEntries(firstArrivals(broker.events()))).toEqual(Object.fromEntries(expected));
        expect([...outbox.rows.values()].filter(({ sentAt }) => sentAt === null)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('sends again what the broker took without saying so, and marks nothing before', async () => {
    const [clock, outbox] = [openHandClock(), new SimulatedOutbox()];
    const broker = new FaultyBroker(1, 0);
    const publish = broker.publish.bind(broker);
    let lost = 1;
    broker.publish = async (messages) => {
      await publish(messages);
      if (lost-- > 0) throw new Error('the confirmation was lost');
    };
    outbox.commit('a', 1);
    const { relay } = openRelay(outbox, broker, clock, () => true);
    relay.start();
    await settle();
    expect(outbox.rows.get('a/1')?.sentAt).toBeNull();
    clock.pass(200);
    await settle();
    await relay.stop();
    expect(broker.events().map(({ value }) => value)).toEqual(['a/1', 'a/1']);
    expect(outbox.rows.get('a/1')?.sentAt).not.toBeNull();
    expect([relay.counts.sent.value, relay.counts.failed.value]).toEqual([1, 1]);
  });

  it('sends what a commit of its process brought without waiting for the next poll', async () => {
    const [clock, outbox, broker] = [openHandClock(), new SimulatedOutbox(), new FaultyBroker(1, 0)];
    const { relay, wake } = openRelay(outbox, broker, clock, () => true);
    relay.start();
    await settle();
    outbox.commit('a', 1);
    wake();
    await settle();
    await relay.stop();
    expect(broker.events()).toHaveLength(1);
  });

  it('beats once a second, and only when all that it saw has been sent', async () => {
    const [clock, outbox, broker] = [openHandClock(), new SimulatedOutbox(), new FaultyBroker(1, 0)];
    const { relay } = openRelay(outbox, broker, clock, () => true);
    relay.start();
    await settle();
    for (let poll = 0; poll < 10; poll++) {
      clock.pass(200);
      await settle();
    }
    await relay.stop();
    const beats = broker.taken.filter(({ topic }) => topic === 'outbox.beat');
    expect(beats.map(({ value }) => JSON.parse(value) as unknown)).toEqual([
      { subgraph: 'orders', sentUpToMs: 1_000 },
      { subgraph: 'orders', sentUpToMs: 2_000 },
      { subgraph: 'orders', sentUpToMs: 3_000 },
    ]);
  });
});

describe('a relay that is stopped', () => {
  it('ends and gives its lease back, though it is in the middle of counting', async () => {
    const [clock, outbox, broker] = [openHandClock(), new SimulatedOutbox(), new FaultyBroker(1, 0)];
    const counted = Promise.withResolvers<undefined>();
    const readBacklog = outbox.readBacklog.bind(outbox);
    outbox.readBacklog = (countMax) => counted.promise.then(() => readBacklog(countMax));
    const { relay } = openRelay(outbox, broker, clock, () => true);
    relay.start();
    await settle();
    const stopped = relay.stop();
    await settle();
    counted.resolve(undefined);
    await stopped;
    expect(relay.counts.isHolding).toBe(false);
  });
});

describe('the partition of an id', () => {
  it('is one of 16 and spreads ids over all of them', () => {
    const partitions = Array.from({ length: 1_000 }, (_, at) => partitionOf(`ord_${at.toString(32)}`));
    expect(new Set(partitions).size).toBe(PARTITIONS);
    expect(Math.max(...partitions)).toBeLessThan(PARTITIONS);
  });
});
