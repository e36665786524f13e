// Whether a segment's rule selects one profile, without the database: what `selectAudience` means there, for whoever has
// the profile at hand. A test holds the two together.
import type { AudienceProfileDocument, StoredRule } from '../documents.ts';

/** The part of a profile that rules look at. */
export type JudgedProfile = Pick<
  AudienceProfileDocument,
  'orderCount' | 'lifetimeValueMinor' | 'lastOrderAt' | 'consentedChannels' | 'forgottenAt'
>;

/** Takes a kept rule and a profile; says whether it selects it. Nothing selects who was forgotten. */
export function selects(rule: StoredRule, profile: JudgedProfile): boolean {
  return profile.forgottenAt == null && holds(rule, profile);
}

function holds(rule: StoredRule, profile: JudgedProfile): boolean {
  const { lifetimeValueMinorGte, orderCountGte, lastOrderBefore, lastOrderSince, consent, and, or, not } = rule;
  const lastOrderMs = profile.lastOrderAt?.getTime();
  const isWithin = (holds: (ms: number) => boolean): boolean => lastOrderMs !== undefined && holds(lastOrderMs);
  return (
    (lifetimeValueMinorGte === undefined || profile.lifetimeValueMinor >= lifetimeValueMinorGte) &&
    (orderCountGte === undefined || profile.orderCount >= orderCountGte) &&
    (lastOrderBefore === undefined || isWithin((ms) => ms < Date.parse(lastOrderBefore))) &&
    (lastOrderSince === undefined || isWithin((ms) => ms >= Date.parse(lastOrderSince))) &&
    (consent === undefined || profile.consentedChannels.includes(consent)) &&
    (and ?? []).every((part) => holds(part, profile)) &&
    (or === undefined || or.some((part) => holds(part, profile))) &&
    (not === undefined || !holds(not, profile))
  );
}
