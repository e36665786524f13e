// What the claims of a verified token come to: a person's scopes, by claims that hold scopes and by roles that stand for
// some, and the name that the person has here. Pure.
import { createHash } from 'node:crypto';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where a token says what its person may. */
export interface ScopeRules {
  readonly scopeClaims: readonly string[];
  /** A dot goes inward. */
  readonly roleClaims: readonly string[];
  readonly scopesByRole: ReadonlyMap<string, readonly string[]>;
}

const SUBJECT_LENGTH_MAX = 255;

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Takes `role=scope scope; role=scope`; gives the scopes by role. Throws for what has another form. */
export function readRoleScopes(text: string): ReadonlyMap<string, readonly string[]> {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return new Map(
    parts.map((part) => {
      const [role = '', scopes = '', ...more] = part.split('=').map((side) => side.trim());
      if (role === '' || scopes === '' || more.length > 0) throw new Error(`"${part.trim()}" is not role=scope scope`);
      return [role, words(scopes)];
    }),
  );
}

function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Claims)[step];
  }
  return value;
}

/** The words of a claim: a list of texts, or a text with spaces. */
function wordsAt(claims: Claims, name: string): string[] {
  const value = claimAt(claims, name);
  if (typeof value === 'string') return words(value);
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : [];
}

/** Gives a person's scopes; what the claims hold beside texts is nothing. */
export function scopesOf(claims: Claims, { scopeClaims, roleClaims, scopesByRole }: ScopeRules): ReadonlySet<string> {
  const roles = roleClaims.flatMap((name) => wordsAt(claims, name));
  const given = roles.flatMap((role) => scopesByRole.get(role) ?? []);
  return new Set([...scopeClaims.flatMap((name) => wordsAt(claims, name)), ...given]);
}

/**
 * Gives `person:<8 hex of the issuer's hash>:<subject>`, the subject in percent form as it goes into headers and logs;
 * undefined for a subject that is none.
 */
export function personId({ iss, sub }: Claims): string | undefined {
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_LENGTH_MAX) {
    return undefined;
  }
  if (!sub.isWellFormed()) return undefined;
  const issuer = createHash('sha256').update(iss).digest('hex').slice(0, 8);
  return `person:${issuer}:${encodeURIComponent(sub)}`;
}
