// The sync path in one process, moved by hand and by a seed: an outbox in memory, two relays that take the lease from one
// another, the memory broker with its bad manners, and consumers whose store fails before and after commits.
import { seededRandom } from '../../../platform/random.ts';
import type { Broker } from '../../../sync/brokers/broker.ts';
import { openMemoryBroker, type MemoryBroker } from '../../../sync/brokers/memory.ts';
import type { Consumer } from '../../../sync/consume/consumer.ts';
import type { Need } from '../../../sync/consume/definition.ts';
import { Relay } from '../../../sync/outbox/relay.ts';
import type { RelayRow, RelayStore, Unsent, UnsentOf } from '../../../sync/outbox/relayStore.ts';
import { makeEvent, makeWorld, openConsumer, type World } from '../../harness/consumerWorld.ts';
import type { HandClock } from '../../harness/handClock.ts';
import type { MemorySession } from '../../harness/memoryConsumeStore.ts';

const STEP_MS = 100;
const TURNS = 8;
const STORE_FAULT_SHARE = 0.05;
const RESTART_SHARE = 0.01;
const LEASE_TAKEN_SHARE = 0.05;
const DOWN_MS_MAX = 2_000;

interface Lease {
  isHeld(): boolean;
  release(): Promise<void>;
}

/** An outbox in memory, with a lease that goes from one relay to the other. */
class Outbox implements RelayStore<Lease> {
  readonly unsent = new Map<string, RelayRow>();
  #fence = 0;
  #isFree = true;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  readUnsent(rowsMax: number): Promise<Unsent> {
    const rows = [...this.unsent.values()].slice(0, rowsMax);
    return Promise.resolve({ rows, isAll: rows.length < rowsMax });
  }

  readUnsentOf(entityIds: readonly string[]): Promise<UnsentOf> {
    const asked = new Set(entityIds);
    const rows = [...this.unsent.values()].filter(({ aggregateid }) => asked.has(aggregateid));
    return Promise.resolve({ rows, endedAt: undefined });
  }

  markSent(ids: readonly string[], lease: Lease): Promise<void> {
    if (!lease.isHeld()) return Promise.reject(new Error('the lease is lost'));
    for (const id of ids) this.unsent.delete(id);
    return Promise.resolve();
  }

  readBacklog(): Promise<{ count: number; oldestAt: undefined }> {
    return Promise.resolve({ count: this.unsent.size, oldestAt: undefined });
  }

  takeLease(): Promise<Lease | undefined> {
    if (!this.#isFree && this.#random() > LEASE_TAKEN_SHARE) return Promise.resolve(undefined);
    this.#isFree = false;
    this.#fence += 1;
    const own = this.#fence;
    const isHeld = (): boolean => this.#fence === own;
    return Promise.resolve({ isHeld, release: () => Promise.resolve() });
  }
}

/** What is simulated. */
export interface Simulation {
  readonly seed: number;
  readonly entities: number;
  readonly versions: number;
}

/** What came of it. */
export interface SimulationEnd {
  readonly each: World;
  readonly newest: World;
  /** The ids of the events that no consumer can apply. */
  readonly poison: ReadonlySet<string>;
  readonly unsent: number;
  /** What the path had to bear. */
  readonly borne: { restarts: number; storeFaults: number; leases: number };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** One path, from its start to its end. */
class Path {
  readonly outbox: Outbox;
  readonly borne = { restarts: 0, storeFaults: 0, leases: 0 };
  readonly #random: () => number;
  readonly #memory: MemoryBroker;
  readonly #broker: Broker;
  readonly #clock: HandClock;
  readonly #relays: readonly Relay<Lease>[];
  readonly #consumers: Consumer<MemorySession>[] = [];
  readonly #worlds: World[] = [];
  #isCalm = false;

  constructor(seed: number, clock: HandClock) {
    this.#random = seededRandom(seed);
    this.#clock = clock;
    this.outbox = new Outbox(this.#random);
    const loss = { confirmationLossShare: 0.05, publishLossShare: 0.05, ackLossShare: 0.02 };
    this.#memory = openMemoryBroker({
      ...{ clock, seed, ...loss, duplicateShare: 0.2, isDisordered: true, delayMsMax: 500 },
    });
    this.#broker = this.#memory.connect();
    this.#relays = ['one', 'other'].map(() => this.#openRelay());
  }

