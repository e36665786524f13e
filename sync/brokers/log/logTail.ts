// The newest entries of a log in memory, as one list and by partition: what readers who keep up read, at no cost.
import { firstAfter, type LogEntry } from './logStore.ts';

/** How much a tail holds. */
export interface TailLimits {
  readonly entriesMax: number;
  readonly charactersMax: number;
}

/** Of what is over the limit a tenth more goes at once, so that lists are seldom copied. */
const KEPT_SHARE = 0.9;

/** The newest entries of a log. */
export class LogTail {
  readonly #limits: TailLimits;
  readonly #byPartition = new Map<string, LogEntry[]>();
  #all: LogEntry[] = [];
  #characters = 0;
  #trimmedSeq: number;

  /** Takes its limits, and the entry behind which it begins. */
  constructor(limits: TailLimits, trimmedSeq: number) {
    this.#limits = limits;
    this.#trimmedSeq = trimmedSeq;
  }

  /** Entries up to this one are not in it. */
  get trimmedSeq(): number {
    return this.#trimmedSeq;
  }

  /** Takes the next entries of the log. */
  append(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.#all.push(entry);
      this.#characters += entry.value.length;
      const name = `${entry.topic}/${entry.partition}`;
      const partition = this.#byPartition.get(name);
      if (partition === undefined) this.#byPartition.set(name, [entry]);
      else partition.push(entry);
    }
    const { entriesMax, charactersMax } = this.#limits;
    if (this.#all.length > entriesMax || this.#characters > charactersMax) this.#trim();
  }

  /** Reads entries of one partition; `afterSeq` is not before `trimmedSeq`. */
  readPartition(name: string, afterSeq: number, entriesMax: number): LogEntry[] {
    const entries = this.#byPartition.get(name) ?? [];
    const at = firstAfter(entries, afterSeq);
    return entries.slice(at, at + entriesMax);
  }

  /** Reads entries of some topics; `afterSeq` is not before `trimmedSeq`. */
  readTopics(topics: readonly string[], afterSeq: number, entriesMax: number): LogEntry[] {
    const found: LogEntry[] = [];
    for (let at = firstAfter(this.#all, afterSeq); at < this.#all.length && found.length < entriesMax; at++) {
      const entry = this.#all[at];
      if (entry !== undefined && topics.includes(entry.topic)) found.push(entry);
    }
    return found;
  }

  #trim(): void {
    const { entriesMax, charactersMax } = this.#limits;
    let at = 0;
    while (
      this.#all.length - at > entriesMax * KEPT_SHARE ||
      (this.#characters > charactersMax * KEPT_SHARE && at < this.#all.length)
    ) {
      this.#characters -= this.#all[at]?.value.length ?? 0;
      at += 1;
    }
    this.#trimmedSeq = this.#all[at - 1]?.seq ?? this.#trimmedSeq;
    this.#all = this.#all.slice(at);
    for (const [name, entries] of this.#byPartition) {
      const first = firstAfter(entries, this.#trimmedSeq);
      if (first === entries.length) this.#byPartition.delete(name);
      else if (first > 0) this.#byPartition.set(name, entries.slice(first));
    }
  }
}
