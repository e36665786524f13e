// What is tagged as personal and takes no scope: the tag hides it from contracts alone.
import type { GraphState, PlacedDraft } from '../rules/rule.ts';

const PERSONAL = 'pii';

/** Finds output fields with the tag and without a need. */
export function needMissing({ facts, needs }: GraphState): PlacedDraft[] {
  // Only output types have fields that take something: inputs are protected where they are taken.
  const isOutput = (coordinate: string): boolean => facts.fields.has(coordinate) && !coordinate.includes('(');
  const hasNeeds = needs.size > 0;
  return [...facts.elements].flatMap(([coordinate, { tags }]) => {
    if (!hasNeeds || !tags.has(PERSONAL) || !isOutput(coordinate) || needs.has(coordinate)) return [];
    return [
      { code: 'NEED_MISSING', coordinate, what: `${coordinate} is tagged ${PERSONAL} and takes no scope to be seen.` },
    ];
  });
}
