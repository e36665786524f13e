// The life of a key as rules: created, changed, rotated, revoked. Pure: each takes a record and gives the next one with
// the audit entries that belong to it; who keeps both is not known here. Nothing that is refused changes anything.
import { drawApiKey, printApiKey, type KeyEnvironment } from './apiKey.ts';
import type { AuditAction, AuditDraft } from './audit.ts';
import { checkCount, checkNetworks, checkScopes, checkText, KeyRefusal, type Granting } from './keyWishes.ts';
import type { KeyRecord, StoredSecret } from './keyStore.ts';
import type { Peppers } from './peppers.ts';

const DAY_MS = 86_400_000;
/** The longest life of a key, from its creation or from a change of its expiry. */
export const KEY_DAYS_MAX = 366;
/** The longest time in which two secrets of a key work. */
export const OVERLAP_DAYS_MAX = 30;

/** Who changes a key, when, and what they may grant. */
export interface Change extends Granting {
  /** As `cli:anna`: stands in the audit log. */
  readonly actor: string;
  readonly now: Date;
  /** Why, in a sentence; undefined where none was given. */
  readonly reason: string | undefined;
}

/** What came of a change: the record as it is to be kept, and what the audit log says of it. */
export interface Changed {
  readonly key: KeyRecord;
  readonly entries: readonly AuditDraft[];
}

/** A change that made a secret: `text` is the whole key, to be shown once and kept nowhere. */
export interface ChangedWithSecret extends Changed {
  readonly text: string;
}

/** What can be set on a key, at its creation and later. Scopes may be wildcards. */
export type KeySettings = Pick<
  KeyRecord,
  'owner' | 'purpose' | 'scopes' | 'contract' | 'denial' | 'registeredOnly' | 'networks' | 'limits' | 'expiresAt'
>;

function entryOf(
  { actor, now, reason }: Change,
  key: Pick<KeyRecord, 'id' | 'version'>,
  action: AuditAction,
  change: object,
): AuditDraft {
  return { at: now, actor, action, keyId: key.id, keyVersion: key.version, reason, change: JSON.stringify(change) };
}

function checkExpiry(expiresAt: Date, now: Date): Date {
  const lifeMs = expiresAt.getTime() - now.getTime();
  if (!(lifeMs > 0)) throw new KeyRefusal('a key expires in the future');
  if (lifeMs > KEY_DAYS_MAX * DAY_MS) throw new KeyRefusal(`a key lives for at most ${KEY_DAYS_MAX} days`);
  return expiresAt;
}

function checkLimits(limits: KeyRecord['limits']): KeyRecord['limits'] {
  checkCount('points a second', limits.pointsPerSecond);
  checkCount('points at once', limits.pointsBurst);
  checkCount('requests a second', limits.requestsPerSecond);
  checkCount('concurrent requests', limits.concurrentRequestsMax);
  if (limits.pointsPerDay !== undefined) checkCount('points a day', limits.pointsPerDay);
  return limits;
}

function checkSettings(given: Partial<KeySettings>, change: Change): Partial<KeySettings> {
  return {
    ...given,
    ...(given.owner !== undefined && { owner: checkText('owner', given.owner) }),
    ...(given.purpose !== undefined && { purpose: checkText('purpose', given.purpose) }),
    ...(given.scopes !== undefined && { scopes: checkScopes(given.scopes, change) }),
    ...(given.networks !== undefined && { networks: checkNetworks(given.networks) }),
    ...(given.limits !== undefined && { limits: checkLimits(given.limits) }),
    ...(given.contract !== undefined && { contract: checkText('contract', given.contract) }),
    ...(given.expiresAt !== undefined && { expiresAt: checkExpiry(given.expiresAt, change.now) }),
  };
}

function makeSecret(secret: string, peppers: Peppers, now: Date): StoredSecret {
  return { ...peppers.hash(secret), lastFour: secret.slice(-4), createdAt: now, endsAt: undefined };
}

/** Makes a key. Throws KeyRefusal, or ScopeError for its scopes. */
export function createKey(
  env: KeyEnvironment,
  settings: KeySettings,
  peppers: Peppers,
  change: Change,
): ChangedWithSecret {
  const drawn = drawApiKey(env);
  const key: KeyRecord = {
    ...settings,
    ...checkSettings(settings, change),
    id: drawn.id,
    env,
    secrets: [makeSecret(drawn.secret, peppers, change.now)],
    createdAt: change.now,
    createdBy: change.actor,
    revokedAt: undefined,
    revokedReason: undefined,
    lastUsedAt: undefined,
    lastUsedFrom: undefined,
    version: 1,
  };
  const { owner, purpose, scopes, contract, networks, limits, expiresAt, registeredOnly, denial } = key;
  const facts = { env, owner, purpose, scopes, contract, networks, limits, expiresAt, registeredOnly, denial };
  return { key, text: printApiKey(drawn), entries: [entryOf(change, key, 'create', facts)] };
}

