// Draws of one seeded generator, in the forms that people and orders need. The same seed gives the same draws, so each
// customer has a generator of its own and any range of customers can be made without the ones before it.
import { seededRandom } from '../../platform/random.ts';

/** A seeded source of draws. */
export class Draw {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** True in `share` of the cases, from 0 to 1. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One element, each as likely as the others. Throws when there is none. */
  pick<T>(list: readonly T[]): T {
    return elementAt(list, Math.floor(this.next() * list.length));
  }

  /** One element, those in front far more often than those behind: how products sell. */
  pickPopular<T>(list: readonly T[]): T {
    const share = this.next();
    return elementAt(list, Math.floor(share * share * list.length));
  }

  /** One element by its weight; the weights of all are `sum`. */
  pickWeighted<T extends { readonly weight: number }>(list: readonly T[], sum = weightOf(list)): T {
    let left = this.next() * sum;
    for (const element of list) {
      left -= element.weight;
      if (left < 0) return element;
    }
    return elementAt(list, list.length - 1);
  }

  /** A moment of whole seconds from `fromMs` up to `toMs`. */
  moment(fromMs: number, toMs: number): number {
    return fromMs + Math.floor((this.next() * Math.max(0, toMs - fromMs)) / 1_000) * 1_000;
  }

  /** Replaces each `#` by a digit and each `@` by a capital letter. */
  fill(pattern: string): string {
    return pattern.replace(/[#@]/g, (sign) =>
      sign === '#' ? String(this.whole(0, 9)) : String.fromCharCode(this.whole(65, 90)),
    );
  }
}

/** Takes a list that has an element at `index`; gives it. Throws when it has not. */
export function elementAt<T>(list: readonly T[], index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`there is no element at ${index} of ${list.length}`);
  return element;
}

function weightOf(list: readonly { readonly weight: number }[]): number {
  return list.reduce((sum, { weight }) => sum + weight, 0);
}
