// Tags are what contracts filter by: one that hides something is as good as a lock.
import type { Draft, GraphChange, Rule } from './rule.ts';

/** Personal data is told by this tag, whether or not a contract names it. */
const PERSONAL = 'pii';

/** The tags that hide something in some contract, before or after. */
function hidingTags({ base, head }: GraphChange): Set<string> {
  const filters = [...base.contracts.values(), ...head.contracts.values()];
  return new Set([PERSONAL, ...filters.flatMap(({ exclude }) => [...exclude])]);
}

/** Finds tags that were put on or taken off. */
export const tagsChanged: Rule = (change) => {
  const hiding = hidingTags(change);
  const drafts: Draft[] = [];
  for (const [coordinate, { tags }] of change.base.facts.elements) {
    const now = change.head.facts.elements.get(coordinate)?.tags;
    if (now === undefined) continue;
    for (const tag of [...tags].filter((each) => !now.has(each))) {
      const verdict = hiding.has(tag) ? 'unsafe' : 'safe';
      drafts.push({
        code: 'TAG_REMOVED',
        verdict,
        coordinate,
        before: tag,
        what: `${coordinate} lost the tag ${tag}.`,
      });
    }
    for (const tag of [...now].filter((each) => !tags.has(each))) {
      drafts.push({ code: 'TAG_ADDED', coordinate, after: tag, what: `${coordinate} got the tag ${tag}.` });
    }
  }
  return drafts;
};
