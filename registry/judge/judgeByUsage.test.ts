import type { UsageExport, UsageRow } from '../../contracts/usageExport.ts';
import { judgeByUsage } from './judgeByUsage.ts';

const NOW = new Date('2026-11-20T00:00:00.000Z');
const LIMITS = { days: 30, countMax: 4, percentMax: 0, excluded: [] };
const usage: UsageExport = {
  formatVersion: 1,
  from: '2026-10-20T00:00:00.000Z',
  to: NOW.toISOString(),
  ...{ gaps: [], requests: 100, rows: [] },
};

function row(coordinate: string, name: string, more: Partial<UsageRow> = {}): UsageRow {
  const caller = { kind: 'key', name: 'k1', version: undefined } as const;
  const seen = '2026-11-19T00:00:00.000Z';
  return {
    ...{ coordinate, caller, operation: { hash: 'one text', name }, contract: undefined, count: 3 },
    ...{ firstSeen: seen, lastSeen: seen, ...more },
  };
}

describe('judgeByUsage', () => {
  it.each([
    ['one request that uses two elements once', [row('A.a', 'One'), row('A.b', 'One')], 3],
    ['requests of two operations of one text', [row('A.a', 'One'), row('A.a', 'Two')], 6],
    ['requests under two contracts', [row('A.a', 'One'), row('A.a', 'One', { contract: 'partner' })], 6],
  ])('counts %s', (_, rows, count) => {
    const { affected, isExcused } = judgeByUsage(rows, usage, LIMITS, NOW);
    expect(affected.map((caller) => caller.count)).toEqual([count]);
    expect(isExcused).toBe(count <= LIMITS.countMax);
  });
});
