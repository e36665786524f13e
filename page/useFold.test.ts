import type { UsageExport, UsageRow } from '../contracts/usageExport.ts';
import { KnownUse, UseFold } from './useFold.ts';

const row = (coordinate: string, name: string, count: number, day: number): UsageRow => ({
  coordinate,
  caller: { kind: 'client', name, version: '1' },
  operation: { hash: `hash of ${name}`, name: undefined },
  contract: undefined,
  count,
  firstSeen: `2026-10-0${day}T08:00:00.000Z`,
  lastSeen: `2026-10-0${day}T09:00:00.000Z`,
});
const period = (day: number, rows: readonly UsageRow[]): UsageExport => ({
  formatVersion: 1,
  from: `2026-10-0${day}T00:00:00.000Z`,
  to: `2026-10-0${day + 1}T00:00:00.000Z`,
  gaps: [],
  requests: 10,
  rows,
});
const open = (...periods: readonly UsageExport[]): KnownUse => {
  // The last period in a fold of its own, as today is.
  const folds = [new UseFold(), new UseFold()] as const;
  periods.forEach((each, at) => folds[at === periods.length - 1 ? 1 : 0].add(each));
  return new KnownUse(folds, 'counted');
};

describe('use', () => {
  const use = open(
    period(1, [row('A.b', 'app', 2, 1), row('A.c', 'app', 9, 1)]),
    period(2, []),
    period(3, [row('A.b', 'app', 3, 3), row('A.b', 'other', 1, 3)]),
  );

  it('is added up by period and by caller, the most first', () => {
    const told = use.useOf('A.b');
    expect(told.periods.map(({ count }) => count)).toEqual([2, 0, 4]);
    expect(told.total).toBe(6);
    expect(told.share).toBeCloseTo(0.2);
    expect(told.callers).toEqual([
      {
        kind: 'client',
        name: 'app',
        version: '1',
        count: 5,
        lastSeen: '2026-10-03T09:00:00.000Z',
        operations: [{ name: 'hash of app', count: 5 }],
      },
      expect.objectContaining({ name: 'other', count: 1 }),
    ]);
    expect(use.countOf('A.c')).toBe(9);
  });

  it('is told in one sentence: how often, by how many, from when to when', () => {
    expect(use.useOf('A.b').sentence).toBe(
      'Asked for 6 times by 2 callers from 2026-10-01 to 2026-10-03; most on 2026-10-03 (4), last on 2026-10-03.',
    );
    expect(use.useOf('A.none')).toMatchObject({
      total: 0,
      callers: [],
      sentence: 'Nobody asked for it from 2026-10-01 to 2026-10-03.',
    });
  });

  it('says how long it was looked, and how many requests there were', () => {
    expect(use.state).toEqual({
      kind: 'known',
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-10-04T00:00:00.000Z',
      requests: 30,
      gaps: 0,
      because: 'counted',
    });
  });
});
