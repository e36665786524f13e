// What keeps the messages of a broker of ours: an append-only log with one sequence over all topics, and how far each
// group has read. In memory (memoryLogStore.ts) or durable (../local/sqliteLogStore.ts); groups and followers are the same.
import type { BrokerMessage } from '../broker.ts';

/** How many partitions a topic has: so many members of a group can share the work. */
export const PARTITIONS = 16;

/** A message as it lies in the log. */
export interface LogEntry extends BrokerMessage {
  /** Its place in the log, from 1; only ever grows. */
  readonly seq: number;
  /** Of 0 to PARTITIONS - 1, by the key. */
  readonly partition: number;
}

/** Where a group stands in one partition of one topic. */
export interface GroupPlace {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The last entry of which it and all before are acknowledged. */
  readonly seq: number;
}

/** A log of messages. All of it works at once: what `append` gives back is kept. */
export interface LogStore {
  /** Drawn when the log was made: positions of another log are known by it. */
  readonly id: string;
  /** The last entry's sequence; 0: there was none yet. */
  headSeq(): number;
  /** All entries up to this one may be gone. */
  trimmedSeq(): number;
  /** Keeps the messages in the order of the list; gives them as they lie in the log. */
  append(messages: readonly BrokerMessage[]): LogEntry[];
  /** Reads at most `entriesMax` entries of one partition behind `afterSeq`. */
  readPartition(topic: string, partition: number, afterSeq: number, entriesMax: number): LogEntry[];
  /** Reads at most `entriesMax` entries of the topics behind `afterSeq`, in the order of the log. */
  readTopics(topics: readonly string[], afterSeq: number, entriesMax: number): LogEntry[];
  /** The places that a group has kept. */
  placesOf(group: string): GroupPlace[];
  /** Keeps a place; may be kept a little later: acknowledging is allowed to be repeated. */
  keepPlace(place: GroupPlace): void;
}

/** Takes a key; gives its partition (FNV-1a over the UTF-16 units). */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % PARTITIONS;
}

/** Takes entries sorted by sequence; gives the place of the first one behind `afterSeq`. */
export function firstAfter(entries: readonly LogEntry[], afterSeq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.seq ?? 0) <= afterSeq) low = middle + 1;
    else high = middle;
  }
  return low;
}
