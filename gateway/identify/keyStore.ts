// The port of the key store: what is kept of an API key, and what is asked of whoever keeps it. Secrets are not kept,
// only their HMAC (access.md, section 1).
import type { CallerLimits, DenialMode } from '../caller.ts';
import type { AuditDraft } from './audit.ts';

/** One secret of a key: two while a rotation's overlap lasts. */
export interface StoredSecret {
  /** HMAC-SHA-256 of the secret under the pepper of that number. */
  readonly hash: Buffer;
  readonly pepper: number;
  readonly lastFour: string;
  readonly createdAt: Date;
  /** When it stops to work; undefined for as long as the key lives. */
  readonly endsAt: Date | undefined;
}

/** What is kept of a key. */
export interface KeyRecord {
  /** 12 characters of base62. */
  readonly id: string;
  readonly env: 'live' | 'test';
  readonly secrets: readonly StoredSecret[];
  readonly owner: string;
  readonly purpose: string;
  /** Expanded: without wildcards. */
  readonly scopes: readonly string[];
  readonly contract: string | undefined;
  readonly denial: DenialMode;
  readonly registeredOnly: boolean;
  /** CIDR ranges; empty for anywhere. */
  readonly networks: readonly string[];
  readonly limits: CallerLimits;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | undefined;
  readonly revokedReason: string | undefined;
  /** To the minute. */
  readonly lastUsedAt: Date | undefined;
  readonly lastUsedFrom: string | undefined;
  /** Grows with each change: an older record never replaces a newer one in a cache. */
  readonly version: number;
}

/** A key that changed, and the version that it has now. */
export type ChangedKey = Pick<KeyRecord, 'id' | 'version'>;

/** What the request's way asks of the store. */
export interface KeyReader {
  /** Gives the key; undefined for one that there is not. Rejects when the store is away. */
  find(id: string): Promise<KeyRecord | undefined>;
  /** The keys that changed after a moment and their versions, for gateways that missed the push. */
  changedSince(moment: Date): Promise<readonly ChangedKey[]>;
  /** Notes the latest use of keys, in one write. */
  noteUses(uses: ReadonlyMap<string, { readonly at: Date; readonly from: string }>): Promise<void>;
}

/** What managing keys asks of the store. A change and its audit entries are there together, or neither is. */
export interface KeyStore extends KeyReader {
  insert(key: KeyRecord, entries: readonly AuditDraft[]): Promise<void>;
  /** All keys, by id. */
  list(): Promise<readonly KeyRecord[]>;
  /** Replaces a key, but for its last use, if its version is still `version`; gives whether it was. */
  replace(key: KeyRecord, version: number, entries: readonly AuditDraft[]): Promise<boolean>;
}
