// First in, first out, and out of the middle too, each in one step whatever the length. What comes and goes with every
// request stands in such a line, never in a Set or Map that lives on: when those grow, V8 chains the old table to the new
// one, and once one of these tables is old to the garbage collector, it keeps all that stood in it and in those after
// it until the next full collection. Half of all that was allocated lived on so, and was copied twice.

/** A place in a line; an element is in one line at most. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/** A line. */
export class Fifo<T> {
  private first: Place<T> | undefined;
  private last: Place<T> | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Who stands first. */
  get head(): T | undefined {
    return this.first?.value;
  }

  /** Puts a value at the end; gives its place, by which it can be taken out. */
  push(value: T): Place<T> {
    const place: Place<T> = { value, before: this.last, after: undefined };
    if (this.last === undefined) this.first = place;
    else this.last.after = place;
    this.last = place;
    this.count++;
    return place;
  }

  /** Gives those who stand in the line now, in order. */
  places(): Place<T>[] {
    const places: Place<T>[] = [];
    for (let place = this.first; place !== undefined; place = place.after) places.push(place);
    return places;
  }

  /** Takes who stands first out. */
  shift(): T | undefined {
    const place = this.first;
    if (place === undefined) return undefined;
    this.remove(place);
    return place.value;
  }

  /** Takes a place out that stands in this line. */
  remove(place: Place<T>): void {
    const { before, after } = place;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.last = before;
    else after.before = before;
    place.before = undefined;
    place.after = undefined;
    this.count--;
  }
}
