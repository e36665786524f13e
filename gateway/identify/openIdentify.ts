// Puts the identify step together: store → cache → step, with what learns of changed keys and what notes their use. The
// gateway opens one of it, asks it for every request and stops it at the end.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Caller } from '../caller.ts';
import { openFailedAttempts, type AttemptLimits } from './address/failedAttempts.ts';
import { openAuthenticate, type Authenticate } from './authenticate.ts';
import { openTokens, type PersonRights, type TokenLimits, type TokenRules } from './jwt.ts';
import { openNoKeys, renewCaller, type KnownKey } from './keyCaller.ts';
import { openKeyCache, type KeyCacheLimits } from './keyCache.ts';
import type { KeyReader } from './keyStore.ts';
import type { Peppers } from './peppers.ts';
import { openRevocations, type OverListener, type PollLimits, type RevocationFeed } from './revocations.ts';
import { openUses } from './uses.ts';

/** What the step needs. */
export interface IdentifyParts {
  readonly store: KeyReader;
  readonly peppers: Peppers;
  /** Tells of changed keys; undefined: the store is asked twice a second. */
  readonly feed: RevocationFeed | undefined;
  /** Whose tokens are taken and what their people get; undefined: keys alone. */
  readonly people: { readonly rules: TokenRules; readonly rights: PersonRights } | undefined;
  /** Whether each key has rights of its own, which takes the sharing of work among them: needed where policies are. */
  readonly keysApart?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** The step, running. */
export interface Identify {
  readonly authenticate: Authenticate;
  /**
   * Calls `listener` once when a caller's key is revoked or shut to its address, or it or the secret that the caller showed
   * has ended; gives what takes it back. People are let go by their token's end alone: nothing is called for them.
   */
  onOver(caller: Caller, address: string | undefined, listener: OverListener): () => void;
  /** Whether a caller's key was revoked since it was identified, as far as that is known here. */
  isRevoked(caller: Caller): boolean;
  /**
   * The caller with the rights that its key has now, as far as that is known here; undefined where its key, or the secret
   * that it showed, is over.
   */
  currently(caller: Caller): Caller | undefined;
  /** Whether the key store answered lately. */
  isStoreUp(): boolean;
  /** Writes what is left to write, and asks no more. */
  stop(): Promise<void>;
}

/** The numbers of the step. */
export const IDENTIFY_LIMITS = {
  keys: { keysMax: 10_000, freshMs: 10_000, keptMs: 60_000, lookupTimeoutMs: 2_000, lookupsMax: 256 },
  attempts: { addressBurst: 20, addressPerSecond: 1, totalBurst: 1_000, totalPerSecond: 200 },
  polls: { pollMs: 500, pollBesideFeedMs: 5_000, overlapMs: 2_000, timeoutMs: 2_000, unreadMsMax: 60_000 },
  tokens: {
    tokensMax: 10_000,
    keptMs: 300_000,
    keySetTimeoutMs: 3_000,
    cooldownMs: 10_000,
    retryMs: 1_000,
    keySetBytesMax: 262_144,
  },
  uses: { keysMax: 10_000, everyMs: 10_000 },
} as const satisfies {
  readonly keys: KeyCacheLimits;
  readonly attempts: AttemptLimits;
  readonly polls: PollLimits;
  readonly tokens: TokenLimits;
  readonly uses: { readonly keysMax: number; readonly everyMs: number };
};

const KEY_PREFIX = 'key:';
const keyIdOf = (caller: Caller): string => caller.id.slice(KEY_PREFIX.length);
const nothing = (): void => undefined;

/** Opens the step. */
export function openIdentify({ store, peppers, feed, people, keysApart = false, clock, log }: IdentifyParts): Identify {
  let isStoreUp = true;
  let loaded: (id: string, known: KnownKey | undefined) => void = nothing;
  const noKey = openNoKeys(peppers);
  const keys = openKeyCache({
    noKey,
    keysApart,
    reader: store,
    clock,
    limits: IDENTIFY_LIMITS.keys,
    onLoaded: (id, known) => loaded(id, known),
    onStore(cause) {
      isStoreUp = cause === undefined;
      if (isStoreUp) log.info('the key store is back');
      else log.error({ err: cause }, 'the key store is away: keys that are known go on for a minute');
    },
  });
  const revocations = openRevocations({ feed, store, keys, clock, log, limits: IDENTIFY_LIMITS.polls });
  loaded = (id, known) => revocations.loaded(id, known);
  const uses = openUses({ store, clock, log, ...IDENTIFY_LIMITS.uses });
  const authenticate = openAuthenticate({
    keys,
    peppers,
    noKey,
    attempts: openFailedAttempts(IDENTIFY_LIMITS.attempts, clock),
    tokens: people && openTokens({ ...people, limits: IDENTIFY_LIMITS.tokens, clock, log }),
    clock,
    onUsed: (use, nowMs, address) => uses.note(use, nowMs, address),
  });
  return {
    authenticate,
    onOver: (caller, address, listener) =>
      caller.kind === 'key' ? revocations.onOver(keyIdOf(caller), { caller, address, listener }) : nothing,
    isRevoked: (caller) => caller.kind === 'key' && keys.find(keyIdOf(caller))?.isRevoked === true,
    currently(caller) {
      const known = caller.kind === 'key' ? keys.find(keyIdOf(caller)) : undefined;
      return known === undefined ? caller : renewCaller(caller, known, clock.now().getTime());
    },
    isStoreUp: () => isStoreUp,
    stop() {
      revocations.stop();
      return uses.stop();
    },
  };
}
