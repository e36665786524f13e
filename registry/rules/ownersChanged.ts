// Which subgraphs answer for a field, and what it takes along or is computed from. Clients see none of it in the schema.
import type { JoinedField } from '../../supergraph/joinFacts.ts';
import type { Draft, Rule } from './rule.ts';

type Joined = ReadonlyMap<string, JoinedField>;

/** Those that answer for it by themselves, without those that a field was taken over from. */
function ownersOf(joined: Joined): string[] {
  const replaced = new Set(
    [...joined.values()].flatMap(({ override, overrideLabel }) =>
      override !== undefined && overrideLabel === undefined ? [override] : [],
    ),
  );
  return [...joined]
    .filter(([name, { external }]) => !external && !replaced.has(name))
    .map(([name]) => name)
    .sort();
}

function compareOwners(coordinate: string, before: Joined, after: Joined): Draft[] {
  const [old, now] = [ownersOf(before), ownersOf(after)];
  const [oldNames, newNames] = [old.join(', '), now.join(', ')];
  if (oldNames === newNames) return [];
  const isMoved = !now.some((name) => old.includes(name));
  const [subgraph] = now.filter((name) => !old.includes(name));
  const about = { coordinate, subgraph, before: oldNames, after: newNames };
  const what = `${coordinate} was answered by ${oldNames}, and is answered by ${newNames} now.`;
  return [{ code: isMoved ? 'FIELD_MOVED' : 'SHAREABLE_CHANGED', ...about, what }];
}

const PARTS = [
  ['requires', 'REQUIRES_CHANGED', '@requires'],
  ['provides', 'PROVIDES_CHANGED', '@provides'],
] as const;

function compareParts(coordinate: string, subgraph: string, old: JoinedField, now: JoinedField): Draft[] {
  const drafts: Draft[] = [];
  for (const [part, code, directive] of PARTS) {
    const [before, after] = [old[part], now[part]];
    if (before === after) continue;
    const what = `${directive} of ${coordinate} in ${subgraph} was ${before ?? 'not there'}, and is ${after ?? 'gone'} now.`;
    drafts.push({ code, coordinate, subgraph, before, after, what });
  }
  return drafts;
}

function compareOverride(
  coordinate: string,
  subgraph: string,
  old: JoinedField | undefined,
  now: JoinedField | undefined,
): Draft[] {
  const [before, after] = [old?.override, now?.override];
  const about = { coordinate, subgraph, before, after };
  if (before !== after) {
    return after === undefined
      ? [
          {
            code: 'OVERRIDE_REMOVED',
            ...about,
            what: `${subgraph} no longer takes ${coordinate} over from ${before ?? ''}.`,
          },
        ]
      : [{ code: 'OVERRIDE_ADDED', ...about, what: `${subgraph} takes ${coordinate} over from ${after}.` }];
  }
  // The one that it is taken over from carries the label too.
  if (after === undefined || old?.overrideLabel === now?.overrideLabel) return [];
  const labels = { before: old?.overrideLabel, after: now?.overrideLabel };
  const what = `${subgraph} takes ${coordinate} over for ${labels.after ?? 'all requests'}, before for ${labels.before ?? 'all requests'}.`;
  return [{ code: 'OVERRIDE_LABEL_CHANGED', coordinate, subgraph, ...labels, what }];
}

/** Finds fields with other owners, requirements, company or overrides. */
export const ownersChanged: Rule = ({ base, head }) => {
  const drafts: Draft[] = [];
  for (const [coordinate, before] of base.facts.fields) {
    const after = head.facts.fields.get(coordinate);
    if (after === undefined) continue;
    drafts.push(...compareOwners(coordinate, before, after));
    for (const subgraph of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(subgraph), after.get(subgraph)];
      drafts.push(...compareOverride(coordinate, subgraph, old, now));
      if (old !== undefined && now !== undefined) drafts.push(...compareParts(coordinate, subgraph, old, now));
    }
  }
  return drafts;
};
