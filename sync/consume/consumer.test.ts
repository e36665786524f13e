import fc from 'fast-check';
import { BATCH_MAX } from './definition.ts';
import { seededRandom } from '../../platform/random.ts';
import { finish, hand, makeEvent, makeWorld, openConsumer } from '../../test/harness/consumerWorld.ts';
import type { Suffering } from '../../test/harness/memoryConsumeStore.ts';

/** A list in which nothing is further than `reach` from where it was. */
function disordered<T>(list: readonly T[], reach: number, random: () => number): T[] {
  return list
    .map((value, at) => ({ value, at: at + random() * reach }))
    .sort((left, right) => left.at - right.at)
    .map(({ value }) => value);
}

const history = fc.record({
  entities: fc.integer({ min: 1, max: 12 }),
  versions: fc.integer({ min: 1, max: 12 }),
  copies: fc.integer({ min: 1, max: 100 }),
  reach: fc.integer({ min: 0, max: 100 }),
  seed: fc.nat(),
  isNaming: fc.boolean(),
  faults: fc.double({ min: 0, max: 0.4, noNaN: true }),
});

function drawHistory({
  entities,
  versions,
  copies,
  reach,
  seed,
}: Omit<typeof history extends fc.Arbitrary<infer H> ? H : never, 'faults' | 'isNaming'>) {
  const random = seededRandom(seed);
  const inOrder = Array.from({ length: versions }, (_, at) => at + 1).flatMap((version) =>
    Array.from({ length: entities }, (_, entity) => makeEvent(entity, version)),
  );
  const poison = inOrder.filter(() => random() < 0.01).map(({ id }) => id);
  // One event comes very often, each fifth comes twice.
  const doubled = inOrder.flatMap((event, at) =>
    Array.from({ length: at === 0 ? copies : random() < 0.2 ? 2 : 1 }, () => event),
  );
  const texts = disordered(doubled, reach, random).map((event) => JSON.stringify(event));
  return { inOrder, poison, texts, random };
}

function sufferings(random: () => number, share: number): () => Suffering {
  return () => (random() >= share ? 'none' : random() < 0.5 ? 'before' : 'after');
}

