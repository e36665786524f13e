// Repeatable chance: one seed gives one sequence of choices.
import { seededRandom } from '../../platform/random.ts';

/** Draws choices from a seed. */
export interface Draw {
  /** A whole number from 0 up to, but not including, `below`. */
  below(below: number): number;
  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean;
  /** One of a list, which must not be empty. */
  pick<T>(list: readonly T[]): T;
}

/** Takes a seed; gives what draws from it. */
export function drawFrom(seed: number): Draw {
  const next = seededRandom(seed);
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    chance: (percent) => next() * 100 < percent,
    pick<T>(list: readonly T[]): T {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
