// The promise about "others": with a fault on the link to customers, the p99 of requests that need only marketing stays
// within 1.5 times its baseline. Both are measured in the same run, in short rounds that take turns.
import type { FaultyGateway } from './faultyGateway.ts';
import type { Fault } from './faultProxy.ts';
import { loadRequest, measureUpTo, percentile, UNIQUE, type LoadClient, type LoadResult } from './loadClient.ts';

/** What the others' p99 may be of its baseline. */
export const P99_RATIO_MAX = 1.5;
/** An answer longer than the headers, so that a fault can hit its body. */
const ID = 'c'.repeat(300) + UNIQUE;
/** A request that needs the broken link, and one that does not. */
export const BROKEN = loadRequest(
  'broken',
  'query ($id: ID!) { customer(id: $id) { id displayName email } }',
  undefined,
  { id: ID },
);
const OTHERS = loadRequest('others', '{ campaigns { name } }', { data: { campaigns: [{ name: 'Spring' }] } });

const PER_SECOND = 200;
const MEASURES_MAX = 6;
/** What all measures of the full size may take. */
export const COMPARE_TIMEOUT_MS = 600_000;

/** How long and how often to measure. */
export interface Rounds {
  readonly rounds: number;
  readonly roundMs: number;
}

/** The others' p99 with the fault by that without; the wrong answers to them; what the broken link's own ones took. */
export interface Comparison {
  readonly ratio: number;
  readonly wrongOthers: LoadResult['wrong'];
  readonly broken: LoadResult['samples'];
}

function of(result: LoadResult, name: string): LoadResult['samples'] {
  return result.samples.filter((sample) => sample.name === name);
}

function timesOf(samples: LoadResult['samples']): number[] {
  return samples.map(({ ms }) => ms);
}

/** The p99 of the others of each round, in milliseconds. */
interface RoundTimes {
  readonly usual: number[];
  readonly faulty: number[];
}

/** Measures rounds, adds their times to those given, and compares all of them. */
async function addRounds(
  gateway: FaultyGateway,
  client: LoadClient,
  fault: Fault,
  plan: Rounds,
  { usual, faulty }: RoundTimes,
): Promise<Comparison> {
  const load = { url: gateway.url, requests: [OTHERS, BROKEN], perSecond: PER_SECOND, durationMs: plan.roundMs };
  const broken: LoadResult['samples'][number][] = [];
  const wrongOthers: LoadResult['wrong'][number][] = [];
  const run = async (current: Fault): Promise<LoadResult> => {
    await gateway.links.customers.set(current);
    const result = await client.run(load);
    wrongOthers.push(...result.wrong.filter(({ name }) => name === 'others'));
    return result;
  };
  for (let round = 0; round < plan.rounds; round++) {
    usual.push(percentile(timesOf(of(await run({ kind: 'none' }), 'others')), 0.99));
    const result = await run(fault);
    faulty.push(percentile(timesOf(of(result, 'others')), 0.99));
    broken.push(...of(result, 'broken'));
  }
  await gateway.links.customers.set({ kind: 'none' });
  // Medians of rounds: a pause of the whole machine in one of them says nothing about the gateway.
  return { ratio: percentile(faulty, 0.5) / percentile(usual, 0.5), wrongOthers, broken };
}

/**
 * Gives the first comparison that keeps the promise, or the last. A round's p99 is nearly its slowest request, which a
 * busy machine makes three times slower at random: where few rounds do not keep the promise, more are added to them, and
 * the medians of all are compared. A machine that stands still for longer than a fetch may take fails the requests of
 * that moment, with the fault and without it: wrong answers are those of the last rounds.
 */
export async function compareOthers(
  gateway: FaultyGateway,
  client: LoadClient,
  fault: Fault,
  plan: Rounds,
): Promise<Comparison> {
  // Both paths have run before anything counts.
  await addRounds(gateway, client, fault, { ...plan, rounds: 1 }, { usual: [], faulty: [] });
  const times: RoundTimes = { usual: [], faulty: [] };
  const measure = (): Promise<Comparison> => addRounds(gateway, client, fault, plan, times);
  return measureUpTo(MEASURES_MAX, measure, ({ ratio, wrongOthers }) => {
    return ratio <= P99_RATIO_MAX && wrongOthers.length === 0;
  });
}

/** Gives the p50 of the requests that need the link to customers, as it is now, in milliseconds. */
export async function usualMs(gateway: FaultyGateway, client: LoadClient): Promise<number> {
  const load = { url: gateway.url, requests: [BROKEN], perSecond: PER_SECOND / 2, durationMs: 1_000 };
  return percentile(timesOf((await client.run(load)).samples), 0.5);
}