/** What may still be done to a key: nothing once it is revoked. */
function checkAlive(key: KeyRecord): void {
  if (key.revokedAt !== undefined) {
    throw new KeyRefusal(`key ${key.id} was revoked on ${key.revokedAt.toISOString()}: that is final`);
  }
}

/**
 * Gives a key a second secret under its id. The first works on for `overlapMs`; with 0 it ends at once. Throws
 * KeyRefusal for a revoked or expired key, and for one with two working secrets unless all old ones are to end at once.
 */
export function rotateKey(key: KeyRecord, overlapMs: number, peppers: Peppers, change: Change): ChangedWithSecret {
  checkAlive(key);
  if (key.expiresAt <= change.now) {
    throw new KeyRefusal(`key ${key.id} expired on ${key.expiresAt.toISOString()}: set another expiry first`);
  }
  if (!(overlapMs >= 0) || overlapMs > OVERLAP_DAYS_MAX * DAY_MS) {
    throw new KeyRefusal(`the overlap is from 0 to ${OVERLAP_DAYS_MAX} days`);
  }
  const working = key.secrets.filter(({ endsAt }) => endsAt === undefined || endsAt > change.now);
  const [newest, older] = working;
  if (overlapMs > 0 && older?.endsAt !== undefined) {
    const until = older.endsAt.toISOString();
    throw new KeyRefusal(`key ${key.id} has two secrets until ${until}: wait for it, or end both at once (--now)`);
  }
  const endsAt = new Date(change.now.getTime() + overlapMs);
  const drawn = drawApiKey(key.env, key.id);
  const next: KeyRecord = {
    ...key,
    // Two at most: of those that ended, the latest is kept, so that its holder hears why it is refused.
    secrets: [makeSecret(drawn.secret, peppers, change.now), ...(newest === undefined ? [] : [{ ...newest, endsAt }])],
    version: key.version + 1,
  };
  const entries = [entryOf(change, next, 'rotate', { oldSecretEndsAt: endsAt })];
  return { key: next, text: printApiKey(drawn), entries };
}

/** Ends a key for good. Throws KeyRefusal where that was done before, or no reason is given. */
export function revokeKey(key: KeyRecord, change: Change): Changed {
  checkAlive(key);
  const revokedReason = checkText('reason', change.reason ?? '');
  const next = { ...key, revokedAt: change.now, revokedReason, version: key.version + 1 };
  return { key: next, entries: [entryOf(change, next, 'revoke', {})] };
}

/** Which settings are one matter in the audit log. */
const ACTIONS: Readonly<Record<keyof KeySettings, AuditAction>> = {
  owner: 'details',
  purpose: 'details',
  scopes: 'scope',
  contract: 'contract',
  denial: 'details',
  registeredOnly: 'limits',
  networks: 'networks',
  limits: 'limits',
  expiresAt: 'expire',
};

/** What may be set later: as at the creation, and `contract: undefined` takes the contract away where it is named. */
export type NewSettings = { readonly [K in keyof KeySettings]?: KeySettings[K] | undefined };

/**
 * Sets some of a key's settings; those that are not named stay. Throws KeyRefusal for a revoked key and where nothing
 * would change, ScopeError for its scopes.
 */
export function changeKey(key: KeyRecord, settings: NewSettings, change: Change): Changed {
  checkAlive(key);
  const given = Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== undefined || name === 'contract'),
  ) as Partial<KeySettings>;
  const next: KeyRecord = { ...key, ...checkSettings(given, change), version: key.version + 1 };
  const changes = new Map<AuditAction, Record<string, { readonly from: unknown; readonly to: unknown }>>();
  for (const name of Object.keys(ACTIONS) as (keyof KeySettings)[]) {
    const [from, to] = [key[name] ?? null, next[name] ?? null];
    if (JSON.stringify(from) === JSON.stringify(to)) continue;
    changes.set(ACTIONS[name], { ...changes.get(ACTIONS[name]), [name]: { from, to } });
  }
  if (changes.size === 0) throw new KeyRefusal(`key ${key.id} is so already: nothing was changed`);
  return { key: next, entries: [...changes].map(([action, facts]) => entryOf(change, next, action, facts)) };
}

/** Notes that a key was reported as leaked, with what the report said; changes nothing else. */
export function leakEntry(key: KeyRecord, change: Change, report: object): AuditDraft {
  return entryOf(change, key, 'leak', report);
}
