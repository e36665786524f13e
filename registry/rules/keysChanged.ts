// By which keys subgraphs answer for an entity. A key more or less changes plans; one that becomes resolvable opens a
// way into a subgraph.
import type { JoinedKey, JoinFacts } from '../../supergraph/joinFacts.ts';
import type { Draft, Rule } from './rule.ts';

function keysOf(facts: JoinFacts, type: string, subgraph: string): Map<string, JoinedKey> {
  const keys = facts.types.get(type)?.keys.get(subgraph) ?? [];
  return new Map(keys.map((key) => [key.fields, key]));
}

function compare(old: JoinedKey | undefined, now: JoinedKey | undefined): string | undefined {
  if (old === undefined) return 'KEY_ADDED';
  if (now === undefined) return 'KEY_REMOVED';
  if (old.resolvable === now.resolvable) return undefined;
  return now.resolvable ? 'KEY_OPENED' : 'KEY_CLOSED';
}

const SAYS: Readonly<Record<string, string>> = {
  KEY_ADDED: 'is new',
  KEY_REMOVED: 'is gone',
  KEY_OPENED: 'was not resolvable, and is now',
  KEY_CLOSED: 'was resolvable, and is not now',
};

/** Finds changed keys of types and subgraphs that are there before and after. */
export const keysChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  for (const [type, { graphs }] of base.facts.types) {
    for (const subgraph of graphs) {
      if (head.facts.types.get(type)?.graphs.has(subgraph) !== true) continue;
      const [before, after] = [keysOf(base.facts, type, subgraph), keysOf(head.facts, type, subgraph)];
      for (const fields of new Set([...before.keys(), ...after.keys()])) {
        const code = compare(before.get(fields), after.get(fields));
        if (code === undefined) continue;
        const what = `The key "${fields}" of ${type} in ${subgraph} ${SAYS[code] ?? ''}.`;
        const side = code === 'KEY_REMOVED' || code === 'KEY_CLOSED' ? { before: fields } : { after: fields };
        drafts.push({ code, coordinate: type, subgraph, ...side, what });
      }
    }
  }
  return drafts;
};
