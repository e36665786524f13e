// In which order a window of rows is sent. One entity's events must arrive in the order of its versions, and nothing in
// a row but its version tells that order: the times of rows come from the clocks of several processes, and a scan of an
// index may see a row and not the one that was committed before it.
//
// Why this holds: version n + 1 of an entity can only be committed after version n, because both change one document.
// So when a window was read that holds version n + 1, all lower versions had been committed before, and a read that
// begins afterwards sees every one of them that is unsent. That second read may see versions above the window's too, but
// of those perhaps not all: they are left for a later window.
import type { RelayRow, UnsentOf } from './relayStore.ts';

/** How many entities' last versions are remembered. */
const REMEMBERED_MAX = 20_000;

/** Remembers up to which version entities were sent, so that nothing has to be looked for where none can be missing. */
export class SentVersions {
  readonly #last = new Map<string, number>();

  /** Notes rows that the broker has taken. */
  note(rows: readonly RelayRow[]): void {
    for (const { aggregateid, version } of rows) {
      const last = this.#last.get(aggregateid) ?? 0;
      this.#last.delete(aggregateid);
      this.#last.set(aggregateid, Math.max(last, version));
      const oldest = this.#last.keys().next().value;
      if (this.#last.size > REMEMBERED_MAX && oldest !== undefined) this.#last.delete(oldest);
    }
  }

  /** Whether an unsent row below this version can be. */
  mayMiss(id: string, version: number): boolean {
    return version > 1 && this.#last.get(id) !== version - 1;
  }

  /** Forgets all: another relay may have sent since. */
  clear(): void {
    this.#last.clear();
  }
}

/** Takes a window; gives its entities of which lower versions may be unsent outside it. */
export function entitiesToComplete(window: readonly RelayRow[], sent: SentVersions): string[] {
  const lowest = new Map<string, number>();
  const all = new Map<string, number>();
  for (const { aggregateid, version } of window) {
    lowest.set(aggregateid, Math.min(lowest.get(aggregateid) ?? Infinity, version));
    all.set(aggregateid, (all.get(aggregateid) ?? 0) + 1);
  }
  const highest = highestOf(window);
  return [...lowest].flatMap(([id, low]) => {
    const hasHole = (highest.get(id) ?? low) - low + 1 !== all.get(id);
    return hasHole || sent.mayMiss(id, low) ? [id] : [];
  });
}

function highestOf(rows: readonly RelayRow[]): Map<string, number> {
  const highest = new Map<string, number>();
  for (const { aggregateid, version } of rows) {
    highest.set(aggregateid, Math.max(highest.get(aggregateid) ?? 0, version));
  }
  return highest;
}

/** Nothing was to be completed. */
export const COMPLETE: UnsentOf = { rows: [], endedAt: undefined };

/**
 * Takes a window, those of its entities that had to be completed, and their unsent rows as they were read after it;
 * gives rounds: each holds at most one row of an entity, and an entity's rows stand in ascending versions from round to
 * round. Of entities whose rows are too many to be read at once the lowest are sent, or none yet.
 */
export function roundsOf(window: readonly RelayRow[], incomplete: readonly string[], later: UnsentOf): RelayRow[][] {
  const highest = highestOf(window);
  const cut = later.endedAt;
  const unread = new Set(cut === undefined ? [] : incomplete.filter((id) => id >= cut));
  const rows = new Map(window.filter((row) => !unread.has(row.aggregateid)).map((row) => [row._id, row]));
  for (const row of later.rows) if (row.version <= (highest.get(row.aggregateid) ?? 0)) rows.set(row._id, row);
  const byEntity = Map.groupBy(rows.values(), ({ aggregateid }) => aggregateid);
  const rounds: RelayRow[][] = [];
  for (const list of byEntity.values()) {
    list.sort((left, right) => left.version - right.version);
    list.forEach((row, at) => (rounds[at] ??= []).push(row));
  }
  return rounds;
}
