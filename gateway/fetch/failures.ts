// What went wrong, by the place in the tree where a value is missing for it. The answer's shape turns places into the
// client's paths; places that the client did not ask for stay unsaid.
import type { Failure, FailureMap, Fields } from '../compiledOperation.ts';

type Path = readonly (string | number)[];

function own(value: object, step: string | number): unknown {
  return Object.hasOwn(value, step) ? (value as Fields)[step] : undefined;
}

/** Collects the failures of one run. */
export class FailureLog {
  readonly byPlace: FailureMap = new Map();
  readonly loose: Failure[] = [];

  get isEmpty(): boolean {
    return this.byPlace.size === 0;
  }

  /** Says that a value of an object is missing. */
  mark(object: object, key: string | number, failure: Failure): void {
    const places = this.byPlace.get(object);
    if (places === undefined) {
      this.byPlace.set(object, new Map([[key, [failure]]]));
      return;
    }
    const known = places.get(key);
    if (known === undefined) places.set(key, [failure]);
    else known.push(failure);
  }

  /** Says what went wrong at a path from an object: the nearest place that is there is marked. */
  markPath(object: Fields, path: Path, failure: Failure): void {
    let place: object = object;
    for (let at = 0; at < path.length; at++) {
      const step = path[at];
      if (step === undefined) return;
      const next = own(place, step);
      if (at === path.length - 1 || typeof next !== 'object' || next === null) {
        this.mark(place, step, { ...failure, beneath: path.slice(at + 1) });
        return;
      }
      place = next;
    }
  }

  /** Says whether a place failed; bound, since readers take it as a function. */
  readonly isFailed = (object: object, key: string | number): boolean => this.byPlace.get(object)?.has(key) === true;

  /** The first failure of a place. */
  of(object: object, key: string | number): Failure | undefined {
    return this.byPlace.get(object)?.get(key)?.[0];
  }
}
