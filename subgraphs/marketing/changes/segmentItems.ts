// What a segment's input and patch may hold, and the fields they become. Pure. A new rule leaves the members as they
// are until the segment is refreshed.
import { checkText, firstFault } from '../../kit/write/checkInput.ts';
import type { SegmentDocument } from '../documents.ts';
import type { NaturalInput, NaturalKind, PatchInput } from '../../kit/write/naturalItems.ts';
import { checkRule, storedRule, type SegmentRuleInput } from '../rules/segmentRule.ts';

interface SegmentContent {
  readonly name?: string | null;
  readonly rule?: SegmentRuleInput | null;
}

/** A new or known segment. */
export interface SegmentInput extends SegmentContent, NaturalInput {
  readonly name: string;
  readonly rule: SegmentRuleInput;
}

/** What to change in a segment. */
export interface SegmentPatch extends SegmentContent, PatchInput {}

/** What is particular to segments. */
export const SEGMENT_KIND: NaturalKind<SegmentDocument, SegmentContent, SegmentInput> = {
  check: ({ name, rule }) =>
    firstFault(
      name === undefined ? undefined : checkText('name', name, 200),
      rule === undefined ? undefined : checkRule(rule ?? {}),
    ),
  fieldsOf: ({ name, rule }) => ({
    ...(name != null && { name }),
    ...(rule != null && { rule: storedRule(rule) }),
  }),
  first: ({ name, rule }, key) => ({ ...key, name, rule: storedRule(rule), memberCount: 0, refreshedAt: null }),
};
