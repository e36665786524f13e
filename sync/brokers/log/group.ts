// A group of consumers over a log: its members share the partitions, each partition has one owner at a time. When one
// comes or goes the partitions are shared anew; a partition changes hands when its owner has acknowledged what it got,
// or after HANDOVER_MS without it. A former owner's late word does nothing.
import type { Clock } from '../../../platform/clock.ts';
import { Cursor } from './cursor.ts';
import { PARTITIONS, type LogEntry, type LogStore } from './logStore.ts';

/** How long a partition waits for its former owner to acknowledge. */
export const HANDOVER_MS = 10_000;
/** How much one delivery holds at most. */
const BATCH_ENTRIES_MAX = 256;
const BATCH_CHARACTERS_MAX = 512 * 1024;

/** What a member asks for. */
export interface MemberPlan {
  readonly topics: readonly string[];
  readonly inFlightMax: number;
  /** Whether it can take more now; when it can again it calls `wake`. Always, without it. */
  readonly isReady?: () => boolean;
  /** Gets entries, in order per key. */
  deliver(entries: readonly LogEntry[]): void;
}

interface Slot {
  readonly cursors: Map<string, Cursor>;
  owner: Member | undefined;
  wanted: Member | undefined;
  cancelHandover: (() => void) | undefined;
}

/** One member of a group. */
export class Member {
  readonly plan: MemberPlan;
  /** What it has got and not acknowledged, by sequence. */
  readonly inFlight = new Map<number, Cursor>();
  isWoken = false;
  /** The partition with which the next delivery begins: a busy one must not keep the others waiting. */
  firstSlot = 0;
  readonly #group: Group;

  constructor(group: Group, plan: MemberPlan) {
    this.#group = group;
    this.plan = plan;
  }

  /** Acknowledges an entry; one that it does not hold (any more) is passed over. */
  ack(seq: number): void {
    this.#group.ack(this, seq);
  }

  /** Lets come again what was not acknowledged of the partition in which the entry lies. */
  redeliver(seq: number): void {
    this.#group.redeliver(this, seq);
  }

  /** Says that it can take more. */
  wake(): void {
    this.#group.wake(this);
  }

  /** Leaves the group: what it did not acknowledge goes to others, or waits. */
  leave(): void {
    this.#group.leave(this);
  }
}

/** A group of consumers. */
export class Group {
  readonly #name: string;
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #members: Member[] = [];
  readonly #slots: Slot[];

