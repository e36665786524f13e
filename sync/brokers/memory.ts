// The broker within one process, for simulation and tests: by a seed it loses confirmations, delivers twice, mixes the
// order between keys, delays, and is started anew. What was published and confirmed stays until the process ends.
import type { Clock } from '../../platform/clock.ts';
import { systemClock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/random.ts';
import {
  type Broker,
  type BrokerMessage,
  type Following,
  type GroupDelivery,
  type GroupSubscription,
  type Reading,
} from './broker.ts';
import { openMemoryLogStore } from './log/memoryLogStore.ts';
import { openLogDispatch, type LogDispatch } from './log/logDispatch.ts';
import type { LogEntry, LogStore } from './log/logStore.ts';
import { refuseFaultyMessages } from './refuseFaultyMessages.ts';
import { openUnrulyDelivery, type MemoryFaults } from './unrulyDelivery.ts';

/** What opens a memory broker. */
export interface MemoryBrokerOptions extends MemoryFaults {
  readonly clock?: Clock;
  /** How many messages it keeps at least; 1,000,000 by default. */
  readonly messagesKept?: number;
}

/** A broker in memory; several parts of one process can be connected to it. */
export interface MemoryBroker {
  /** A connection of its own: closing it ends what was begun on it. */
  connect(): Broker;
  /** Stops it and starts it anew after `downMs`: publishes fail meanwhile, what was not acknowledged comes again. */
  restart(downMs?: number): void;
  /** From now on it behaves like this. */
  setFaults(faults: MemoryFaults): void;
}

const ENTRIES_KEPT = 1_000_000;
/** After so long comes again what somebody acknowledged and it did not hear. */
const REDELIVER_MS = 1_000;

interface Core {
  readonly clock: Clock;
  readonly store: LogStore;
  dispatch: LogDispatch;
  faults: MemoryFaults;
  isUp: boolean;
  readonly random: () => number;
  /** Begins every subscription and following anew. */
  readonly restarts: Set<() => void>;
}

function isHit(core: Core, share: number | undefined): boolean {
  return share !== undefined && share > 0 && core.random() < share;
}

function publish(core: Core, messages: readonly BrokerMessage[]): Promise<void> {
  refuseFaultyMessages(messages);
  if (!core.isUp) return Promise.reject(new Error('the broker is away'));
  if (isHit(core, core.faults.publishLossShare)) return Promise.reject(new Error('the broker did not take it'));
  core.dispatch.append(messages);
  if (isHit(core, core.faults.confirmationLossShare)) return Promise.reject(new Error('the confirmation was lost'));
  return Promise.resolve();
}

/** Joins the group now and after each restart; gives what leaves it. */
function readAsMember(core: Core, subscription: GroupSubscription): () => void {
  const { group, topics, inFlightMax } = subscription;
  let leave = (): void => undefined;
  const join = (): void => {
    const { dispatch } = core;
    let isOver = false;
    const toDelivery = (entry: LogEntry): GroupDelivery => ({
      topic: entry.topic,
      key: entry.key,
      value: entry.value,
      position: dispatch.positionOf(entry.seq),
      isOpen: () => !isOver,
      ack() {
        if (isOver) return;
        if (isHit(core, core.faults.ackLossShare)) core.clock.after(REDELIVER_MS, () => member.redeliver(entry.seq));
        else member.ack(entry.seq);
      },
    });
    const unruly = openUnrulyDelivery({ core, deliver: (some) => subscription.deliver(some.map(toDelivery)) });
    const member = dispatch.join(group, {
      topics,
      inFlightMax,
      deliver(entries) {
        unruly.take(entries);
        const twice = entries.find(() => isHit(core, core.faults.duplicateShare));
        if (twice !== undefined) core.clock.after(1, () => member.redeliver(twice.seq));
      },
    });
    leave = () => {
      isOver = true;
      unruly.close();
      member.leave();
    };
  };
  const rejoin = (): void => {
    leave();
    join();
  };
  join();
  core.restarts.add(rejoin);
  return () => {
    core.restarts.delete(rejoin);
    leave();
  };
}

/** Follows now and, from where it stands, after each restart; gives what ends it. */
function readAlone(core: Core, following: Following): () => void {
  let after = following.after;
  const begin = (): (() => void) => {
    const { dispatch } = core;
    if (after === 'now') after = dispatch.positionOf(core.store.headSeq());
    const follower = dispatch.follow({
      topics: following.topics,
      after,
      deliver(entries) {
        after = dispatch.positionOf(entries.at(-1)?.seq ?? 0);
        return following.deliver(
          entries.map(({ topic, key, value, seq }) => ({ topic, key, value, position: dispatch.positionOf(seq) })),
        );
      },
    });
    return () => follower.close();
  };
  let end = begin();
  const restart = (): void => {
    end();
    end = begin();
  };
  core.restarts.add(restart);
  return () => {
    core.restarts.delete(restart);
    end();
  };
}

function connectTo(core: Core): Broker {
  const ends = new Set<() => void>();
  let isOpen = true;
  const began = (end: () => void): Promise<Reading> => {
    ends.add(end);
    return Promise.resolve({
      close() {
        if (ends.delete(end)) end();
        return Promise.resolve();
      },
    });
  };
  const refuseClosed = (): void => {
    if (!isOpen) throw new Error('the connection to the broker is closed');
  };
  return {
    kind: 'memory',
    // Each is async so that what is refused rejects, as it does where a network lies between.
    async publish(messages) {
      refuseClosed();
      await publish(core, messages);
    },
    async subscribe(subscription) {
      refuseClosed();
      return began(readAsMember(core, subscription));
    },
    async follow(following) {
      refuseClosed();
      return began(readAlone(core, following));
    },
    isConnected: () => isOpen && core.isUp,
    close() {
      isOpen = false;
      for (const end of ends) end();
      ends.clear();
      return Promise.resolve();
    },
  };
}

/** Opens a broker in memory. */
export function openMemoryBroker({
  clock = systemClock,
  messagesKept = ENTRIES_KEPT,
  ...faults
}: MemoryBrokerOptions = {}): MemoryBroker {
  const store = openMemoryLogStore(messagesKept);
  const core: Core = {
    clock,
    store,
    dispatch: openLogDispatch(store, clock),
    faults,
    isUp: true,
    random: seededRandom(faults.seed ?? 1),
    restarts: new Set(),
  };
  return {
    connect: () => connectTo(core),
    setFaults(next) {
      core.faults = next;
    },
    restart(downMs = 0) {
      core.isUp = false;
      core.dispatch = openLogDispatch(store, clock);
      const up = (): void => {
        core.isUp = true;
        for (const restart of [...core.restarts]) restart();
      };
      if (downMs === 0) up();
      else clock.after(downMs, up);
    },
  };
}