describe('Consumer', () => {
  it('ends in the in-order state after duplicates, disorder, poison and faults of the store, and parks only poison', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (drawn) => {
        const { inOrder, poison, texts, random } = drawHistory(drawn);
        const world = makeWorld('newest', poison, drawn.isNaming);
        world.store.suffer = sufferings(random, drawn.faults);
        const consumer = openConsumer(world);
        await finish(world, consumer, hand(consumer, texts));
        const good = inOrder.filter(({ id }) => !poison.includes(id));
        for (const [subject, own] of Map.groupBy(good, (event) => event.subject)) {
          const versions = world.applied.get(subject) ?? [];
          expect(versions.at(-1)).toBe(Number(own.at(-1)?.sequence));
          expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
        }
        for (const { id, reason } of world.store.parked.values()) {
          expect(poison).toContain(id);
          expect(reason).toBe('triesOver');
        }
      }),
    );
  });

  it('applies facts once each, in whatever order they come and however often', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (drawn) => {
        const { inOrder, poison, texts, random } = drawHistory(drawn);
        const world = makeWorld('each', poison, drawn.isNaming);
        world.store.suffer = sufferings(random, drawn.faults);
        const consumer = openConsumer(world);
        await finish(world, consumer, hand(consumer, texts));
        const times = [...world.applied].flatMap(([subject, versions]) =>
          versions.map((version) => `${subject}-${version}`),
        );
        expect(times.sort()).toEqual(
          inOrder
            .map(({ id }) => id)
            .filter((id) => !poison.includes(id))
            .sort(),
        );
        expect(Array.from(world.store.parked.values(), ({ id }) => id).sort()).toEqual(poison.toSorted());
      }),
    );
  });

  it('applies what needs its predecessor in order and without a gap, and parks what stands behind poison', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (drawn) => {
        const { inOrder, poison, texts, random } = drawHistory(drawn);
        const world = makeWorld('predecessor', poison, drawn.isNaming);
        world.store.suffer = sufferings(random, drawn.faults);
        const consumer = openConsumer(world);
        await finish(world, consumer, hand(consumer, texts));
        for (const [subject, own] of Map.groupBy(inOrder, (event) => event.subject)) {
          const firstBad = own.findIndex(({ id }) => poison.includes(id));
          const expected = firstBad < 0 ? own : own.slice(0, firstBad);
          expect(world.applied.get(subject) ?? []).toEqual(expected.map(({ sequence }) => Number(sequence)));
          const parked = Array.from(world.store.parked.values()).filter((row) => row.subject === subject);
          expect(new Set(parked.map(({ id }) => id))).toEqual(
            new Set(firstBad < 0 ? [] : own.slice(firstBad).map(({ id }) => id)),
          );
        }
      }),
    );
  });

  it('holds no more than twice what the broker delivers at once, though store and connection break again and again', async () => {
    const world = makeWorld('newest');
    const consumer = openConsumer(world);
    world.store.suffer = () => 'before';
    let round = 0;
    const deliver = (count: number): void => {
      const own = ++round;
      for (let at = 0; at < count; at++) {
        const value = JSON.stringify(makeEvent(at, 1));
        const isOpen = (): boolean => own === round;
        consumer.accept({ topic: 'outbox.event.Order', key: 'k', value, position: '1', ack: () => undefined, isOpen });
      }
    };
    for (let times = 0; times < 10; times++) {
      deliver(4_096);
      await consumer.settled();
      expect(consumer.held()).toBeLessThanOrEqual(2 * 4_096 + BATCH_MAX);
    }
    world.store.suffer = () => 'none';
    for (let turns = 0; turns < 100 && consumer.held() > 0; turns++) {
      world.clock.pass(6_000);
      await consumer.settled();
    }
    expect([consumer.held(), world.applied.size]).toEqual([0, 4_096]);
  });

  it('has one effect of an event whose consumer is lost between commit and acknowledgement', async () => {
    const world = makeWorld('each');
    const lost = openConsumer(world);
    const text = JSON.stringify(makeEvent(1, 1));
    lost.accept({
      topic: 't',
      key: 'k',
      value: text,
      position: '1',
      ack: () => undefined,
    });
    await lost.settled();
    const next = openConsumer(world);
    await finish(world, next, hand(next, [text]));
    expect(world.applied.get('ord_000001')).toEqual([1]);
  });

  it('goes on with other entities while one event is tried again', async () => {
    const world = makeWorld('newest', ['ord_000001-1']);
    const consumer = openConsumer(world);
    const open1 = hand(
      consumer,
      [makeEvent(1, 1), makeEvent(1, 2), makeEvent(2, 1)].map((event) => JSON.stringify(event)),
    );
    await consumer.settled();
    expect(world.applied).toEqual(new Map([['ord_000002', [1]]]));
    await finish(world, consumer, open1);
    expect(world.applied.get('ord_000001')).toEqual([2]);
    expect([...world.store.parked.values()]).toMatchObject([{ id: 'ord_000001-1', tries: 8, reason: 'triesOver' }]);
  });

  it('does not count a fault of the store as a try, and holds nothing against any event', async () => {
    const world = makeWorld('newest');
    let left = 20;
    world.store.suffer = () => (left-- > 0 ? 'before' : 'none');
    const consumer = openConsumer(world);
    const open1 = hand(consumer, [JSON.stringify(makeEvent(1, 1))]);
    await consumer.settled();
    expect(consumer.isPaused()).toBe(true);
    await finish(world, consumer, open1);
    expect(world.applied.get('ord_000001')).toEqual([1]);
    expect(world.store.parked.size).toBe(0);
    expect(consumer.isPaused()).toBe(false);
  });

  it('parks at once what it cannot read and versions it does not know, and lets other types pass', async () => {
    const world = makeWorld('newest');
    const consumer = openConsumer(world);
    const texts = [
      JSON.stringify({ subject: 'x' }),
      JSON.stringify(makeEvent(1, 1, { type: 'crm.order.placed.v2' })),
      JSON.stringify(makeEvent(2, 1, { type: 'crm.order.paid.v1' })),
    ];
    const open1 = hand(consumer, texts);
    await consumer.settled();
    expect(open1.size).toBe(0);
    expect(Array.from(world.store.parked.values(), ({ reason }) => reason)).toEqual(['malformed', 'unknownVersion']);
  });

  it('asks for a missing predecessor after 30 seconds, and tells the age of the gap', async () => {
    const world = makeWorld('predecessor');
    const consumer = openConsumer(world);
    const open1 = hand(consumer, [JSON.stringify(makeEvent(1, 2))]);
    await consumer.settled();
    world.clock.pass(29_000);
    await consumer.settled();
    expect(world.asked).toEqual([]);
    expect(consumer.oldestGapSeconds()).toBe(29);
    world.clock.pass(1_000);
    await consumer.settled();
    expect(world.asked).toEqual(['ord_000001-2']);
    const open2 = hand(consumer, [JSON.stringify(makeEvent(1, 1))]);
    await finish(world, consumer, open1);
    expect(open2.size).toBe(0);
    expect(world.applied.get('ord_000001')).toEqual([1, 2]);
  });

  it('makes a copy right again when it is told to, and never puts old state over new', async () => {
    const world = makeWorld('newest');
    const consumer = openConsumer(world);
    await finish(
      world,
      consumer,
      hand(
        consumer,
        [makeEvent(1, 1), makeEvent(1, 2)].map((event) => JSON.stringify(event)),
      ),
    );
    for (const version of [1, 2]) {
      const value = JSON.stringify(makeEvent(1, version));
      consumer.accept({ topic: 't', key: 'k', value, position: 'p', isForced: true, ack: () => undefined });
      await consumer.settled();
    }
    expect(world.applied.get('ord_000001')).toEqual([1, 2, 2]);
  });
});
