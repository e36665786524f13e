// Thousands of events over outbox, relays, broker and consumers in one process, with lost confirmations, 20 % duplicates,
// disorder between entities, restarts, lost leases, store faults and 1 % poison: the end is the state in order.
import { inheritedEnvironment } from '../../../platform/config.ts';
import { IS_FULL_SIZE } from '../../harness/faultyGateway.ts';
import { simulate } from './simulatedPath.ts';

const ENTITIES = 100;
const VERSIONS = 40;
const FIRST_SEED = 1;
/** A million events in full: more seeds try more than longer runs of a few. */
const SEEDS = IS_FULL_SIZE ? 250 : 4;
const TEST_MS_MAX = 60_000;

function seeds(): number[] {
  const { FAULTS_SEED, FAULTS_SEEDS } = inheritedEnvironment();
  if (FAULTS_SEED !== undefined) return [Number(FAULTS_SEED)];
  return Array.from({ length: Number(FAULTS_SEEDS ?? SEEDS) }, (_, at) => FIRST_SEED + at);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

describe('B2, B3, E1, E2, E4, E6: the sync path in one process', () => {
  it.each(seeds())(
    'ends in the in-order state, with every effect once and only poison parked: --seed %i --broker memory',
    async (seed) => {
      const { each, newest, poison, unsent, borne } = await simulate({ seed, entities: ENTITIES, versions: VERSIONS });
      const events = ENTITIES * VERSIONS;
      process.stderr.write(`memory, seed ${seed}: ${events} events, ${poison.size} poison, ${JSON.stringify(borne)}\n`);
      expect(unsent).toBe(0);
      expect(new Set(Array.from(each.store.parked.values(), ({ id }) => id))).toEqual(poison);
      expect(Array.from(newest.store.parked.values(), ({ id }) => id).filter((id) => !poison.has(id))).toEqual([]);
      expect(each.applied.size).toBe(ENTITIES);
      for (const [subject, applied] of each.applied) {
        expect(applied).toEqual(upTo(VERSIONS).filter((version) => !poison.has(`${subject}-${version}`)));
        const states = newest.applied.get(subject) ?? [];
        // The newest state wins, and none ever goes back.
        expect(states.at(-1)).toBe(VERSIONS);
        expect(states.every((version, at) => version > (states[at - 1] ?? 0))).toBe(true);
      }
      expect(Math.min(borne.restarts, borne.storeFaults, borne.leases)).toBeGreaterThan(0);
    },
    TEST_MS_MAX,
  );
});
