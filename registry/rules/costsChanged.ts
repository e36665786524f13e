// What things cost, and how long lists are taken to be: keys have budgets in points.
import type { Draft, Rule } from './rule.ts';

function describe(value: number | string | undefined): string {
  return value === undefined ? 'not set' : String(value);
}

/** Finds changed @cost and @listSize. */
export const costsChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  for (const [coordinate, old] of base.facts.elements) {
    const now = head.facts.elements.get(coordinate);
    if (now === undefined) continue;
    if (old.cost !== now.cost) {
      const isRaised = (now.cost ?? 1) > (old.cost ?? 1);
      const words = { before: describe(old.cost), after: describe(now.cost) };
      const what = `The cost of ${coordinate} was ${words.before}, and is ${words.after} now.`;
      drafts.push({ code: isRaised ? 'COST_RAISED' : 'COST_LOWERED', coordinate, ...words, what });
    }
    if (old.listSize !== now.listSize) {
      const words = { before: describe(old.listSize), after: describe(now.listSize) };
      const what = `The size of the list ${coordinate} was ${words.before}, and is ${words.after} now.`;
      drafts.push({ code: 'LIST_SIZE_CHANGED', coordinate, ...words, what });
    }
  }
  return drafts;
};
