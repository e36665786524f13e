// Where an interface is an entity of its own (@interfaceObject).
import type { Draft, Rule } from './rule.ts';

/** Finds interfaces that became one in a subgraph, or are one no longer. */
export const interfaceObjectsChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  for (const [type, { graphs, interfaceObjects }] of base.facts.types) {
    const now = head.facts.types.get(type);
    for (const subgraph of graphs) {
      const [was, is] = [interfaceObjects.has(subgraph), now?.interfaceObjects.has(subgraph) === true];
      if (now?.graphs.has(subgraph) !== true || was === is) continue;
      const what = `${type} is ${is ? 'now' : 'no longer'} an @interfaceObject in ${subgraph}.`;
      const side = is ? { after: '@interfaceObject' } : { before: '@interfaceObject' };
      drafts.push({ code: 'INTERFACE_OBJECT_CHANGED', coordinate: type, subgraph, ...side, what });
    }
  }
  return drafts;
};
