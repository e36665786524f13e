// Identify: the head of a request → who calls, or a refusal. READ FIRST in this folder. A key that is known here costs no
// waiting. Everything that is refused before the secret has proved right is refused alike, after the same work, so that
// neither words nor time tell which ids exist.
import type { Clock } from '../../platform/clock.ts';
import type { Caller } from '../caller.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import type { ApiKey } from './apiKey.ts';
import type { AttemptReach, FailedAttempts } from './address/failedAttempts.ts';
import type { KeyCache, KeyEntry } from './keyCache.ts';
import { NOBODY, proveSecret, type KnownKey, type Proof } from './keyCaller.ts';
import type { Peppers } from './peppers.ts';
import { readCredential, type RequestHead } from './readCredential.ts';
import type { KeyUse } from './uses.ts';

/** Who calls, or why nobody is answered. */
export type Identified = Caller | Refusal;

/** What verifies the tokens of people. */
export interface TokenVerifier {
  /** Gives who a token was verified for before, while it lasts. */
  peek(token: string): Caller | undefined;
  verify(token: string): Promise<Identified>;
}

/** The parts of the step. */
export interface AuthenticateParts {
  readonly keys: KeyCache;
  readonly peppers: Peppers;
  /** Gives a key that nothing proves. */
  readonly noKey: () => KnownKey;
  readonly attempts: FailedAttempts;
  /** Undefined where no tokens are taken. */
  readonly tokens: TokenVerifier | undefined;
  readonly clock: Clock;
  /** Told of each use of a key. */
  readonly onUsed: (use: KeyUse, nowMs: number, address: string | undefined) => void;
}

/** The step. */
export type Authenticate = (head: RequestHead) => Identified | Promise<Identified>;

const CHALLENGE = { headers: { 'www-authenticate': 'Bearer' } };
const CHALLENGE_FAILED = { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };

/** What `nobody` gets where nothing is public. */
export const KEY_MISSING: Refusal = Object.freeze(refuse('API_KEY_MISSING', undefined, CHALLENGE));
const KEY_INVALID: Refusal = Object.freeze(refuse('API_KEY_INVALID', undefined, CHALLENGE_FAILED));
const KEY_EXPIRED: Refusal = Object.freeze(refuse('API_KEY_EXPIRED', undefined, CHALLENGE_FAILED));
const KEY_REVOKED: Refusal = Object.freeze(refuse('API_KEY_REVOKED', undefined, CHALLENGE_FAILED));
const ADDRESS_DENIED: Refusal = Object.freeze(refuse('ADDRESS_DENIED'));
const STORE_AWAY: Refusal = Object.freeze(
  refuse('KEY_STORE_UNAVAILABLE', undefined, { headers: { 'retry-after': '1' } }),
);

function refuseTooMany(waitMs: number): Refusal {
  return refuse('RATE_LIMITED', undefined, { headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } });
}

class Step {
  readonly #parts: AuthenticateParts;
  /** Held as if it waited to be written, and never written. */
  readonly #noUse: KeyUse = { id: '', usedMs: 0, usedFrom: undefined, isWaiting: true };

  constructor(parts: AuthenticateParts) {
    this.#parts = parts;
  }

