// Guarantee: how long a refusal takes does not tell whether a key exists, is revoked or has expired.
// Attack: times 21,000 interleaved tries of seven kinds and compares every two of them by Welch's t, as dudect does.
// Learned from: Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?" (2017): |t| over 4.5 is a leak.
import { openIdentify } from '../../gateway/identify/openIdentify.ts';
import type { KeyRecord } from '../../gateway/identify/keyStore.ts';
import type { Peppers } from '../../gateway/identify/peppers.ts';
import type { RequestHead } from '../../gateway/identify/readCredential.ts';
import { seededRandom } from '../../platform/random.ts';
import { openHandClock } from '../harness/handClock.ts';
import {
  drawTestKey,
  headOf,
  NO_LOG,
  openTestStore,
  TEST_PEPPERS,
  withWrongSecret,
  type TestKey,
} from '../harness/identifyParts.ts';

const TRIES_PER_KIND = 3_000;
const KEYS_PER_KIND = 50;
const LEAK_T = 4.5;
/** What other work on the machine adds comes out of the slowest tries. */
const KEPT_PART = 0.9;

const REVOKED = { revokedAt: new Date(1) };
const EXPIRED = { expiresAt: new Date(1) };

/** A kind of try: the key that is kept, if any, and what is sent. */
interface Kind {
  readonly name: string;
  draw(): { readonly kept?: TestKey; readonly sent: TestKey };
}

function kindOf(name: string, changes: Partial<KeyRecord>, send: (key: TestKey) => TestKey): Kind {
  return {
    name,
    draw() {
      const kept = drawTestKey(changes);
      return { kept, sent: send(kept) };
    },
  };
}

const asIs = (key: TestKey): TestKey => key;
const KINDS: readonly Kind[] = [
  { name: 'unknown id', draw: () => ({ sent: withWrongSecret(drawTestKey()) }) },
  kindOf('wrong secret', {}, withWrongSecret),
  kindOf('wrong secret, revoked', REVOKED, withWrongSecret),
  kindOf('wrong secret, expired', EXPIRED, withWrongSecret),
  kindOf('revoked', REVOKED, asIs),
  kindOf('expired', EXPIRED, asIs),
  kindOf('right', {}, asIs),
];

interface Try {
  readonly name: string;
  readonly sent: TestKey;
}

/** Keys of all kinds in turn: where something lies in memory must not go with its kind. */
function drawTries(random: () => number): { tries: Try[]; kept: TestKey[] } {
  const kept: TestKey[] = [];
  const keys = Array.from({ length: KEYS_PER_KIND }, () =>
    KINDS.map((kind) => {
      const drawn = kind.draw();
      if (drawn.kept !== undefined) kept.push(drawn.kept);
      return { name: kind.name, sent: drawn.sent };
    }),
  ).flat();
  const tries = Array.from({ length: TRIES_PER_KIND / KEYS_PER_KIND }, () => keys).flat();
  const ordered = tries.map((one) => ({ one, order: random() })).sort((left, right) => left.order - right.order);
  return { tries: ordered.map(({ one }) => one), kept };
}

/** Every try from an address of its own, so that none is refused for their number. */
function headAt(key: TestKey, at: number): RequestHead {
  return headOf(key, `10.${100 + (at >> 16)}.${100 + ((at >> 8) & 127)}.${100 + (at & 127)}`);
}

async function timeTries(peppers: Peppers, seed: number): Promise<ReadonlyMap<string, number[]>> {
  const { tries, kept } = drawTries(seededRandom(seed));
  const parts = { peppers, feed: undefined, people: undefined, clock: openHandClock(), log: NO_LOG };
  const identify = openIdentify({ ...parts, store: openTestStore(...kept) });
  // All are looked up before: what is timed is the answer from memory. Once each, from addresses of their own.
  const distinct = [...new Set(tries.map(({ sent }) => sent))];
  for (const [at, key] of distinct.entries()) await identify.authenticate(headAt(key, 6_000_000 + at));
  const heads = tries.map(({ name, sent }, at) => ({ name, head: headAt(sent, at) }));
  const times = new Map<string, number[]>(KINDS.map(({ name }) => [name, []]));
  for (const { name, head } of heads) {
    const startNs = process.hrtime.bigint();
    const outcome = identify.authenticate(head);
    const ns = Number(process.hrtime.bigint() - startNs);
    if (outcome instanceof Promise) throw new Error('a key that was looked up is not known');
    times.get(name)?.push(ns);
  }
  await identify.stop();
  return times;
}

function welchT(left: readonly number[], right: readonly number[]): number {
  const [one, other] = [left, right].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: variance / values.length };
  });
  if (one === undefined || other === undefined) return Infinity;
  return Math.abs(one.mean - other.mean) / Math.sqrt(one.error + other.error);
}

/** The t of every two kinds, by their names. */
function compareAll(times: ReadonlyMap<string, number[]>): ReadonlyMap<string, number> {
  const all = [...times.values()].flat().sort((left, right) => left - right);
  const slowest = all[Math.floor(all.length * KEPT_PART)] ?? Infinity;
  const kept = [...times].map(([name, values]) => [name, values.filter((value) => value < slowest)] as const);
  return new Map(
    kept.flatMap(([name, values], at) =>
      kept.slice(at + 1).map(([other, others]) => [`${name} / ${other}`, welchT(values, others)] as const),
    ),
  );
}

/** Whether a stored secret stands in for one that there is not. */
function isOfNoKey(stored: object | undefined): boolean {
  return stored === undefined || ('lastFour' in stored && stored.lastFour === '');
}

/** The pairs that leak in each of three rounds: chance makes one round of 21 pairs slip, and no pair three times. */
async function findLeaks(peppers: Peppers): Promise<string[]> {
  let leaks: string[] | undefined;
  for (const seed of [1, 2, 3]) {
    const found = [...compareAll(await timeTries(peppers, seed))].filter(([, t]) => t >= LEAK_T).map(([pair]) => pair);
    leaks = (leaks ?? found).filter((pair) => found.includes(pair));
    if (leaks.length === 0) return [];
  }
  return leaks ?? [];
}

describe('K1: timing of refusals', () => {
  it('takes as long for an unknown id, a wrong secret, a revoked, an expired and a right key', async () => {
    expect(await findLeaks(TEST_PEPPERS)).toEqual([]);
  });

  it('is measured finely enough to see one hash that is left out', async () => {
    const leaky: Peppers = {
      ...TEST_PEPPERS,
      matches: (secret, stored) => !isOfNoKey(stored) && TEST_PEPPERS.matches(secret, stored),
    };
    expect(await findLeaks(leaky)).toContain('unknown id / wrong secret');
  });
});
