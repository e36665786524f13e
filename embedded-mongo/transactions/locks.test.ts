// Locks are asked for by transactions alone; what they must never forget, and what they must not keep.
import fc from 'fast-check';
import { Locks, type LockHolder } from './locks.ts';

const newHolder = (): LockHolder => ({ ended: Promise.resolve() });

describe('the writes that are remembered', () => {
  it('are all that an open transaction has not seen, and no more than the oldest of them has not seen', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('enter' as const) }),
      fc.record({ do: fc.constant('leave' as const), at: fc.nat(10) }),
      fc.record({ do: fc.constant('write' as const), key: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const locks = new Locks();
        const open: { holder: LockHolder; seen: number }[] = [];
        const lastWrite = new Map<string, number>();
        for (const one of steps) {
          if (one.do === 'enter') {
            const holder = newHolder();
            open.push({ holder, seen: locks.writeCount });
            locks.enter(holder, locks.writeCount);
          } else if (one.do === 'leave') {
            const [left] = open.splice(one.at % Math.max(open.length, 1), 1);
            if (left) locks.leave(left.holder);
          } else {
            lastWrite.set(`k${one.key}`, locks.countWrite());
            locks.written(`k${one.key}`);
          }
          for (const { seen } of open) {
            for (const [lock, write] of lastWrite) expect(locks.versionOf(lock) > seen).toBe(write > seen);
          }
          const oldestSeen = Math.min(...open.map(({ seen }) => seen));
          const unseen = [...lastWrite.values()].filter((write) => write > oldestSeen).length;
          if (one.do === 'leave') expect(locks.rememberedCount).toBe(unseen);
        }
      }),
    );
  });
});

describe('a lock', () => {
  it('is free once its holder has left, and another holder keeps its own', () => {
    const [one, other] = [newHolder(), newHolder()];
    const locks = new Locks();
    locks.enter(one, 0);
    locks.enter(other, 0);
    locks.hold('k1', one);
    locks.hold('k2', other);
    locks.leave(one);
    expect(locks.holderOf('k1')).toBeUndefined();
    expect(locks.holderOf('k2')).toBe(other);
  });
});
