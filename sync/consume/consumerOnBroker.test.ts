import fc from 'fast-check';
import { topicOf } from '../../contracts/event.ts';
import { makeEvent, makeWorld, openConsumer, type World } from '../../test/harness/consumerWorld.ts';
import { openMemoryBroker } from '../brokers/memory.ts';

const ENTITIES = 40;
const VERSIONS = 25;
const STEPS_MAX = 2_000;

const events = Array.from({ length: VERSIONS }, (_, at) => at + 1).flatMap((version) =>
  Array.from({ length: ENTITIES }, (_, entity) => makeEvent(entity, version)),
);

/** Lets the broker and the consumer work until as much is applied or parked as there is. */
async function runUntil(world: World, consumer: ReturnType<typeof openConsumer>, isDone: () => boolean): Promise<void> {
  for (let steps = 0; steps < STEPS_MAX && !isDone(); steps++) {
    world.clock.pass(250);
    await new Promise((resolve) => setImmediate(resolve));
    await consumer.settled();
  }
}

describe('Consumer on an unruly broker', () => {
  it('ends in the in-order state after lost acknowledgements, duplicates, disorder, restarts and 1 % poison', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 3 }), async (seed, restarts) => {
        const poison = events.filter((_, at) => (at * 7 + seed) % 100 === 0).map(({ id }) => id);
        const world = makeWorld('each', poison);
        const memory = openMemoryBroker({
          ...{ clock: world.clock, seed, ackLossShare: 0.05, duplicateShare: 0.2, isDisordered: true, delayMsMax: 500 },
        });
        const broker = memory.connect();
        const messages = events.map((event) => ({
          topic: topicOf('Order'),
          key: event.subject,
          value: JSON.stringify(event),
        }));
        await broker.publish(messages);
        const consumer = openConsumer(world);
        await consumer.start(broker);
        const count = (): number =>
          world.store.parked.size + [...world.applied.values()].reduce((sum, { length }) => sum + length, 0);
        for (let restart = 1; restart <= restarts; restart++) {
          await runUntil(world, consumer, () => count() >= (events.length * restart) / (restarts + 1));
          memory.restart(100);
        }
        await runUntil(world, consumer, () => count() >= events.length);
        await consumer.stop();
        await broker.close();
        expect(Array.from(world.store.parked.values(), ({ id }) => id).sort()).toEqual(poison.toSorted());
        for (const [subject, own] of Map.groupBy(events, (event) => event.subject)) {
          const expected = own.filter(({ id }) => !poison.includes(id)).map(({ sequence }) => Number(sequence));
          // Once each, and in the order of the entity: a broker keeps that, whatever else it does.
          expect(world.applied.get(subject)).toEqual(expected);
        }
      }),
      { numRuns: 20 },
    );
  });
});
