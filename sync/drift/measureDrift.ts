// Compares copies with their owners while both go on changing: range by range once, then what differed again after ten
// seconds, for a copy on its way is no drift. What was the same wrong copy all that time counts.
import type { Clock } from '../../platform/clock.ts';
import { compareRows, type Difference } from './compareRows.ts';
import type { DriftPair } from './driftPairs.ts';
import { RANGE_ROWS, type DriftRows, type KeyRange } from './readRows.ts';

/** How long a copy must be the same wrong one. */
export const LASTING_MS = 10_000;
/** How often copies that differ but still move are looked at. */
const LOOKS_MAX = 3;
/** So many differences of a pair are kept; more are a case for a full replay. */
export const DIFFERENCES_MAX = 10_000;
const EXAMPLES = 10;

/** What a comparison of one pair came to. */
export interface PairReport {
  readonly pair: string;
  readonly owner: string;
  readonly follower: string;
  /** How many keys of the owner were compared. */
  readonly compared: number;
  /** How many copies differed for longer than LASTING_MS. */
  readonly differences: number;
  /** Whether there may be more of them than DIFFERENCES_MAX. */
  readonly isCut: boolean;
  /** How many differed each time, but were another copy each time: they follow, and are late. */
  readonly moving: number;
  readonly examples: readonly Pick<Difference, 'key' | 'kind' | 'fields'>[];
}

/** A report with the keys of all that differs. */
export interface PairFindings {
  readonly pair: DriftPair;
  readonly report: PairReport;
  readonly keys: readonly string[];
}

/** What a comparison works with. */
export interface DriftParts {
  readonly rows: DriftRows;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how many keys were compared so far. */
  onProgress?(compared: number): void;
}

type Candidates = Map<string, Difference>;

async function compareRange(pair: DriftPair, { rows }: DriftParts, range: KeyRange) {
  const owned = await rows.owned(pair.copied.from, pair.owned, range);
  const last = owned.at(-1);
  const isEnd = 'keys' in range || owned.length < RANGE_ROWS;
  const whole: KeyRange = 'keys' in range ? range : { after: range.after, upto: isEnd ? undefined : last?.key };
  const copies = await rows.copied(pair.follower, pair.copied, whole);
  return { differences: compareRows(pair, owned, copies), compared: owned.length, last: isEnd ? undefined : last?.key };
}

async function walk(pair: DriftPair, parts: DriftParts): Promise<{ candidates: Candidates; compared: number }> {
  const candidates: Candidates = new Map();
  let compared = 0;
  for (let after: string | undefined = ''; after !== undefined && candidates.size < DIFFERENCES_MAX;) {
    parts.signal.throwIfAborted();
    const found = await compareRange(pair, parts, { after, upto: undefined });
    for (const difference of found.differences) candidates.set(difference.key, difference);
    compared += found.compared;
    parts.onProgress?.(compared);
    after = found.last;
  }
  return { candidates, compared };
}

/** Looks again at some keys; gives what differs of them now. */
async function lookAgain(pair: DriftPair, parts: DriftParts, keys: readonly string[]): Promise<Candidates> {
  const found: Candidates = new Map();
  for (let at = 0; at < keys.length; at += RANGE_ROWS) {
    const { differences } = await compareRange(pair, parts, { keys: keys.slice(at, at + RANGE_ROWS) });
    for (const difference of differences) found.set(difference.key, difference);
  }
  return found;
}

function wait({ clock, signal }: DriftParts, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    });
  });
}

/** The comparison of one pair, between its looks. */
class PairLook {
  readonly pair: DriftPair;
  readonly #compared: number;
  readonly #lasting: Difference[] = [];
  #moving: Candidates;
  readonly #isCut: boolean;

  constructor(pair: DriftPair, { candidates, compared }: { candidates: Candidates; compared: number }) {
    this.pair = pair;
    this.#compared = compared;
    this.#moving = candidates;
    this.#isCut = candidates.size >= DIFFERENCES_MAX;
  }

  get isOpen(): boolean {
    return this.#moving.size > 0;
  }

  async look(parts: DriftParts): Promise<void> {
    const before = this.#moving;
    this.#moving = await lookAgain(this.pair, parts, [...before.keys()]);
    for (const [key, difference] of this.#moving) {
      if (before.get(key)?.copyHash !== difference.copyHash) continue;
      this.#lasting.push(difference);
      this.#moving.delete(key);
    }
  }

  findings(): PairFindings {
    const { name, follower, copied } = this.pair;
    const examples = this.#lasting.slice(0, EXAMPLES).map(({ key, kind, fields }) => ({ key, kind, fields }));
    const counts = { compared: this.#compared, differences: this.#lasting.length, moving: this.#moving.size };
    const report = { pair: name, owner: copied.from, follower, ...counts, isCut: this.#isCut, examples };
    return { pair: this.pair, report, keys: this.#lasting.map(({ key }) => key) };
  }
}

/** Takes pairs; gives what differs for longer than LASTING_MS. Rejects where the signal fires. */
export async function measureDrift(pairs: readonly DriftPair[], parts: DriftParts): Promise<PairFindings[]> {
  const looks: PairLook[] = [];
  for (const pair of pairs) looks.push(new PairLook(pair, await walk(pair, parts)));
  for (let look = 0; look < LOOKS_MAX && looks.some(({ isOpen }) => isOpen); look++) {
    await wait(parts, LASTING_MS + 1);
    for (const one of looks) if (one.isOpen) await one.look(parts);
  }
  return looks.map((look) => look.findings());
}

/** Takes what was found; gives how many of these copies differ now, whether they move or not. */
export async function countLeft(findings: readonly PairFindings[], parts: DriftParts): Promise<number> {
  let left = 0;
  for (const { pair, keys } of findings) left += (await lookAgain(pair, parts, keys)).size;
  return left;
}
