// The keys of a transaction's own documents: what a sorted list of all of them would give, without walking through it.
import fc from 'fast-check';
import { type OwnKey, SortedKeys } from './sortedKeys.ts';

function ordered(entries: readonly OwnKey[]): OwnKey[] {
  return [...entries].sort((a, b) => Buffer.compare(a.key, b.key) || a.row - b.row);
}

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

const edge = fc.integer({ min: 0, max: 40 });

describe('SortedKeys', () => {
  it('gives the ranges and counts of a sorted list, whatever came and went before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ number: edge, row: fc.integer({ min: 0, max: 60 }), adds: fc.boolean() }), {
          maxLength: 300,
        }),
        edge,
        edge,
        (steps, lo, width) => {
          const keys = new SortedKeys();
          let all: OwnKey[] = [];
          for (const { number, row, adds } of steps) {
            const entry = { key: keyOf(number), row };
            const without = all.filter((one) => !(Buffer.compare(one.key, entry.key) === 0 && one.row === row));
            if (adds && without.length === all.length) keys.add(entry);
            if (!adds) keys.delete(entry);
            all = adds ? [...without, entry] : without;
          }
          const interval = { lo: keyOf(lo), hi: keyOf(lo + width) };
          const wanted = ordered(all).filter(
            ({ key }) => Buffer.compare(key, interval.lo) >= 0 && Buffer.compare(key, interval.hi) < 0,
          );
          expect([...keys.range(interval, false)]).toEqual(wanted);
          expect([...keys.range(interval, true)]).toEqual([...wanted].reverse());
          expect(keys.count(interval)).toBe(wanted.length);
        },
      ),
    );
  });

  it('looks at few keys for each one it adds or finds, among 20,000 in any order', () => {
    const keys = new SortedKeys();
    const count = 20_000;
    let reads = 0;
    for (let row = 0; row < count; row += 1) {
      const key = keyOf((row * 7_919) % count);
      keys.add({
        get key() {
          reads += 1;
          return key;
        },
        row,
      });
      const [found] = keys.range({ lo: key, hi: Buffer.concat([key, Buffer.of(0)]) }, false);
      expect(found?.row).toBe(row);
    }
    expect(reads / count).toBeLessThan(100);
    const all = [...keys.range({ lo: keyOf(0), hi: keyOf(count) }, false)];
    expect(all.map(({ key }) => Buffer.from(key).readUInt32BE())).toEqual(Array.from({ length: count }, (_, at) => at));
  });
});
