// Which programs and versions are told apart: so many a day, whatever requests say. Both come from outside, and anybody
// could invent a new one with each request; what comes beyond is `unknown`.
import { UNKNOWN_CLIENT, type StoredCaller } from '../../usage/usageDocuments.ts';

const DAY_MS = 86_400_000;

/** How many are told apart. */
export interface CallerBounds {
  readonly clientsMax: number;
  /** Versions of one key or client. */
  readonly versionsMax: number;
}

/** The callers of a day (UTC). */
export class KnownCallers {
  readonly #bounds: CallerBounds;
  /** The versions that were said, by key or client. */
  readonly #versions = new Map<string, Set<string>>();
  #clients = 0;
  #day = 0;

  constructor(bounds: CallerBounds) {
    this.#bounds = bounds;
  }

  /** Takes the moment; forgets the day before where a new one began. */
  turn(nowMs: number): void {
    const day = Math.floor(nowMs / DAY_MS);
    if (day === this.#day) return;
    this.#day = day;
    this.#clients = 0;
    this.#versions.clear();
  }

  /** Takes who a request says it is; gives who it is counted for. */
  bound(caller: StoredCaller): StoredCaller {
    const { kind, name, version } = caller;
    const owner = `${kind}\n${name}`;
    const known = this.#versions.get(owner);
    const isClient = kind === 'client' && name !== UNKNOWN_CLIENT;
    if (known === undefined && isClient) {
      if (this.#clients >= this.#bounds.clientsMax) return { kind, name: UNKNOWN_CLIENT };
      this.#clients++;
    }
    const versions = known ?? new Set();
    if (known === undefined) this.#versions.set(owner, versions);
    if (version === undefined || versions.has(version)) return caller;
    if (versions.size >= this.#bounds.versionsMax) return { kind, name, version: UNKNOWN_CLIENT };
    versions.add(version);
    return caller;
  }
}
