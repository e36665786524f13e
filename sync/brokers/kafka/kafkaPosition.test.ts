// A follower's place in Kafka survives as text, and the text of other topics is refused.
import fc from 'fast-check';
import { PositionTooOld } from '../broker.ts';
import { KafkaPosition, OLDEST, readKafkaPosition } from './kafkaPosition.ts';

const TOPICS = ['outbox.event.Order', 'outbox.event.Customer', 'outbox.beat'];

describe('KafkaPosition', () => {
  it('gives back every offset from its text, in the characters that a position may have', () => {
    const place = fc.record({
      topic: fc.constantFrom(...TOPICS),
      partition: fc.nat(20),
      offset: fc.oneof(fc.constant(OLDEST), fc.maxSafeNat()),
    });
    fc.assert(
      fc.property(fc.array(place), (places) => {
        const position = new KafkaPosition(TOPICS);
        for (const { topic, partition, offset } of places) position.set(topic, partition, offset);
        expect(position.text).toMatch(/^[A-Za-z0-9\-_.:]+$/);
        const read = readKafkaPosition(position.text, [...TOPICS].reverse());
        for (const { topic, partition } of places) {
          expect(read.get(topic, partition)).toBe(position.get(topic, partition));
        }
        expect(read.text).toBe(position.text);
      }),
    );
  });

  it('refuses the text of other topics, of other brokers and of nobody', () => {
    const other = new KafkaPosition(['outbox.event.Order']).text;
    for (const text of [other, '', 'now', 'r1.00000000', 'k000000:', `${new KafkaPosition(TOPICS).text}:`]) {
      expect(() => readKafkaPosition(text, TOPICS)).toThrow(PositionTooOld);
    }
  });
});