  authenticate(head: RequestHead): Identified | Promise<Identified> {
    const credential = readCredential(head, this.#parts.tokens !== undefined);
    switch (credential.kind) {
      case 'nothing':
        return NOBODY;
      case 'unreadable':
        return this.#countFailure(KEY_INVALID, head, 'address');
      case 'key':
        return this.#byKey(credential.key, head);
      case 'token':
        return this.#byToken(credential.token, head);
    }
  }

  #byKey(key: ApiKey, head: RequestHead): Identified | Promise<Identified> {
    const { keys, attempts } = this.#parts;
    const entry = keys.peek(key.id);
    if (entry !== undefined) return this.#judgeKnown(key, entry, head);
    // Who comes while an id is looked up costs no lookup: counted by what comes of it, as for an id that is known. A
    // partner's many connections at once would be taken for as many failures otherwise.
    const judgeLate = (loaded: KeyEntry | undefined): Identified =>
      loaded === undefined ? STORE_AWAY : this.#judgeKnown(key, loaded, head);
    const loading = keys.loading(key.id);
    if (loading !== undefined) return loading.then(judgeLate);
    const lately = keys.find(key.id);
    // Ids that were keys lately go on when strangers have used up what all share.
    const reach = lately !== undefined ? 'address' : 'address and total';
    // Counted before it is looked up: many at once are no way past the count.
    const waitMs = attempts.count(head.address, reach, 1);
    if (waitMs > 0) {
      const proof = this.#prove(key, lately ?? this.#parts.noKey(), this.#parts.clock.now().getTime());
      // Whoever shares an address with a caller must not lock it out: what was right lately is looked up all the same.
      return lately === undefined || proof === 'wrong' ? refuseTooMany(waitMs) : keys.load(key.id).then(judgeLate);
    }
    return keys.load(key.id).then((loaded) => this.#judgeLoaded(key, loaded, head, reach));
  }

  /** The same steps for every outcome: the proof, the judgement, the count. */
  #judgeKnown(key: ApiKey, entry: KeyEntry, head: RequestHead): Identified {
    const outcome = this.#judge(key, entry, head);
    const failed = outcome === KEY_INVALID ? 1 : 0;
    const waitMs = this.#parts.attempts.count(head.address, 'address', failed);
    return failed === 1 && waitMs > 0 ? refuseTooMany(waitMs) : outcome;
  }

  #judgeLoaded(key: ApiKey, entry: KeyEntry | undefined, head: RequestHead, reach: AttemptReach): Identified {
    const outcome = entry === undefined ? STORE_AWAY : this.#judge(key, entry, head);
    // What failed was counted before.
    if (outcome !== KEY_INVALID) this.#parts.attempts.takeBack(head.address, reach);
    return outcome;
  }

  #prove(key: ApiKey, known: KnownKey, nowMs: number): Proof {
    return proveSecret(key.secret, known, this.#parts.peppers, nowMs);
  }

  #judge(key: ApiKey, entry: KeyEntry, head: RequestHead): Identified {
    const nowMs = this.#parts.clock.now().getTime();
    const { known } = entry;
    const proof = this.#prove(key, known, nowMs);
    const proved = this.#outcomeOf(key, entry, proof, nowMs);
    const isCaller = proved === known.caller || proved === known.endingCaller;
    const isDenied = isCaller && known.networks?.hold(head.address) === false;
    const outcome = isDenied ? ADDRESS_DENIED : proved;
    // Noted for nobody where it is no use: noting takes a while too.
    this.#parts.onUsed(isCaller && !isDenied ? known.use : this.#noUse, nowMs, head.address);
    return outcome;
  }

  #outcomeOf(key: ApiKey, entry: KeyEntry, proof: Proof, nowMs: number): Identified {
    const { known } = entry;
    // While the store is away, a wrong secret of a known id is answered as an unknown id is.
    if (proof === 'wrong' || known.record.env !== key.env) {
      return this.#parts.keys.isStale(entry) ? STORE_AWAY : KEY_INVALID;
    }
    if (known.isRevoked) return KEY_REVOKED;
    if (proof === 'ended' || known.expiresMs <= nowMs) return KEY_EXPIRED;
    return proof === 'ending' ? known.endingCaller : known.caller;
  }

  #byToken(token: string, head: RequestHead): Identified | Promise<Identified> {
    const { tokens, attempts } = this.#parts;
    if (tokens === undefined) return KEY_INVALID;
    const caller = tokens.peek(token);
    if (caller !== undefined) return caller;
    const waitMs = attempts.count(head.address, 'address', 1);
    if (waitMs > 0) return refuseTooMany(waitMs);
    return tokens.verify(token).then((outcome) => {
      if (!isRefusal(outcome) || outcome.refused !== 'TOKEN_INVALID') attempts.takeBack(head.address, 'address');
      return outcome;
    });
  }

  #countFailure(refusal: Refusal, head: RequestHead, reach: AttemptReach): Refusal {
    const waitMs = this.#parts.attempts.count(head.address, reach, 1);
    return waitMs > 0 ? refuseTooMany(waitMs) : refusal;
  }
}

/** Opens the step. */
export function openAuthenticate(parts: AuthenticateParts): Authenticate {
  const step = new Step(parts);
  return (head) => step.authenticate(head);
}
