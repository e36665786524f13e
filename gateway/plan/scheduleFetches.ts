// When each fetch of a plan is best sent, so that as few requests as possible are made and none of them makes the whole
// longer: fetches to one subgraph that may run at the same moment travel together, and one that nobody waits for yet
// goes with a later one to its subgraph. Worked out once per operation, in steps of one fetch each: a subgraph that is
// asked twice on the longest way is asked twice, whatever hangs beside that way comes along.
import type { FetchSchedule, FetchStep, PlanStep } from '../compiledOperation.ts';

type Levels = Map<FetchStep, number>;

/** The fetches of a step, in the plan's order. */
function fetchesOf(step: PlanStep): FetchStep[] {
  return step.kind === 'fetch' ? [step] : step.steps.flatMap(fetchesOf);
}

/** How many fetches follow each other at most. */
function lengthOf(step: PlanStep): number {
  if (step.kind === 'fetch') return 1;
  const lengths = step.steps.map(lengthOf);
  return step.kind === 'sequence' ? lengths.reduce((sum, length) => sum + length, 0) : Math.max(0, ...lengths);
}

/** Notes the latest moment of each fetch that makes nothing longer; `end` is the moment after the step. */
function noteLatest(step: PlanStep, end: number, latest: Levels): void {
  if (step.kind === 'fetch') {
    latest.set(step, end - 1);
    return;
  }
  let after = end;
  for (const inner of [...step.steps].reverse()) {
    noteLatest(inner, after, latest);
    if (step.kind === 'sequence') after -= lengthOf(inner);
  }
}

/** The fetches that have no moment yet and whose turn it could be; gives whether the step was over before `now`. */
function findReady(step: PlanStep, now: number, levels: Levels, ready: FetchStep[]): boolean {
  if (step.kind === 'fetch') {
    const level = levels.get(step);
    if (level === undefined) ready.push(step);
    return level !== undefined && level < now;
  }
  let isOver = true;
  for (const inner of step.steps) {
    if (!findReady(inner, now, levels, ready)) isOver = false;
    if (!isOver && step.kind === 'sequence') return false;
  }
  return isOver;
}

/** Takes a plan; gives which of its fetches travel together. */
export function scheduleFetches(plan: PlanStep): FetchSchedule {
  const levels: Levels = new Map();
  const latest: Levels = new Map();
  const length = lengthOf(plan);
  noteLatest(plan, length, latest);
  const all = fetchesOf(plan);
  const setOf = new Map<FetchStep, number>();
  const sizes: number[] = [];
  for (let now = 0; now < length; now++) {
    const ready: FetchStep[] = [];
    findReady(plan, now, levels, ready);
    for (const subgraph of new Set(ready.map((fetch) => fetch.subgraph))) {
      const own = ready.filter((fetch) => fetch.subgraph === subgraph);
      const isDue = own.some((fetch) => fetch.entity?.joinable === undefined || (latest.get(fetch) ?? 0) <= now);
      const isLast = !all.some((fetch) => fetch.subgraph === subgraph && !levels.has(fetch) && !own.includes(fetch));
      if (!isDue && !isLast) continue;
      for (const fetch of own) levels.set(fetch, now);
      const joined = own.filter((fetch) => fetch.entity?.joinable !== undefined);
      if (joined.length < 2) continue;
      for (const fetch of joined) setOf.set(fetch, sizes.length);
      sizes.push(joined.length);
    }
  }
  return { setOf, sizes };
}
