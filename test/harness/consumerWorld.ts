// A consumer on a memory that tests can look into, with events of made-up orders and a clock moved by hand.
import { sequenceOf, type GraphEvent } from '../../contracts/event.ts';
import { openLog } from '../../platform/log.ts';
import { seededRandom } from '../../platform/random.ts';
import { Consumer } from '../../sync/consume/consumer.ts';
import { ConsumerCounts } from '../../sync/consume/consumerCounts.ts';
import { EffectFault, type ConsumerDefinition, type Need } from '../../sync/consume/definition.ts';
import { openHandClock, type HandClock } from './handClock.ts';
import { MemoryConsumeStore, type MemorySession } from './memoryConsumeStore.ts';

const TYPE = 'crm.order.placed.v1';

/** Makes an event of one of a few orders. */
export function makeEvent(entity: number, version: number, more: Partial<GraphEvent> = {}): GraphEvent {
  const subject = `ord_00000${entity}`;
  return {
    specversion: '1.0',
    id: `${subject}-${version}`,
    source: '/crm/orders',
    type: TYPE,
    subject,
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    dataschema: 'x',
    partitionkey: subject,
    sequence: sequenceOf(version),
    tenantid: 'a',
    entitykeys: `Order:${subject}`,
    data: { version },
    ...more,
  };
}

/** What happened to one entity, in the order in which it happened. */
type Applied = Map<string, number[]>;

/** What a test looks into. */
export interface World {
  readonly store: MemoryConsumeStore;
  readonly clock: HandClock;
  readonly applied: Applied;
  readonly asked: string[];
  readonly definition: ConsumerDefinition<MemorySession>;
  readonly poison: Set<string>;
  readonly counts: ConsumerCounts;
}

/** Takes what events need, which are poison, and whether the effect names them; gives a world. */
export function makeWorld(needs: Need, poison: readonly string[] = [], isNaming = false): World {
  const applied: Applied = new Map();
  const bad = new Set(poison);
  const definition: ConsumerDefinition<MemorySession> = {
    name: 'test.copies',
    entities: ['Order'],
    types: { [TYPE]: { needs } },
    apply({ session }, events) {
      const faulty = events.filter(({ id }) => bad.has(id)).map(({ id }) => id);
      if (faulty.length > 0) throw isNaming ? new EffectFault(faulty, 'poison') : new Error('poison');
      for (const { subject, sequence } of events) {
        session.effects.push(() => applied.set(subject, [...(applied.get(subject) ?? []), Number(sequence)]));
      }
      return Promise.resolve([]);
    },
  };
  return {
    store: new MemoryConsumeStore(),
    clock: openHandClock(),
    applied,
    asked: [],
    definition,
    poison: bad,
    counts: new ConsumerCounts(),
  };
}

/** Opens a consumer on a world. */
export function openConsumer({ definition, store, clock, asked, counts }: World): Consumer<MemorySession> {
  return new Consumer({
    definition,
    store,
    clock,
    random: seededRandom(1),
    log: openLog('test', 'silent'),
    counts,
    unseal: (events) => Promise.resolve(events),
    askPredecessor: ({ id }) => asked.push(id),
    committed: () => undefined,
  });
}

/** Hands a consumer texts; gives those that it has not acknowledged yet. */
export function hand(consumer: Consumer<MemorySession>, texts: readonly string[]): Set<number> {
  const open = new Set<number>();
  texts.forEach((value, at) => {
    open.add(at);
    const key = (JSON.parse(value) as { subject?: string }).subject ?? '';
    consumer.accept({ topic: 'outbox.event.Order', key, value, position: String(at), ack: () => open.delete(at) });
  });
  return open;
}

/** Lets time pass until all is acknowledged. */
export async function finish(
  { clock }: World,
  consumer: Consumer<MemorySession>,
  open: ReadonlySet<unknown>,
): Promise<void> {
  for (let turns = 0; turns < 1_000; turns++) {
    await consumer.settled();
    if (open.size === 0) return;
    clock.pass(1_000);
  }
  throw new Error(`${open.size} events were never acknowledged`);
}
