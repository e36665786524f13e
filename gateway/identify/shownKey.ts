// A key as it is shown to whoever manages keys: everything but the hashes of its secrets. The command line's JSON and the
// admin port's answers have this form.
import { showKey } from './apiKey.ts';
import type { KeyRecord } from './keyStore.ts';

/** What a key can do at this moment. */
export type KeyStatus = 'active' | 'expired' | 'revoked';

/** One secret of a shown key. */
interface ShownSecret {
  readonly shown: string;
  readonly createdAt: string;
  readonly endsAt: string | null;
}

/** A key without its hashes; moments in ISO 8601. */
export interface ShownKey extends Omit<
  KeyRecord,
  'secrets' | 'contract' | MomentName | 'revokedReason' | 'lastUsedFrom'
> {
  readonly status: KeyStatus;
  readonly secrets: readonly ShownSecret[];
  readonly contract: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokedReason: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
}
type MomentName = 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastUsedAt';

/** Says what a key can do now. */
export function statusOf(key: Pick<KeyRecord, 'revokedAt' | 'expiresAt'>, now: Date): KeyStatus {
  if (key.revokedAt !== undefined) return 'revoked';
  return key.expiresAt <= now ? 'expired' : 'active';
}

/** Takes a record and the moment; gives what may be shown of it. */
export function showRecord(key: KeyRecord, now: Date): ShownKey {
  return {
    ...key,
    status: statusOf(key, now),
    secrets: key.secrets.map(({ lastFour, createdAt, endsAt }) => ({
      shown: showKey(key.env, key.id, lastFour),
      createdAt: createdAt.toISOString(),
      endsAt: endsAt?.toISOString() ?? null,
    })),
    contract: key.contract ?? null,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
    revokedReason: key.revokedReason ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    lastUsedFrom: key.lastUsedFrom ?? null,
  };
}
