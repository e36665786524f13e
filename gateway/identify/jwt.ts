// People's tokens: JWTs of an OpenID provider, verified with the keys that it publishes. The only file that imports jose.
// Verifying costs a signature check, so who a token stands for is remembered by the token's hash while it lasts.
import { hash } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Caller } from '../caller.ts';
import { refuse, type Refusal } from '../requestState.ts';
import type { Identified, TokenVerifier } from './authenticate.ts';
import { personId, scopesOf, type ScopeRules } from './person/claims.ts';
import { fetchKeySet } from './person/keySet.ts';
import { nameRights } from './keyCaller.ts';

/** Whose tokens are taken, and what they must say. */
export interface TokenRules extends ScopeRules {
  readonly keySetUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  readonly clockToleranceS: number;
  /** With two keys each: a secret that both sides share signs no token here. */
  readonly algorithms: readonly string[];
}

/** What every person gets, whatever the token says. */
export interface PersonRights extends Pick<Caller, 'contract' | 'denial' | 'registeredOnly' | 'limits'> {
  /** Whether policies read claims: then only people with equal claims have equal rights. */
  readonly claimsCount: boolean;
}

/** How much is remembered. */
export interface TokenLimits {
  readonly tokensMax: number;
  /** How long a token is not verified again: the provider may have taken its key back. */
  readonly keptMs: number;
  readonly keySetTimeoutMs: number;
  /** How long the provider is left alone: after keys came that lack a token's, and after it failed. */
  readonly cooldownMs: number;
  readonly retryMs: number;
  readonly keySetBytesMax: number;
}

/** The parts of it. */
export interface TokensParts {
  readonly rules: TokenRules;
  readonly rights: PersonRights;
  readonly limits: TokenLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** Algorithms that a token may be signed with; the others of JOSE share a secret or sign nothing. */
export const TOKEN_ALGORITHMS: ReadonlySet<string> = new Set([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]);

const CHALLENGE = { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
const TOKEN_INVALID: Refusal = Object.freeze(refuse('TOKEN_INVALID', undefined, CHALLENGE));
const TOKEN_EXPIRED: Refusal = Object.freeze(refuse('TOKEN_EXPIRED', undefined, CHALLENGE));
const PROVIDER_AWAY: Refusal = Object.freeze(
  refuse('IDENTITY_PROVIDER_UNAVAILABLE', undefined, { headers: { 'retry-after': '1' } }),
);

/** The provider's keys could not be had: this is not the token's fault. */
class ProviderAway extends Error {
  override readonly name = 'ProviderAway';
}

interface Verified {
  readonly caller: Caller;
  readonly untilMs: number;
}

/** Faults of a token against the keys that the provider has; every other fault is the provider's. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function openKeys({ rules, limits, clock, log }: TokensParts): JWTVerifyGetKey {
  let failedMs = -Infinity;
  const keys = createRemoteJWKSet(rules.keySetUrl, {
    timeoutDuration: limits.keySetTimeoutMs,
    cooldownDuration: limits.cooldownMs,
    [customFetch]: (url, options) => fetchKeySet(url, options, limits.keySetBytesMax),
  });
  return async (header, token) => {
    // Every unknown token would ask a provider that is away anew.
    if (clock.steadyMs() - failedMs < limits.retryMs) throw new ProviderAway();
    try {
      return await keys(header, token);
    } catch (error) {
      if (isTokensFault(error)) throw error;
      failedMs = clock.steadyMs();
      log.warn({ err: error }, 'the keys of the identity provider cannot be read');
      throw new ProviderAway();
    }
  };
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof ProviderAway) return PROVIDER_AWAY;
  // The signature was right: whoever holds the token may know.
  if (error instanceof errors.JWTExpired) return TOKEN_EXPIRED;
  if (error instanceof errors.JOSEError) return TOKEN_INVALID;
  // What a made-up token makes the system's own functions throw is the token's fault as well.
  if (error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException) return TOKEN_INVALID;
  throw error;
}

class Tokens implements TokenVerifier {
  readonly #parts: TokensParts;
  readonly #keys: JWTVerifyGetKey;
  readonly #verified = new Map<string, Verified>();

  constructor(parts: TokensParts) {
    this.#parts = parts;
    this.#keys = openKeys(parts);
  }

  peek(token: string): Caller | undefined {
    const name = hash('sha256', token, 'base64');
    const found = this.#verified.get(name);
    if (found === undefined) return undefined;
    if (this.#parts.clock.now().getTime() < found.untilMs) return found.caller;
    this.#verified.delete(name);
    return undefined;
  }

  async verify(token: string): Promise<Identified> {
    const { rules, clock } = this.#parts;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: rules.issuer,
        audience: rules.audience,
        algorithms: [...rules.algorithms],
        clockTolerance: rules.clockToleranceS,
        requiredClaims: ['exp', 'sub', 'iss', 'aud'],
        currentDate: clock.now(),
      });
      return this.#remember(token, payload);
    } catch (error) {
      return refusalFor(error);
    }
  }

  #remember(token: string, claims: JWTPayload): Identified {
    const { rules, rights, limits, clock } = this.#parts;
    const id = personId(claims);
    if (id === undefined) return TOKEN_INVALID;
    const { claimsCount, ...given } = rights;
    const shared = { scopes: scopesOf(claims, rules), ...given };
    const caller: Caller = Object.freeze({
      kind: 'person',
      id,
      ...shared,
      rights: nameRights(shared, claimsCount ? claims : undefined),
      claims: Object.freeze(claims),
    });
    const endsMs = ((claims.exp ?? 0) + rules.clockToleranceS) * 1_000;
    const untilMs = Math.min(endsMs, clock.now().getTime() + limits.keptMs);
    this.#verified.set(hash('sha256', token, 'base64'), { caller, untilMs });
    if (this.#verified.size > limits.tokensMax) {
      const [first] = this.#verified.keys();
      if (first !== undefined) this.#verified.delete(first);
    }
    return caller;
  }
}

/** Opens what verifies the tokens of one provider; its keys are read when the first token comes. */
export function openTokens(parts: TokensParts): TokenVerifier {
  return new Tokens(parts);
}
