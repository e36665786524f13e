// What each input costs the gateway's processor: inputs are sent one at a time, and the process is let come to rest
// before the next, so that what it does after it has answered counts too. Linux only.
import { setTimeout as delay } from 'node:timers/promises';
import { processorTimeMs } from '../harness/processorTime.ts';

/** What one input may cost. */
export const INPUT_CPU_MS_MAX = 50;
const REST_MS = 1;
/** What the process does by itself in that time: timers, metrics. */
const REST_CPU_MS_MAX = 0.1;
const RESTS_MAX = 200;

/** What one input cost. */
export interface InputCost {
  readonly number: number;
  readonly family: string;
  readonly ms: number;
}

async function timeAtRest(processId: number): Promise<number> {
  let before = processorTimeMs(processId);
  for (let rests = 0; rests < RESTS_MAX; rests += 1) {
    await delay(REST_MS);
    const after = processorTimeMs(processId);
    if (after - before <= REST_CPU_MS_MAX) return after;
    before = after;
  }
  return before;
}

/** Takes a process and what makes it work; gives the milliseconds of processor time that it took over that. */
export async function costOf(processId: number, act: () => Promise<void>): Promise<number> {
  const before = processorTimeMs(processId);
  await act();
  return (await timeAtRest(processId)) - before;
}

/** Takes costs; gives those above what an input may cost. */
export function dearOf(costs: readonly InputCost[]): InputCost[] {
  return costs.filter(({ ms }) => ms > INPUT_CPU_MS_MAX);
}

/** Takes costs; gives how they are spread, and which were the dearest, in words. */
export function describeCosts(costs: readonly InputCost[]): string {
  const sorted = [...costs].sort((left, right) => left.ms - right.ms);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.ms ?? 0).toFixed(2);
  const dearest = sorted.slice(-5).reverse();
  const told = dearest.map(({ number, family, ms }) => `${family} ${number}: ${ms.toFixed(1)} ms`).join(', ');
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, max ${at(1)} ms (${told})`;
}
