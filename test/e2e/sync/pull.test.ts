// The whole way of outside rows: source → mapping → the subgraph's own mutation → database, with a kill half-way. The
// number of rows is PULL_ROWS, 20,000 without it; speed is measured by `npm run bench:pull`, not here.
import { inheritedEnvironment } from '../../../platform/config.ts';
import { measurePull } from '../../../bench/pull/measurePull.ts';
import { brokenCount } from '../../../bench/pull/pullSource.ts';

const ROWS = Number(inheritedEnvironment()['PULL_ROWS'] ?? 20_000);
const WITHIN_MS = 60_000 + ROWS * 10;
const MEMORY_MB_MAX = 300;

describe('a source of many rows', () => {
  it.each(['csv', 'mariadb'] as const)(
    'in %s comes in whole and once, though the run is killed half-way',
    async (kind) => {
      const pulled = await measurePull(kind, ROWS);
      expect(pulled.killedAtRow).toBeGreaterThanOrEqual(ROWS / 2);
      expect(pulled.last).toMatchObject({ outcome: 'completed', reason: null });
      expect(pulled.last.rowsRead).toBeLessThan(ROWS);
      expect(pulled.customers).toBe(ROWS - brokenCount(ROWS));
      expect(pulled.changedAgain).toBe(0);
      expect(pulled.peakMb).toBeLessThan(MEMORY_MB_MAX);
      // Each broken row once, with where it stands and why, whichever of the two runs met it.
      expect(pulled.rejects).toHaveLength(brokenCount(ROWS));
      expect(new Set(pulled.rejects.map(({ place }) => place)).size).toBe(brokenCount(ROWS));
      const first =
        kind === 'csv'
          ? { place: 'line 51', reason: 'expected 5 values, the line has 3' }
          : { place: 'id 50', reason: 'displayName is missing' };
      expect(pulled.rejects[0]).toEqual(first);
    },
    WITHIN_MS,
  );
});