  #openRelay(): Relay<Lease> {
    const outbox = { subgraph: 'orders', noteBacklog: () => undefined, onCommitted: () => () => undefined };
    const takeLease = async (): Promise<Lease | undefined> => {
      const lease = await this.outbox.takeLease();
      if (lease !== undefined) this.borne.leases += 1;
      return lease;
    };
    const log = { info: () => undefined, warn: () => undefined };
    return new Relay({ outbox, store: this.outbox, broker: this.#broker, takeLease, clock: this.#clock, log });
  }

  async start(worlds: readonly World[]): Promise<void> {
    for (const relay of this.#relays) relay.start();
    for (const world of worlds) {
      world.store.suffer = () => {
        if (this.#isCalm || this.#random() >= STORE_FAULT_SHARE) return 'none';
        this.borne.storeFaults += 1;
        return this.#random() < 0.5 ? 'before' : 'after';
      };
      const consumer = openConsumer(world);
      this.#consumers.push(consumer);
      this.#worlds.push(world);
      await consumer.start(this.#broker);
    }
  }

  /** From now on nothing new goes wrong. */
  calm(): void {
    this.#isCalm = true;
    this.#memory.setFaults({});
  }

  async step(): Promise<void> {
    // One is certain, others come by lot.
    if (!this.#isCalm && (this.borne.restarts === 0 || this.#random() < RESTART_SHARE)) {
      this.borne.restarts += 1;
      this.#memory.restart(Math.floor(this.#random() * DOWN_MS_MAX));
    }
    for (const clock of new Set([this.#clock, ...this.#worlds.map((world) => world.clock)])) clock.pass(STEP_MS);
    await settle();
    for (const consumer of this.#consumers) await consumer.settled();
  }

  async stop(): Promise<void> {
    const stopped = Promise.all(this.#relays.map((relay) => relay.stop()));
    await settle();
    await stopped;
    for (const consumer of this.#consumers) await consumer.stop();
    await this.#broker.close();
  }
}

const STEPS_MAX = 20_000;
const COMMITS_A_STEP = 40;
const CALM_AT_SHARE = 0.9;

function countDone({ applied, store }: World): number {
  return [...applied.values()].reduce((sum, { length }) => sum + length, 0) + store.parked.size;
}

function newestOf({ store }: World): number {
  return [...store.versions.values()].reduce((sum, version) => sum + version, 0);
}

/** Commits events of entities in their order, entities mixed, and lets the path work until all has arrived. */
export async function simulate({ seed, entities, versions }: Simulation): Promise<SimulationEnd> {
  const random = seededRandom(seed + 1);
  const events = entities * versions;
  const poison = new Set<string>();
  for (let entity = 0; entity < entities; entity++) {
    // A last version at fault would be a state that never comes: those who keep the newest state cannot agree then.
    for (let version = 1; version < versions; version++) if (random() < 0.01) poison.add(makeEvent(entity, version).id);
  }
  const worldOf = (need: Need): World => makeWorld(need, [...poison]);
  const [each, newest] = [worldOf('each'), { ...worldOf('newest') }];
  const sameClock = { ...newest, clock: each.clock, definition: { ...newest.definition, name: 'test.newest' } };
  const path = new Path(seed, each.clock);
  await path.start([each, sameClock]);
  const next = new Map(Array.from({ length: entities }, (_, entity) => [entity, 1]));
  let committed = 0;
  const wanted = entities * versions;
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    for (let commit = 0; commit < COMMITS_A_STEP && next.size > 0; commit++) {
      const [entity, version] = [...next][Math.floor(random() * next.size)] ?? [0, 1];
      const event = makeEvent(entity, version);
      const row = { _id: event.id, aggregatetype: 'Order', aggregateid: event.subject, version } as const;
      path.outbox.unsent.set(event.id, { ...row, payload: JSON.stringify(event), occurredAt: each.clock.now() });
      if (version === versions) next.delete(entity);
      else next.set(entity, version + 1);
      committed += 1;
    }
    if (committed >= events * CALM_AT_SHARE) path.calm();
    await path.step();
    const isDone = countDone(each) >= events && newestOf(sameClock) >= wanted;
    if (isDone && path.outbox.unsent.size === 0) break;
  }
  await path.stop();
  return { each, newest: sameClock, poison, unsent: path.outbox.unsent.size, borne: path.borne };
}
