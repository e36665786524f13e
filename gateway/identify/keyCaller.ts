// What a key's record comes to for the request's way: the caller that it makes, the secrets that prove it, where it may
// be used from. Made once when the record is read, not for each request.
import { createHash } from 'node:crypto';
import type { Caller } from '../caller.ts';
import type { Peppers } from './peppers.ts';
import type { KeyRecord, StoredSecret } from './keyStore.ts';
import { openNetworks, type Networks } from './address/networks.ts';

/** A key as the request's way needs it. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly caller: Caller;
  /** Undefined for anywhere. */
  readonly networks: Networks | undefined;
  readonly expiresMs: number;
  readonly isRevoked: boolean;
}

/** What a secret proved: `ended` is one that was right until its rotation's overlap ended. */
export type Proof = 'right' | 'ended' | 'wrong';

type Rights = Pick<Caller, 'scopes' | 'contract' | 'denial' | 'registeredOnly'>;

/** Every key is proved against as many secrets as a rotation can leave it with: its number of them costs no time. */
const SECRETS_MAX = 2;
const NO_CLAIMS = Object.freeze({});

/** A caller that came with neither key nor token. */
export const NOBODY: Caller = Object.freeze({
  kind: 'nobody',
  id: 'nobody',
  scopes: new Set<string>(),
  contract: undefined,
  denial: 'refuse',
  registeredOnly: false,
  limits: undefined,
  rights: 'nobody',
  claims: NO_CLAIMS,
});

/**
 * Names rights: the same text for the same scopes in any order, contract, denial and registered operations, and for the
 * same `claims` where policies read them. A hash, as it becomes a part of keys of maps.
 */
export function nameRights(rights: Rights, claims?: Readonly<Record<string, unknown>>): string {
  const { scopes, contract, denial, registeredOnly } = rights;
  const parts = [[...scopes].sort(), contract ?? null, denial, registeredOnly, claims ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Takes a key's record; gives the key as the request's way needs it. */
export function readKnownKey(record: KeyRecord): KnownKey {
  const rights: Rights = {
    scopes: new Set(record.scopes),
    contract: record.contract,
    denial: record.denial,
    registeredOnly: record.registeredOnly,
  };
  const caller: Caller = Object.freeze({
    kind: 'key',
    id: `key:${record.id}`,
    ...rights,
    limits: record.limits,
    rights: nameRights(rights),
    claims: NO_CLAIMS,
  });
  return {
    record,
    caller,
    networks: record.networks.length === 0 ? undefined : openNetworks(record.networks),
    expiresMs: record.expiresAt.getTime(),
    isRevoked: record.revokedAt !== undefined,
  };
}

function proofOf(stored: StoredSecret | undefined, nowMs: number): Proof {
  return stored?.endsAt !== undefined && stored.endsAt.getTime() <= nowMs ? 'ended' : 'right';
}

/** Proves a secret, with the same work for every key, and for none. */
export function proveSecret(secret: string, key: KnownKey | undefined, peppers: Peppers, nowMs: number): Proof {
  let proof: Proof = 'wrong';
  for (let at = 0; at < SECRETS_MAX; at++) {
    const stored = key?.record.secrets[at];
    const isRight = peppers.matches(secret, stored);
    const proves = proofOf(stored, nowMs);
    if (isRight && proof !== 'right') proof = proves;
  }
  return proof;
}
