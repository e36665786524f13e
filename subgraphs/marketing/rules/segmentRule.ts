// Segment rules: input → the checked form that is kept → a condition on audience profiles and the index to read it by.
// Depth and lists are bounded, and each part names a field that has an index.
import { checkMoment, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { noneOf, within, type Condition } from '../../kit/read/operators.ts';
import type { Selection } from '../../kit/read/readPages.ts';
import type { Channel, StoredRule } from '../documents.ts';

const DEPTH_MAX = 5;
const BRANCHES_MAX = 20;
const AMOUNT_MINOR_MAX = 1e13;
const ORDERS_MAX = 2_147_483_647;

/** A rule as GraphQL hands it over. */
export interface SegmentRuleInput {
  readonly lifetimeValueMinorGte?: number | null;
  readonly orderCountGte?: number | null;
  readonly lastOrderBefore?: Date | null;
  readonly lastOrderSince?: Date | null;
  readonly consent?: Channel | null;
  readonly and?: readonly SegmentRuleInput[] | null;
  readonly or?: readonly SegmentRuleInput[] | null;
  readonly not?: SegmentRuleInput | null;
}

function checkAmount(name: string, value: number | null | undefined, valueMax: number): Fault {
  return value == null || (value >= 0 && value <= valueMax) ? undefined : `${name} must lie between 0 and ${valueMax}.`;
}

function checkOptionalMoment(name: string, value: Date | null | undefined): Fault {
  return value == null ? undefined : checkMoment(name, value);
}

function checkBranches(branches: readonly SegmentRuleInput[] | null | undefined, depth: number): Fault {
  if (branches == null) return undefined;
  if (branches.length === 0 || branches.length > BRANCHES_MAX) return `and, or hold 1 to ${BRANCHES_MAX} rules.`;
  return firstFault(...branches.map((branch) => checkRule(branch, depth + 1)));
}

/** Takes a rule; gives what is wrong with it. An empty rule is wrong: it would select everyone by an oversight. */
export function checkRule(rule: SegmentRuleInput, depth = 1): Fault {
  if (depth > DEPTH_MAX) return `A rule is at most ${DEPTH_MAX} levels deep.`;
  if (Object.values(rule).every((part) => part == null)) return 'A rule, and each rule within it, has a condition.';
  return firstFault(
    checkAmount('lifetimeValueMinorGte', rule.lifetimeValueMinorGte, AMOUNT_MINOR_MAX),
    checkAmount('orderCountGte', rule.orderCountGte, ORDERS_MAX),
    checkOptionalMoment('lastOrderBefore', rule.lastOrderBefore),
    checkOptionalMoment('lastOrderSince', rule.lastOrderSince),
    checkBranches(rule.and, depth),
    checkBranches(rule.or, depth),
    rule.not == null ? undefined : checkRule(rule.not, depth + 1),
  );
}

/** Takes a checked rule; gives the form that is kept: plain JSON with its parts in a fixed order. */
export function storedRule(rule: SegmentRuleInput): StoredRule {
  const { lifetimeValueMinorGte, orderCountGte, lastOrderBefore, lastOrderSince, consent, and, or, not } = rule;
  return {
    ...(lifetimeValueMinorGte != null && { lifetimeValueMinorGte }),
    ...(orderCountGte != null && { orderCountGte }),
    ...(lastOrderBefore != null && { lastOrderBefore: lastOrderBefore.toISOString() }),
    ...(lastOrderSince != null && { lastOrderSince: lastOrderSince.toISOString() }),
    ...(consent != null && { consent }),
    ...(and != null && { and: and.map(storedRule) }),
    ...(or != null && { or: or.map(storedRule) }),
    ...(not != null && { not: storedRule(not) }),
  };
}

function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function conditionOf(rule: StoredRule): Condition {
  const { lifetimeValueMinorGte, orderCountGte, consent, and, or, not } = rule;
  const bounds = { gte: momentOf(rule.lastOrderSince), lt: momentOf(rule.lastOrderBefore) };
  const conditions: Condition[] = [
    ...(consent === undefined ? [] : [{ consentedChannels: consent }]),
    ...(lifetimeValueMinorGte === undefined ? [] : [{ lifetimeValueMinor: within({ gte: lifetimeValueMinorGte }) }]),
    ...(orderCountGte === undefined ? [] : [{ orderCount: within({ gte: orderCountGte }) }]),
    ...(bounds.gte === undefined && bounds.lt === undefined ? [] : [{ lastOrderAt: within(bounds) }]),
    ...(and ?? []).map(conditionOf),
    ...(or === undefined ? [] : [{ $or: or.map(conditionOf) }]),
    ...(not === undefined ? [] : [noneOf([conditionOf(not)])]),
  ];
  const [only, ...others] = conditions;
  return only !== undefined && others.length === 0 ? only : { $and: conditions };
}

/** Gives the parts that every selected customer meets: those of the rule and of the rules under its `and`. */
function requiredParts(rule: StoredRule): StoredRule[] {
  return [rule, ...(rule.and ?? []).flatMap(requiredParts)];
}

/** The indexes of audience profiles, the most selective first, and the parts of a rule that each one serves. */
const INDEXES = [
  { index: 'byConsent', serves: ['consent'] },
  { index: 'byLastOrder', serves: ['lastOrderBefore', 'lastOrderSince'] },
  { index: 'byOrderCount', serves: ['orderCountGte'] },
] as const satisfies readonly { index: string; serves: readonly (keyof StoredRule)[] }[];

/** Takes a kept rule; gives what it selects of the audience profiles and the index to read it by: nobody forgotten. */
export function selectAudience(rule: StoredRule): Selection {
  const parts = requiredParts(rule);
  const served = INDEXES.find(({ serves }) => parts.some((part) => serves.some((name) => part[name] !== undefined)));
  return { conditions: [conditionOf(rule), { forgottenAt: null }], index: served?.index ?? 'byLifetimeValue' };
}
