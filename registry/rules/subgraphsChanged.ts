// Subgraphs that came, went, or are reached elsewhere.
import type { Draft, Rule } from './rule.ts';

/** Finds changes of the list of subgraphs. */
export const subgraphsChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  const [before, after] = [base.facts.graphs, head.facts.graphs];
  for (const subgraph of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(subgraph), after.get(subgraph)];
    if (old === now) continue;
    const about = { subgraph, before: old, after: now };
    if (old === undefined) {
      drafts.push({ code: 'SUBGRAPH_ADDED', ...about, what: `The subgraph ${subgraph} is new, at ${now ?? ''}.` });
    } else if (now === undefined) {
      drafts.push({ code: 'SUBGRAPH_REMOVED', ...about, what: `The subgraph ${subgraph} is gone.` });
    } else {
      const what = `The subgraph ${subgraph} was reached at ${old}, and is reached at ${now} now.`;
      drafts.push({ code: 'SUBGRAPH_ADDRESS_CHANGED', ...about, what });
    }
  }
  return drafts;
};
