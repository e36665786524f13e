// What it takes to see something, as values that can be added up: whether to be signed in, which scopes, which policies.
// Within a directive the inner list is "and", the outer one "or"; everything that adds up is "and" (access.md, section 2).

/** One of these, and of that one all: `[["a", "b"], ["c"]]` is (a and b) or c. Sorted, without repeats; never empty. */
export type Alternatives = readonly (readonly string[])[];

/** What it takes to see something; all of it. */
export interface Needs {
  readonly authenticated: boolean;
  readonly scopes: readonly Alternatives[];
  readonly policies: readonly Alternatives[];
}

/** What a caller has of what can be needed. */
export interface Held {
  readonly authenticated: boolean;
  readonly scopes: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
}

/** What a caller lacks. */
export interface Missing {
  /** Whether to be signed in is among it. */
  readonly authentication: boolean;
  /** Any one of these lists would do; empty where no scope is missing. */
  readonly scopes: Alternatives;
  /** Any one of these lists would do; empty where no policy said no. */
  readonly policies: Alternatives;
}

/** Nothing is needed. */
export const NO_NEEDS: Needs = Object.freeze({ authenticated: false, scopes: [], policies: [] });

/** How many alternatives needs may multiply out to before the supergraph is refused. */
const ALTERNATIVES_MAX = 4_096;
/** How many alternatives a denial tells of. */
const TOLD_MAX = 16;

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((name) => all.includes(name));
}

/** Sorted, without repeats, and without what asks for more than another alternative does. */
function normalise(lists: Alternatives): Alternatives {
  const unique = new Map(lists.map((list) => [...new Set(list)].sort()).map((list) => [JSON.stringify(list), list]));
  const ordered = [...unique].sort(([, left], [, right]) => left.length - right.length);
  const kept: [string, readonly string[]][] = [];
  for (const [key, list] of ordered) if (!kept.some(([, known]) => isWithin(known, list))) kept.push([key, list]);
  return kept.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, list]) => list);
}

/** Takes the argument of a directive; gives what it demands, undefined for an empty one, which demands nothing. */
export function alternativesOf(given: Alternatives): Alternatives | undefined {
  if (given.length === 0 || given.some((list) => list.length === 0)) return undefined;
  return normalise(given);
}

function unite(lists: readonly (readonly Alternatives[])[]): readonly Alternatives[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  if (others.length === 0) return first;
  return [...new Map([first, ...others].flat().map((each) => [JSON.stringify(each), each])).values()];
}

/** Adds needs up. */
export function allOf(needs: readonly Needs[]): Needs {
  const real = needs.filter((each) => each.authenticated || each.scopes.length > 0 || each.policies.length > 0);
  const [first] = real;
  if (first === undefined) return NO_NEEDS;
  if (real.length === 1) return first;
  return {
    authenticated: real.some((each) => each.authenticated),
    scopes: unite(real.map((each) => each.scopes)),
    policies: unite(real.map((each) => each.policies)),
  };
}

/** Says whether anything is needed. */
export function isNeeding({ authenticated, scopes, policies }: Needs): boolean {
  return authenticated || scopes.length > 0 || policies.length > 0;
}

/** Multiplies out to one list of alternatives; undefined where there would be more than `max` of them. */
function multiply(all: readonly Alternatives[], max: number): Alternatives | undefined {
  let product: Alternatives = [[]];
  for (const each of all) {
    if (product.length * each.length > max) return undefined;
    product = normalise(product.flatMap((left) => each.map((right) => [...left, ...right])));
  }
  return product;
}

/** One text for all needs that demand the same; throws where they multiply out to too much to compare. */
export function textOf({ authenticated, scopes, policies }: Needs): string {
  const products = [scopes, policies].map((all) => multiply(all, ALTERNATIVES_MAX));
  if (products.includes(undefined)) throw new Error(`needs of more than ${ALTERNATIVES_MAX} alternatives`);
  return JSON.stringify([authenticated, ...products]);
}

/** Needs multiplied out, as `textOf` writes them. */
export type NeedsProduct = readonly [authenticated: boolean, scopes: Alternatives, policies: Alternatives];

function implies(some: Alternatives, other: Alternatives): boolean {
  return some.every((list) => other.some((wanted) => isWithin(wanted, list)));
}

/** Says whether every caller who has what the one demands has what the other demands. */
export function covers([isKnown, ...some]: NeedsProduct, [isKnownToo, ...other]: NeedsProduct): boolean {
  const [scopes, policies] = some;
  // Whoever has a scope is known; a policy can let in somebody who is not.
  const mustBeKnown = isKnown || !scopes.some((list) => list.length === 0);
  return (mustBeKnown || !isKnownToo) && implies(scopes, other[0]) && implies(policies, other[1]);
}

function isMet(alternatives: Alternatives, held: ReadonlySet<string>): boolean {
  return alternatives.some((list) => list.every((name) => held.has(name)));
}

function missingOf(all: readonly Alternatives[], held: ReadonlySet<string>): Alternatives {
  const unmet = all.filter((each) => !isMet(each, held));
  if (unmet.length === 0) return [];
  const lacking = unmet.map((each) => normalise(each.map((list) => list.filter((name) => !held.has(name)))));
  // Too many ways to tell: the shortest of each.
  const told = multiply(lacking, ALTERNATIVES_MAX) ?? multiply(lacking.map(shortest), 1) ?? [];
  return [...told].sort((left, right) => left.length - right.length).slice(0, TOLD_MAX);
}

function shortest(alternatives: Alternatives): Alternatives {
  return [...alternatives].sort((left, right) => left.length - right.length).slice(0, 1);
}

/** Takes needs and what a caller has; gives what is missing, undefined where nothing is. */
export function missingFor(needs: Needs, held: Held): Missing | undefined {
  const isUnknown = needs.authenticated && !held.authenticated;
  const isEnough =
    needs.scopes.every((each) => isMet(each, held.scopes)) &&
    needs.policies.every((each) => isMet(each, held.policies));
  if (!isUnknown && isEnough) return undefined;
  return {
    authentication: isUnknown,
    scopes: missingOf(needs.scopes, held.scopes),
    policies: missingOf(needs.policies, held.policies),
  };
}

/** The policies that needs speak of. */
export function policiesIn(needs: Needs): readonly string[] {
  return [...new Set(needs.policies.flat(2))];
}
