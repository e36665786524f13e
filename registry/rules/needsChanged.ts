// Who may see what: judged on all that a field takes, added up over types, interfaces and requirements, so that no way
// around it is missed. Less is unsafe, more is breaking, something else is both.
import { covers, type Alternatives, type NeedsProduct } from '../../supergraph/needs.ts';
import type { Draft, GraphState } from './rule.ts';

/** What the rule looks at of each state. */
type NeedsState = Pick<GraphState, 'facts' | 'needs'>;

const NOTHING = '[false,[[]],[[]]]';

/** In words. */
function describe([isKnown, scopes, policies]: NeedsProduct): string {
  const join = (product: Alternatives): string =>
    product
      .filter((list) => list.length > 0)
      .map((list) => list.join(' and '))
      .join(', or ');
  const words = [join(scopes), join(policies).replace(/^(?=.)/, 'the policy ')].filter((text) => text !== '');
  if (words.length > 0) return words.join('; ');
  return isKnown ? 'a signed-in caller' : 'nothing';
}

function codeFor(before: NeedsProduct, after: NeedsProduct): string {
  if (covers(before, after)) return 'NEEDS_LOOSENED';
  return covers(after, before) ? 'NEEDS_TIGHTENED' : 'NEEDS_CHANGED';
}

/** Finds fields that take less, more or something else to be seen. */
export function needsChanged({ base, head }: { readonly base: NeedsState; readonly head: NeedsState }): Draft[] {
  const drafts: Draft[] = [];
  for (const coordinate of new Set([...base.needs.keys(), ...head.needs.keys()])) {
    const [before = NOTHING, after = NOTHING] = [base.needs.get(coordinate), head.needs.get(coordinate)];
    const isInBoth = base.facts.fields.has(coordinate) && head.facts.fields.has(coordinate);
    if (before === after || !isInBoth) continue;
    const [read, readAfter] = [JSON.parse(before) as NeedsProduct, JSON.parse(after) as NeedsProduct];
    const words = { before: describe(read), after: describe(readAfter) };
    const what = `${coordinate} took ${words.before} to be seen, and takes ${words.after} now.`;
    drafts.push({ code: codeFor(read, readAfter), coordinate, ...words, what });
  }
  return drafts;
}
