import fc from 'fast-check';
import { entityStep, rootStep } from '../../test/harness/planSteps.ts';
import type { FetchStep, PlanStep } from '../compiledOperation.ts';
import { scheduleFetches } from './scheduleFetches.ts';

const sequence = (...steps: PlanStep[]): PlanStep => ({ kind: 'sequence', steps });
const parallel = (...steps: PlanStep[]): PlanStep => ({ kind: 'parallel', steps });

/** Fetches with those that each of them waits for. */
type Waits = Map<FetchStep, ReadonlySet<FetchStep>>;

/** Notes what each fetch of a step waits for; gives the step's fetches. */
function noteWaits(step: PlanStep, before: readonly FetchStep[], waits: Waits): FetchStep[] {
  if (step.kind === 'fetch') {
    waits.set(step, new Set(before));
    return [step];
  }
  const own: FetchStep[] = [];
  for (const inner of step.steps) {
    own.push(...noteWaits(inner, step.kind === 'sequence' ? [...before, ...own] : before, waits));
  }
  return own;
}

/** The requests that a plan is sent with, one list of fetches each. */
function requestsOf(plan: PlanStep): FetchStep[][] {
  const { setOf } = scheduleFetches(plan);
  const waits: Waits = new Map();
  const all = noteWaits(plan, [], waits);
  const alone = all.filter((fetch) => !setOf.has(fetch)).map((fetch) => [fetch]);
  const sets = [...new Set(setOf.values())].map((id) => all.filter((fetch) => setOf.get(fetch) === id));
  return [...alone, ...sets];
}

/** Sends round after round whatever waits for nothing any more; gives the round of each request, in the requests' order. */
function roundsOf(requests: readonly FetchStep[][], waits: Waits): (number | undefined)[] {
  const rounds = new Map<FetchStep[], number>();
  const isDone = new Set<FetchStep>();
  for (let round = 1; round <= waits.size; round++) {
    const due = requests.filter(
      (request) =>
        !rounds.has(request) &&
        request.every((fetch) => [...(waits.get(fetch) ?? [])].every((each) => isDone.has(each))),
    );
    for (const request of due) rounds.set(request, round);
    for (const fetch of due.flat()) isDone.add(fetch);
  }
  return requests.map((request) => rounds.get(request));
}

function lengthOf(step: PlanStep): number {
  if (step.kind === 'fetch') return 1;
  const lengths = step.steps.map(lengthOf);
  return step.kind === 'sequence' ? lengths.reduce((sum, each) => sum + each, 0) : Math.max(...lengths);
}

const subgraphs = fc.constantFrom('a', 'b', 'c');
const fetches = fc.oneof(
  { arbitrary: subgraphs.map((name) => entityStep(name)), weight: 5 },
  { arbitrary: subgraphs.map((name) => entityStep(name, { joinable: undefined })), weight: 1 },
);
const { plan: plans } = fc.letrec<{ plan: PlanStep }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fetches,
    fc.array(tie('plan'), { minLength: 2, maxLength: 3 }).map((steps) => sequence(...steps)),
    fc.array(tie('plan'), { minLength: 2, maxLength: 3 }).map((steps) => parallel(...steps)),
  ),
}));

/** The plan of the benchmark's nested query. */
function benchmarkPlan(): PlanStep {
  const products = (): PlanStep => sequence(entityStep('products'), entityStep('inventory'));
  return parallel(
    sequence(
      rootStep('accounts'),
      entityStep('reviews'),
      parallel(products(), entityStep('inventory'), entityStep('accounts'), products(), entityStep('inventory')),
    ),
    sequence(
      rootStep('products'),
      parallel(
        sequence(entityStep('reviews'), parallel(entityStep('accounts'), products(), entityStep('inventory'))),
        entityStep('inventory'),
      ),
    ),
  );
}

describe('the schedule of a plan', () => {
  it('sends the 16 fetches of the benchmark query in 6 requests', () => {
    const requests = requestsOf(benchmarkPlan());
    expect(requests.map((request) => `${request[0]?.subgraph} ${request.length}`).sort()).toEqual([
      'accounts 1',
      'accounts 2',
      'inventory 7',
      'products 1',
      'products 3',
      'reviews 2',
    ]);
  });

  it('makes no plan longer: every fetch is sent, and the last one no later than without sets', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const waits: Waits = new Map();
        noteWaits(plan, [], waits);
        const rounds = roundsOf(requestsOf(plan), waits).map((round) => round ?? Infinity);
        expect(Math.max(...rounds)).toBe(lengthOf(plan));
      }),
      { numRuns: 500 },
    );
  });

  it('lets only fetches of entities to one subgraph travel together, none with one that it waits for', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const waits: Waits = new Map();
        noteWaits(plan, [], waits);
        for (const request of requestsOf(plan).filter(({ length }) => length > 1)) {
          expect(new Set(request.map(({ subgraph }) => subgraph)).size).toBe(1);
          expect(request.every((fetch) => fetch.entity?.joinable !== undefined)).toBe(true);
          expect(request.some((fetch) => request.some((other) => waits.get(fetch)?.has(other)))).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('counts each set as large as it is', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { setOf, sizes } = scheduleFetches(plan);
        const counted = sizes.map((_, id) => [...setOf.values()].filter((each) => each === id).length);
        expect(counted).toEqual(sizes);
        expect(sizes.every((size) => size > 1)).toBe(true);
      }),
    );
  });

  it('lets a fetch that nobody waits for go with a later one to its subgraph', () => {
    const early = entityStep('a');
    const late = entityStep('a');
    const { setOf } = scheduleFetches(sequence(rootStep('r'), parallel(early, sequence(entityStep('b'), late))));
    expect([setOf.get(early), setOf.get(late)]).toEqual([0, 0]);
  });
});
