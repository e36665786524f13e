// What was dropped lately, so that an answer that was asked for before and comes after is not kept. Bounded: of what it
// has forgotten it knows the moment, and takes nothing that was asked for before that.
import { COPIES_FOLLOW_MS, type Drop } from './cacheStore.ts';

interface Dropped {
  readonly at: number;
  readonly atMs: number;
  readonly source: string;
  /** When another source's newest drop of the tag was: who holds copies of that follows it, whoever drops meanwhile. */
  readonly othersAtMs: number;
}

function othersAtMs(known: Dropped | undefined, source: string): number {
  if (known === undefined) return Number.NEGATIVE_INFINITY;
  return known.source === source ? known.othersAtMs : known.atMs;
}

/** The generations of tags. */
export class RecentDrops {
  private readonly tagsMax: number;
  /** By tag, the oldest first. */
  private readonly byTag = new Map<string, Dropped>();
  private readonly floors = new Map<string, number>();
  private floor = 0;
  private count = 0;
  /** Until when a copy may be old whose drop is forgotten. */
  private copiesOldUntilMs = Number.NEGATIVE_INFINITY;

  /** Takes how many tags it remembers. */
  constructor(tagsMax: number) {
    this.tagsMax = tagsMax;
  }

  /** The moment: a number that grows with each drop. */
  get now(): number {
    return this.count;
  }

  /** Notes a drop. */
  note({ tags, source }: Drop, nowMs: number): void {
    const at = ++this.count;
    for (const tag of tags) {
      const dropped = { at, atMs: nowMs, source, othersAtMs: othersAtMs(this.byTag.get(tag), source) };
      // The newest stands last.
      this.byTag.delete(tag);
      this.byTag.set(tag, dropped);
    }
    for (const [tag, oldest] of this.byTag) {
      if (this.byTag.size <= this.tagsMax) return;
      this.byTag.delete(tag);
      this.floor = Math.max(this.floor, oldest.at);
      this.copiesOldUntilMs = Math.max(this.copiesOldUntilMs, oldest.atMs + COPIES_FOLLOW_MS);
    }
  }

  /** Nothing of a subgraph that was asked for until now is taken any more; of none, without one. */
  noteForgotten(subgraph: string | undefined): void {
    this.count++;
    if (subgraph === undefined) this.floor = this.count;
    else this.floors.set(subgraph, this.count);
  }

  /** Says whether an answer of a subgraph that was asked for at a moment may be old by now. */
  isOld(tags: readonly string[], subgraph: string, ticket: number, nowMs: number): boolean {
    if (ticket < this.floor || ticket < (this.floors.get(subgraph) ?? 0) || nowMs < this.copiesOldUntilMs) return true;
    return tags.some((tag) => {
      const dropped = this.byTag.get(tag);
      if (dropped === undefined) return false;
      return dropped.at > ticket || nowMs - othersAtMs(dropped, subgraph) < COPIES_FOLLOW_MS;
    });
  }
}
