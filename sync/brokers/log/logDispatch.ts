// The inside of a broker of ours, over any log: takes messages, shares them among the members of groups, and shows them
// to followers. The memory broker uses it in its process, the local broker behind its connections.
import type { Clock } from '../../../platform/clock.ts';
import { PositionTooOld, type BrokerMessage } from '../broker.ts';
import { Group, type Member, type MemberPlan } from './group.ts';
import type { LogEntry, LogStore } from './logStore.ts';

const FOLLOW_ENTRIES_MAX = 256;
const FOLLOW_CHARACTERS_MAX = 512 * 1024;

/** What a follower of the log asks for. */
export interface FollowPlan {
  readonly topics: readonly string[];
  /** `now`, or a position. */
  readonly after: string;
  /** Gets entries in the order of the log; the next come when it has resolved. */
  deliver(entries: readonly LogEntry[]): Promise<void> | void;
}

/** A log with its groups and followers. */
export interface LogDispatch {
  /** Keeps the messages and gives them on. */
  append(messages: readonly BrokerMessage[]): void;
  join(group: string, plan: MemberPlan): Member;
  /** Throws PositionTooOld for a position that is not kept any more, or of another log. */
  follow(plan: FollowPlan): { close(): void };
  /** The position behind an entry, as text. */
  positionOf(seq: number): string;
}

function cutBatch(entries: readonly LogEntry[]): readonly LogEntry[] {
  let characters = 0;
  const end = entries.findIndex((entry) => (characters += entry.value.length) > FOLLOW_CHARACTERS_MAX);
  return end === -1 ? entries : entries.slice(0, end + 1);
}

/** One reader who sees everything from a place on. */
class Follower {
  readonly #store: LogStore;
  readonly #plan: FollowPlan;
  #afterSeq: number;
  #isRunning = false;
  #isClosed = false;

  constructor(store: LogStore, plan: FollowPlan, afterSeq: number) {
    this.#store = store;
    this.#plan = plan;
    this.#afterSeq = afterSeq;
  }

  wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => void this.#run());
  }

  close(): void {
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    const { topics } = this.#plan;
    try {
      while (!this.#isClosed) {
        const headSeq = this.#store.headSeq();
        const entries = cutBatch(this.#store.readTopics(topics, this.#afterSeq, FOLLOW_ENTRIES_MAX));
        if (entries.length === 0) {
          this.#afterSeq = headSeq;
          return;
        }
        this.#afterSeq = entries.at(-1)?.seq ?? this.#afterSeq;
        await this.#plan.deliver(entries);
      }
    } finally {
      this.#isRunning = false;
    }
  }
}

/** Takes a log; gives it with groups and followers. */
export function openLogDispatch(store: LogStore, clock: Clock): LogDispatch {
  const groups = new Map<string, Group>();
  const followers = new Set<Follower>();

  function seqOf(position: string): number {
    const [id, text] = position.split('.');
    const seq = Number(text);
    if (id !== store.id || !Number.isSafeInteger(seq) || seq < store.trimmedSeq() || seq > store.headSeq()) {
      throw new PositionTooOld(`the position ${position} is not kept here any more`);
    }
    return seq;
  }

  return {
    append(messages) {
      const entries = store.append(messages);
      for (const group of groups.values()) group.onAppended(entries);
      for (const follower of followers) follower.wake();
    },
    join(name, plan) {
      const group = groups.get(name) ?? new Group(name, store, clock);
      groups.set(name, group);
      return group.join(plan);
    },
    follow(plan) {
      const follower = new Follower(store, plan, plan.after === 'now' ? store.headSeq() : seqOf(plan.after));
      followers.add(follower);
      follower.wake();
      return {
        close() {
          followers.delete(follower);
          follower.close();
        },
      };
    },
    positionOf: (seq) => `${store.id}.${seq}`,
  };
}
