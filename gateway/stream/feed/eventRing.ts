// The newest events of this process, in the order in which they came, each found by its position: who was cut off a
// moment ago goes on from here without asking the broker. Bounded in number; the oldest go.
import type { FeedEvent } from './feedEvent.ts';

/** Where a reader of the ring can stand: behind an event, or behind a message that is none for streams. */
interface Place {
  readonly position: string;
  readonly event: FeedEvent | undefined;
}

/** Keeps the newest `placesMax` places. */
export class EventRing {
  private readonly placesMax: number;
  private places: Place[] = [];
  /** The number of the first one that is kept. */
  private first = 0;
  private readonly numbers = new Map<string, number>();

  constructor(placesMax: number) {
    this.placesMax = placesMax;
  }

  get head(): string | undefined {
    return this.places.at(-1)?.position;
  }

  add(position: string, event: FeedEvent | undefined): void {
    this.numbers.set(position, this.first + this.places.length);
    this.places.push({ position, event });
    // In large pieces: moving all for each that goes would cost more than all the rest.
    if (this.places.length < this.placesMax + this.placesMax / 4) return;
    const gone = this.places.slice(0, this.places.length - this.placesMax);
    this.places = this.places.slice(gone.length);
    for (const place of gone) {
      if ((this.numbers.get(place.position) ?? Infinity) < this.first + gone.length)
        this.numbers.delete(place.position);
    }
    this.first += gone.length;
  }

  /** Gives the events behind a position; undefined for one that is not kept. */
  behind(position: string): FeedEvent[] | undefined {
    const number = this.numbers.get(position);
    if (number === undefined) return undefined;
    return this.places.slice(number + 1 - this.first).flatMap(({ event }) => event ?? []);
  }
}
