// What was @inaccessible and is no longer: shown to every caller of the whole graph.
import type { Rule } from './rule.ts';

/** Finds elements that lost @inaccessible. */
export const hiddenShown: Rule = ({ base, head }) =>
  [...base.facts.elements].flatMap(([coordinate, { inaccessible }]) => {
    const now = head.facts.elements.get(coordinate);
    if (!inaccessible || now === undefined || now.inaccessible) return [];
    const what = `${coordinate} was @inaccessible and is shown now.`;
    return [{ code: 'INACCESSIBLE_REMOVED', coordinate, before: '@inaccessible', what }];
  });
