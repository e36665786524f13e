// What a scope is: `resource:verb` or `resource:verb:class`, the same text as in @requiresScopes, compared exactly.
// Wildcards exist only while granting: here they become the scopes that they stand for, and nothing keeps them.

/** A scope or a wildcard cannot be granted: the message names it. */
export class ScopeError extends Error {
  override readonly name = 'ScopeError';
}

/** A scope in its parts. */
export interface Scope {
  readonly resource: string;
  readonly verb: string;
  /** What kind of data, as `pii`; undefined for what needs no more than the verb. */
  readonly class: string | undefined;
}

const SCOPE_CHARACTERS_MAX = 128;
const PART = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const WILDCARD = '*';

function splitScope(text: string): readonly string[] | undefined {
  const parts = text.split(':');
  return text.length <= SCOPE_CHARACTERS_MAX && (parts.length === 2 || parts.length === 3) ? parts : undefined;
}

/** Takes a text; gives the scope, or undefined where it is none. A wildcard is none. */
export function parseScope(text: string): Scope | undefined {
  const parts = splitScope(text);
  if (parts?.every((part) => PART.test(part)) !== true) return undefined;
  const [resource = '', verb = '', given] = parts;
  return { resource, verb, class: given };
}

function isWildcard(parts: readonly string[] | undefined): parts is readonly string[] {
  if (parts?.includes(WILDCARD) !== true) return false;
  return parts.every((part) => part === WILDCARD || PART.test(part));
}

/** Part by part, so that no wildcard of two parts reaches a class: `customers:*` is not `customers:read:pii`. */
function standsFor(wildcard: readonly string[], scope: string): boolean {
  const parts = scope.split(':');
  return parts.length === wildcard.length && wildcard.every((part, at) => part === WILDCARD || part === parts[at]);
}

function expandOne(grant: string, known: readonly string[] | undefined): readonly string[] {
  const parts = splitScope(grant);
  const isOneScope = parseScope(grant) !== undefined;
  if (!isOneScope && !isWildcard(parts)) {
    throw new ScopeError(`"${grant}" is no scope: it looks like orders:read or customers:read:pii`);
  }
  if (known === undefined) {
    if (isOneScope) return [grant];
    throw new ScopeError(`"${grant}" can only be expanded with a supergraph, whose scopes it is to stand for`);
  }
  const matched = isOneScope
    ? known.filter((scope) => scope === grant)
    : known.filter((s) => standsFor(parts ?? [], s));
  if (matched.length > 0) return matched;
  throw new ScopeError(`"${grant}" matches none of the ${known.length} scopes that the supergraph knows`);
}

/**
 * Takes grants, wildcards among them, and the scopes that the graph knows, undefined where no graph is at hand.
 * Gives the scopes, sorted, each once. Throws ScopeError for a grant that is no scope or matches nothing.
 */
export function expandGrants(grants: readonly string[], known: readonly string[] | undefined): string[] {
  const expanded = new Set(grants.flatMap((grant) => expandOne(grant, known)));
  return [...expanded].sort();
}

/** Takes what is to be granted and what its creator holds, undefined for everything; throws ScopeError for more. */
export function checkWithin(scopes: readonly string[], held: ReadonlySet<string> | undefined): void {
  const beyond = held === undefined ? [] : scopes.filter((scope) => !held.has(scope));
  if (beyond.length > 0) throw new ScopeError(`nobody grants more than they hold: ${beyond.join(', ')}`);
}
