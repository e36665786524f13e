// What a key's record comes to for the request's way: the caller that it makes, the secrets that prove it, where it may
// be used from. Made once when the record is read, not for each request.
import { createHash } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { drawSecret } from '../../platform/random.ts';
import type { Peppers } from './peppers.ts';
import type { KeyRecord, StoredSecret } from './keyStore.ts';
import type { KeyUse } from './uses.ts';
import { openNetworks, type Networks } from './address/networks.ts';

/** A key as the request's way needs it. */
export interface KnownKey {
  readonly record: KeyRecord;
  readonly caller: Caller;
  /** The same caller by a secret that a rotation ends: told by itself, as it ends sooner. */
  readonly endingCaller: Caller;
  /** Always as many as a rotation can leave a key with: how many it has costs no time. */
  readonly secrets: readonly StoredSecret[];
  readonly use: KeyUse;
  /** Undefined for anywhere. */
  readonly networks: Networks | undefined;
  readonly expiresMs: number;
  readonly isRevoked: boolean;
}

/** What a secret proved: `ending` is one that its rotation's overlap still lets in, `ended` one whose overlap is over. */
export type Proof = 'right' | 'ending' | 'ended' | 'wrong';

type Rights = Pick<Caller, 'scopes' | 'contract' | 'denial' | 'registeredOnly'>;

const SECRETS_MAX = 2;
const NO_HASH_BYTES = 32;
const NO_KEYS = 256;
const NOTHING_ALLOWED = {
  ...{ pointsPerSecond: 0, pointsBurst: 0, requestsPerSecond: 0, concurrentRequestsMax: 0 },
  pointsPerDay: undefined,
};
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

/** A secret that nothing proves: what stands in for those that a key has not. */
function drawNoSecret({ pepper }: Pick<StoredSecret, 'pepper'>): StoredSecret {
  const hash = Buffer.from(drawSecret(NO_HASH_BYTES), 'hex');
  return { hash, pepper, lastFour: '', createdAt: new Date(0), endsAt: undefined };
}

/**
 * The same secret in memory of its own. Where a hash lies, in a pool that others share or alone, shows in the time of
 * comparing it: all lie alike, whether they came from the store or stand in for a key that there is not (K1).
 */
function placeAlike({ hash, pepper, lastFour, createdAt, endsAt }: StoredSecret): StoredSecret {
  const own = Buffer.alloc(hash.length);
  own.set(hash);
  return { hash: own, pepper, lastFour, createdAt, endsAt };
}

/** When callers of keys end: as their key was when they were identified. */
const ends = new WeakMap<Caller, Date>();

/** Gives when what a caller showed ends, be it the key or the one of its secrets; undefined for others than keys. */
export function endOf(caller: Caller): Date | undefined {
  return ends.get(caller);
}

/** By which secret callers of keys were identified: its hash. */
const shown = new WeakMap<Caller, Buffer>();

function noteEnds({ expiresAt, secrets }: KeyRecord, caller: Caller, endingCaller: Caller): void {
  ends.set(caller, expiresAt);
  ends.set(endingCaller, expiresAt);
  for (const { hash, endsAt } of secrets) {
    shown.set(endsAt === undefined ? caller : endingCaller, hash);
    if (endsAt !== undefined && endsAt < expiresAt) ends.set(endingCaller, endsAt);
  }
}

function secretOf(caller: Caller, { secrets }: KeyRecord): StoredSecret | undefined {
  const hash = shown.get(caller);
  return hash && secrets.find((secret) => secret.hash.equals(hash));
}

/** Takes a caller and its key's record as it is now; says whether what the caller showed is over: the key, or its secret. */
export function isOver(caller: Caller, record: KeyRecord, nowMs: number): boolean {
  if (record.revokedAt !== undefined || record.expiresAt.getTime() <= nowMs) return true;
  const secret = secretOf(caller, record);
  return secret === undefined || proofOf(secret, nowMs) === 'ended';
}

/** Gives a caller as its key makes it now, by the secret that it showed; undefined where that is over. */
export function renewCaller(caller: Caller, known: KnownKey, nowMs: number): Caller | undefined {
  const { record } = known;
  if (isOver(caller, record, nowMs)) return undefined;
  return secretOf(caller, record)?.endsAt === undefined ? known.caller : known.endingCaller;
}

/**
 * Takes a key's record; gives the key as the request's way needs it. `isApart`: no other key has its rights, since
 * policies read more of a caller than its scopes.
 */
export function readKnownKey(record: KeyRecord, isApart = false): KnownKey {
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
    rights: nameRights(rights, isApart ? { key: record.id } : undefined),
    claims: NO_CLAIMS,
  });
  const endingCaller = Object.freeze({ ...caller });
  noteEnds(record, caller, endingCaller);
  const secrets = record.secrets.slice(0, SECRETS_MAX);
  while (secrets.length < SECRETS_MAX) secrets.push(drawNoSecret(secrets[0] ?? { pepper: 0 }));
  return {
    record,
    caller,
    endingCaller,
    secrets: secrets.map(placeAlike),
    use: { id: record.id, usedMs: 0, usedFrom: undefined, isWaiting: false },
    networks: record.networks.length === 0 ? undefined : openNetworks(record.networks),
    expiresMs: record.expiresAt.getTime(),
    isRevoked: record.revokedAt !== undefined,
  };
}

function proofOf(stored: StoredSecret, nowMs: number): Proof {
  if (stored.endsAt === undefined) return 'right';
  return stored.endsAt.getTime() <= nowMs ? 'ended' : 'ending';
}

/**
 * Gives what draws keys that nothing proves: they stand in for ids without a key, so that these cost the same work.
 * They are made at once and used in turn: an unknown id must not cost the making of one, nor be told by its one place.
 */
export function openNoKeys(peppers: Peppers): () => KnownKey {
  const noKeys = Array.from({ length: NO_KEYS }, () => drawNoKey(peppers));
  let at = 0;
  return () => noKeys[at++ % NO_KEYS] ?? drawNoKey(peppers);
}

function drawNoKey(peppers: Peppers): KnownKey {
  const secrets = [drawNoSecret(peppers.hash('')), drawNoSecret(peppers.hash(''))];
  const never = new Date(0);
  return readKnownKey({
    ...{ id: '', env: 'live', secrets, owner: '', purpose: '', scopes: [], contract: undefined, denial: 'refuse' },
    ...{ registeredOnly: true, networks: [], limits: NOTHING_ALLOWED, createdAt: never, createdBy: '', version: 0 },
    ...{ expiresAt: never, revokedAt: undefined, revokedReason: undefined },
    ...{ lastUsedAt: undefined, lastUsedFrom: undefined },
  });
}

/** Proves a secret, with the same work for every key. */
export function proveSecret(secret: string, { secrets }: KnownKey, peppers: Peppers, nowMs: number): Proof {
  let proof: Proof = 'wrong';
  for (const stored of secrets) {
    const isRight = peppers.matches(secret, stored);
    const proves = proofOf(stored, nowMs);
    if (isRight && proof !== 'right') proof = proves;
  }
  return proof;
}
