import fc from 'fast-check';
import { openHandClock } from '../../test/harness/handClock.ts';
import { BEAT_TOPIC, EVENT_TOPICS } from '../../contracts/event.ts';
import { BROKER_KEPT_MS } from '../../sync/brokers/broker.ts';
import { KafkaPosition } from '../../sync/brokers/kafka/kafkaPosition.ts';
import { systemClock } from '../../platform/clock.ts';
import { bindingOf, openCursors } from './cursor.ts';

const SECRET = 's'.repeat(32);
/** As many as `kafkaTopics.ts` makes of each topic. */
const PARTITIONS = 16;
const POSITION = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,300}$/);

describe('the id of a message', () => {
  it('gives the position back to the same operation of the same caller, and to no other', () => {
    const cursorsFor = openCursors(SECRET, systemClock);
    fc.assert(
      fc.property(POSITION, fc.string(), fc.string(), (position, mine, other) => {
        const id = cursorsFor(mine).seal(position);
        expect(cursorsFor(mine).open(id)).toBe(position);
        expect(openCursors(SECRET, systemClock)(mine).open(id)).toBe(position);
        if (mine !== other) expect(cursorsFor(other).open(id)).toBeUndefined();
        expect(openCursors(`${SECRET}x`, systemClock)(mine).open(id)).toBeUndefined();
      }),
    );
  });

  it('is nothing once a character of it is another', () => {
    const cursors = openCursors(SECRET, systemClock)('mine');
    fc.assert(
      fc.property(POSITION, fc.nat(), fc.constantFrom('A', 'z', '_', '=', ' '), (position, at, character) => {
        const id = cursors.seal(position);
        const place = at % id.length;
        const changed = id.slice(0, place) + character + id.slice(place + 1);
        const isSame = Buffer.from(changed, 'base64url').equals(Buffer.from(id, 'base64url'));
        if (!isSame) expect(cursors.open(changed)).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => expect(cursors.open(text)).toBeUndefined()));
  });

  it('does not tell whether two messages stand at one place, nor how long a position is', () => {
    const cursors = openCursors(SECRET, systemClock)('mine');
    expect(cursors.seal('1')).not.toBe(cursors.seal('1'));
    expect(cursors.seal('1')).toHaveLength(cursors.seal('1234567890').length);
  });

  it('carries the longest position of Kafka: every partition of every topic, with large offsets', () => {
    const position = new KafkaPosition([...EVENT_TOPICS, BEAT_TOPIC]);
    for (const topic of position.topics) {
      for (let partition = 0; partition < PARTITIONS; partition++) position.set(topic, partition, 36 ** 8 - 1);
    }
    const cursors = openCursors(SECRET, systemClock)('mine');
    expect(cursors.open(cursors.seal(position.text))).toBe(position.text);
  });

  it('holds for as long as the broker keeps messages', () => {
    const clock = openHandClock();
    const cursors = openCursors(SECRET, clock)('mine');
    const id = cursors.seal('7');
    clock.pass(BROKER_KEPT_MS);
    expect(cursors.open(id)).toBe('7');
    clock.pass(1);
    expect(cursors.open(id)).toBeUndefined();
  });

  it('is bound to every part of what is asked', () => {
    const parts = [
      ['key:a', 'q', 'O', { a: 1 }],
      ['key:b', 'q', 'O', { a: 1 }],
      ['key:a', 'r', 'O', { a: 1 }],
      ['key:a', 'q', undefined, { a: 1 }],
      ['key:a', 'q', 'O', { a: 2 }],
    ] as const;
    expect(
      new Set(parts.map(([caller, query, name, variables]) => bindingOf(caller, query, name, variables))).size,
    ).toBe(parts.length);
  });
});
