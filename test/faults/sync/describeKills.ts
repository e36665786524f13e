// The fault run as tests, one a seed; the same for each broker. Size and seeds come from the command (scripts/testFaults.ts).
import { inheritedEnvironment } from '../../../platform/config.ts';
import { IS_FULL_SIZE } from '../../harness/faultyGateway.ts';
import { runKills, type KillReport, type RunBroker } from './runKills.ts';

/** How much of it one seed does. */
export interface KillSize {
  /** How many seeds without a wish of the command's. */
  readonly seeds: number;
  readonly mutations: number;
  readonly kills: number;
}

/** In CI on our own broker: 1,000 mutations over 20 kills. */
export const CI_SIZE: KillSize = { seeds: 2, mutations: 500, kills: 10 };
/** On a broker that takes long to start. */
export const SMALL_SIZE: KillSize = { seeds: 1, mutations: 200, kills: 6 };
/** 100,000 mutations over 1,000 kills. */
const FULL_SIZE: KillSize = { seeds: 25, mutations: 4_000, kills: 40 };

/** Most of it waiting until everything is quiet, which a run that is well does for seconds. */
const TEST_MS = 300_000;
const TEST_MS_PER_KILL = 30_000;
const FIRST_SEED = 20_261;
const SHOWN_MAX = 20;

function seedsOf(count: number): number[] {
  const { FAULTS_SEED, FAULTS_SEEDS } = inheritedEnvironment();
  if (FAULTS_SEED !== undefined) return [Number(FAULTS_SEED)];
  return Array.from({ length: Number(FAULTS_SEEDS ?? count) }, (_, at) => FIRST_SEED + at);
}

function describeReport(broker: string, seed: number, report: KillReport): string {
  const { acknowledged, repeated, kills, received, receivedAgain, quietMs, findings, disordered } = report;
  const { lost, twice, different } = findings;
  return [
    `${broker}, seed ${seed}: ${acknowledged} acknowledged (${repeated} sent again), kills: ${kills.atPoint} at a point,`,
    `${kills.atOnce} at once, ${kills.broker} of the broker; ${received} events came, ${receivedAgain} of them again;`,
    `${lost.length} lost, ${twice.length} twice, ${different.length} different, ${disordered.length} out of order;`,
    `quiet after ${Math.round(quietMs)} ms`,
  ].join(' ');
}

/** Takes the broker's name, what gives it (nothing: the graph's own) and the size; describes the runs. */
export function describeKills(broker: string, give: () => RunBroker | undefined, ciSize: KillSize): void {
  const size = IS_FULL_SIZE ? FULL_SIZE : ciSize;
  const repeat = IS_FULL_SIZE ? ' --full' : '';
  describe(`B1, E5, P1: subgraphs and ${broker} are killed while mutations are written`, () => {
    it.each(seedsOf(size.seeds))(
      `loses nothing, does nothing twice, keeps each entity's order, and all copies agree: --seed %i --broker ${broker}${repeat}`,
      async (seed) => {
        const { mutations, kills } = size;
        const report = await runKills({ seed, mutations, kills, broker: give() });
        process.stderr.write(`${describeReport(broker, seed, report)}\n`);
        const { lost, twice, different } = report.findings;
        // Said at once: a long run has many seeds to go.
        for (const found of [lost, twice, different, report.disordered])
          for (const text of found.slice(0, SHOWN_MAX)) process.stderr.write(`  ${text}\n`);
        if (lost.length + twice.length + different.length + report.disordered.length > 0)
          for (const [text, count] of report.warnings) process.stderr.write(`${count} × ${text}\n`);
        expect({
          lost: lost.slice(0, SHOWN_MAX),
          twice: twice.slice(0, SHOWN_MAX),
          different: different.slice(0, SHOWN_MAX),
          disordered: report.disordered.slice(0, SHOWN_MAX),
        }).toEqual({ lost: [], twice: [], different: [], disordered: [] });
        expect(report.acknowledged).toBeGreaterThanOrEqual(mutations);
        expect(report.kills.atPoint + report.kills.atOnce + report.kills.broker).toBe(kills);
      },
      TEST_MS + size.kills * TEST_MS_PER_KILL,
    );
  });
}
