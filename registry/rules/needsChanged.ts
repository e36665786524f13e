// Who may see what: judged on all that a field takes, added up over types, interfaces and requirements, so that no way
// around it is missed. Less is unsafe, more is breaking, something else is both.
import type { Draft, Rule } from './rule.ts';

/** Alternatives of lists that are each wanted whole, as supergraph/needs.ts writes them. */
type Product = readonly (readonly string[])[];
type Read = readonly [boolean, Product, Product];

const NOTHING = '[false,[[]],[[]]]';

function implies(some: Product, other: Product): boolean {
  return some.every((list) => other.some((wanted) => wanted.every((name) => list.includes(name))));
}

/** Whether everybody who has what the one asks for has what the other asks for. */
function covers([isKnown, scopes, policies]: Read, [isKnownToo, otherScopes, otherPolicies]: Read): boolean {
  // Whoever has a scope or passes a policy is known.
  const asks = (product: Product): boolean => !product.some((list) => list.length === 0);
  const mustBeKnown = isKnown || asks(scopes) || asks(policies);
  return (mustBeKnown || !isKnownToo) && implies(scopes, otherScopes) && implies(policies, otherPolicies);
}

/** In words. */
function describe([isKnown, scopes, policies]: Read): string {
  const join = (product: Product): string =>
    product
      .filter((list) => list.length > 0)
      .map((list) => list.join(' and '))
      .join(', or ');
  const words = [join(scopes), join(policies).replace(/^(?=.)/, 'the policy ')].filter((text) => text !== '');
  if (words.length > 0) return words.join('; ');
  return isKnown ? 'a signed-in caller' : 'nothing';
}

function codeFor(before: Read, after: Read): string {
  if (covers(before, after)) return 'NEEDS_LOOSENED';
  return covers(after, before) ? 'NEEDS_TIGHTENED' : 'NEEDS_CHANGED';
}

/** Finds fields that take less, more or something else to be seen. */
export const needsChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  for (const coordinate of new Set([...base.needs.keys(), ...head.needs.keys()])) {
    const [before = NOTHING, after = NOTHING] = [base.needs.get(coordinate), head.needs.get(coordinate)];
    const isInBoth = base.facts.fields.has(coordinate) && head.facts.fields.has(coordinate);
    if (before === after || !isInBoth) continue;
    const [read, readAfter] = [JSON.parse(before) as Read, JSON.parse(after) as Read];
    const words = { before: describe(read), after: describe(readAfter) };
    const what = `${coordinate} took ${words.before} to be seen, and takes ${words.after} now.`;
    drafts.push({ code: codeFor(read, readAfter), coordinate, ...words, what });
  }
  return drafts;
};