  constructor(name: string, store: LogStore, clock: Clock) {
    this.#name = name;
    this.#store = store;
    this.#clock = clock;
    this.#slots = Array.from({ length: PARTITIONS }, () => ({
      cursors: new Map<string, Cursor>(),
      owner: undefined,
      wanted: undefined,
      cancelHandover: undefined,
    }));
    for (const { topic, partition, seq } of store.placesOf(name)) {
      this.#slots[partition]?.cursors.set(topic, new Cursor(topic, partition, seq));
    }
  }

  /** Takes a new member; gives it. */
  join(plan: MemberPlan): Member {
    const member = new Member(this, plan);
    this.#members.push(member);
    for (const topic of plan.topics) this.#ensureCursors(topic);
    this.#share();
    return member;
  }

  leave(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at === -1) return;
    this.#members.splice(at, 1);
    for (const slot of this.#slots) if (slot.owner === member) this.#release(slot);
    this.#share();
  }

  /** Says that entries were appended. */
  onAppended(entries: readonly LogEntry[]): void {
    for (const { topic, partition } of entries) {
      const slot = this.#slots[partition];
      const cursor = slot?.cursors.get(topic);
      if (slot === undefined || cursor === undefined) continue;
      cursor.mayHaveMore = true;
      if (slot.owner?.plan.topics.includes(topic)) this.wake(slot.owner);
    }
  }

  ack(member: Member, seq: number): void {
    const cursor = member.inFlight.get(seq);
    if (cursor === undefined) return;
    member.inFlight.delete(seq);
    if (cursor.ack(seq)) {
      const { topic, partition, committedSeq } = cursor;
      this.#store.keepPlace({ group: this.#name, topic, partition, seq: committedSeq });
    }
    const slot = this.#slots[cursor.partition];
    if (slot !== undefined && slot.wanted !== slot.owner && !this.#isBusy(slot)) this.#handOver(slot);
    this.wake(member);
  }

  redeliver(member: Member, seq: number): void {
    const cursor = member.inFlight.get(seq);
    if (cursor === undefined) return;
    for (const [pending, its] of member.inFlight) if (its === cursor) member.inFlight.delete(pending);
    cursor.rewind();
    this.wake(member);
  }

  #ensureCursors(topic: string): void {
    for (const [partition, { cursors }] of this.#slots.entries()) {
      if (!cursors.has(topic)) cursors.set(topic, new Cursor(topic, partition, 0));
    }
  }

  /** Shares the partitions so that no member has two more than another, and as few as can be change hands. */
  #share(): void {
    const counts = new Map(this.#members.map((member) => [member, 0]));
    const most = Math.ceil(PARTITIONS / Math.max(1, this.#members.length));
    const free: Slot[] = [];
    for (const slot of this.#slots) {
      const count = slot.wanted === undefined ? undefined : counts.get(slot.wanted);
      if (slot.wanted === undefined || count === undefined || count >= most) free.push(slot);
      else counts.set(slot.wanted, count + 1);
    }
    for (const slot of free) {
      const [least] = [...counts].sort(([, a], [, b]) => a - b);
      slot.wanted = least?.[0];
      if (least !== undefined) counts.set(least[0], least[1] + 1);
    }
    for (const slot of this.#slots) this.#beginHandover(slot);
  }

  #beginHandover(slot: Slot): void {
    if (slot.wanted === slot.owner) return;
    if (!this.#isBusy(slot)) {
      this.#handOver(slot);
      return;
    }
    slot.cancelHandover ??= this.#clock.after(HANDOVER_MS, () => {
      slot.cancelHandover = undefined;
      if (slot.wanted !== slot.owner) this.#handOver(slot);
    });
  }

  #handOver(slot: Slot): void {
    this.#release(slot);
    slot.owner = slot.wanted;
    if (slot.owner !== undefined) this.wake(slot.owner);
  }

  #isBusy({ owner, cursors }: Slot): boolean {
    if (owner === undefined) return false;
    for (const cursor of owner.inFlight.values()) if (cursors.get(cursor.topic) === cursor) return true;
    return false;
  }

  #release(slot: Slot): void {
    slot.cancelHandover?.();
    slot.cancelHandover = undefined;
    const { owner, cursors } = slot;
    slot.owner = undefined;
    if (owner !== undefined) {
      for (const [seq, cursor] of owner.inFlight) if (cursors.get(cursor.topic) === cursor) owner.inFlight.delete(seq);
    }
    for (const cursor of cursors.values()) cursor.rewind();
  }

  wake(member: Member): void {
    if (member.isWoken) return;
    member.isWoken = true;
    queueMicrotask(() => {
      member.isWoken = false;
      if (this.#members.includes(member)) this.#deliver(member);
    });
  }

  #deliver(member: Member): void {
    if (member.plan.isReady?.() === false) return;
    const batch: LogEntry[] = [];
    let characters = 0;
    const first = member.firstSlot;
    member.firstSlot = (first + 1) % PARTITIONS;
    for (const slot of [...this.#slots.slice(first), ...this.#slots.slice(0, first)]) {
      // A partition that is to change hands gets nothing more, so that its owner can come to an end with it.
      if (slot.owner !== member || slot.wanted !== member) continue;
      for (const topic of member.plan.topics) {
        const cursor = slot.cursors.get(topic);
        if (cursor === undefined || !cursor.mayHaveMore || cursor.isFull) continue;
        const room = Math.min(member.plan.inFlightMax - member.inFlight.size, BATCH_ENTRIES_MAX - batch.length);
        if (room <= 0 || characters > BATCH_CHARACTERS_MAX) {
          this.#handBatch(member, batch, true);
          return;
        }
        characters += this.#take(member, cursor, room, batch);
      }
    }
    this.#handBatch(member, batch, false);
  }

  /** Puts a cursor's next entries into the batch; gives how many characters they have. */
  #take(member: Member, cursor: Cursor, room: number, batch: LogEntry[]): number {
    const { topic, partition } = cursor;
    const entries = this.#store.readPartition(topic, partition, cursor.deliveredSeq, room);
    cursor.mayHaveMore = entries.length === room;
    let characters = 0;
    for (const entry of entries) {
      if (characters > BATCH_CHARACTERS_MAX) {
        cursor.mayHaveMore = true;
        break;
      }
      characters += entry.value.length;
      cursor.deliver(entry.seq);
      member.inFlight.set(entry.seq, cursor);
      batch.push(entry);
    }
    return characters;
  }

  #handBatch(member: Member, batch: readonly LogEntry[], hasMore: boolean): void {
    if (batch.length === 0) return;
    member.plan.deliver(batch);
    if (hasMore && member.inFlight.size < member.plan.inFlightMax) this.wake(member);
  }
}
