// Counts failed attempts per address and in all, in front of the key store: leaky buckets in memory of a fixed size,
// whatever number of addresses tries. Counting costs the same for an attempt that failed and one that did not.
import type { Clock } from '../../../platform/clock.ts';
import { drawSecret } from '../../../platform/random.ts';
import { subnetOf } from './networks.ts';

/** How many failures are let pass. */
export interface AttemptLimits {
  readonly addressBurst: number;
  readonly addressPerSecond: number;
  /** All addresses together; counted are those that may reach the store. */
  readonly totalBurst: number;
  readonly totalPerSecond: number;
}

/** What an attempt counts towards: what cannot reach the store does not use up what all share. */
export type AttemptReach = 'address' | 'address and total';

/** The count of failed attempts. */
export interface FailedAttempts {
  /** Milliseconds until an attempt may fail again; 0: now. */
  waitMs(address: string | undefined, reach: AttemptReach): number;
  /** Counts an attempt, as a failure or with no weight; gives what `waitMs` gave before it. */
  count(address: string | undefined, reach: AttemptReach, failures: 0 | 1): number;
  /** Takes one back that was counted and proved right. */
  takeBack(address: string | undefined, reach: AttemptReach): void;
}

/** Slots of a row: an address has one in each of two rows, and shares both with another only once in 2^28 pairs. */
const SLOTS = 16_384;

/** One bucket: how full it is, and when that was so. */
interface Row {
  readonly seed: number;
  readonly level: Float64Array;
  readonly atMs: Float64Array;
}

function openRow(): Row {
  return {
    seed: Number.parseInt(drawSecret(4), 16),
    level: new Float64Array(SLOTS),
    atMs: new Float64Array(SLOTS),
  };
}

/** FNV-1a from a seed that nobody knows, mixed once more at the end. */
function slotOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (SLOTS - 1);
}

/** Opens the count. */
export function openFailedAttempts(limits: AttemptLimits, clock: Clock): FailedAttempts {
  const rows = [openRow(), openRow()] as const;
  const total: Row = { seed: 0, level: new Float64Array(1), atMs: new Float64Array(1) };

  const drain = (row: Row, slot: number, perSecond: number, nowMs: number): number => {
    const level = row.level[slot] ?? 0;
    const since = nowMs - (row.atMs[slot] ?? 0);
    const left = Math.max(0, level - (since * perSecond) / 1_000);
    row.level[slot] = left;
    row.atMs[slot] = nowMs;
    return left;
  };

  /** Adds to the buckets unless they are full; gives how long until there is room for one more. */
  const add = (address: string | undefined, reach: AttemptReach, failures: number): number => {
    const subnet = subnetOf(address);
    const nowMs = clock.steadyMs();
    const first = slotOf(subnet, rows[0].seed);
    const second = slotOf(subnet, rows[1].seed);
    const own = Math.min(
      drain(rows[0], first, limits.addressPerSecond, nowMs),
      drain(rows[1], second, limits.addressPerSecond, nowMs),
    );
    const all = drain(total, 0, limits.totalPerSecond, nowMs);
    const shared = reach === 'address' ? 0 : 1;
    const ownWaitMs = (Math.max(0, own + 1 - limits.addressBurst) * 1_000) / limits.addressPerSecond;
    const allWaitMs = (Math.max(0, all + 1 - limits.totalBurst) * 1_000 * shared) / limits.totalPerSecond;
    const waitMs = Math.max(ownWaitMs, allWaitMs);
    const added = waitMs > 0 ? 0 : failures;
    rows[0].level[first] = (rows[0].level[first] ?? 0) + added;
    rows[1].level[second] = (rows[1].level[second] ?? 0) + added;
    total.level[0] = (total.level[0] ?? 0) + added * shared;
    return waitMs;
  };

  return {
    waitMs: (address, reach) => add(address, reach, 0),
    count: add,
    takeBack(address, reach) {
      const subnet = subnetOf(address);
      for (const row of rows) {
        const slot = slotOf(subnet, row.seed);
        row.level[slot] = Math.max(0, (row.level[slot] ?? 0) - 1);
      }
      if (reach !== 'address') total.level[0] = Math.max(0, (total.level[0] ?? 0) - 1);
    },
  };
}
