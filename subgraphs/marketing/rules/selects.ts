// Whether a segment's rule selects one profile, without the database: what `selectAudience` means there, for whoever has
// the profile at hand. A test holds the two together.
import type { AudienceProfileDocument, StoredRule } from '../documents.ts';

/** The part of a profile that rules look at. */
export type JudgedProfile = Pick<
  AudienceProfileDocument,
  'orderCount' | 'lifetimeValueMinor' | 'lastOrderAt' | 'consentedChannels'
>;

/** Takes a kept rule and a profile; says whether it selects it. */
export function selects(rule: StoredRule, profile: JudgedProfile): boolean {
  const { lifetimeValueMinorGte, orderCountGte, lastOrderBefore, lastOrderSince, consent, and, or, not } = rule;
  const lastOrderMs = profile.lastOrderAt?.getTime();
  const isWithin = (holds: (ms: number) => boolean): boolean => lastOrderMs !== undefined && holds(lastOrderMs);
  return (
    (lifetimeValueMinorGte === undefined || profile.lifetimeValueMinor >= lifetimeValueMinorGte) &&
    (orderCountGte === undefined || profile.orderCount >= orderCountGte) &&
    (lastOrderBefore === undefined || isWithin((ms) => ms < Date.parse(lastOrderBefore))) &&
    (lastOrderSince === undefined || isWithin((ms) => ms >= Date.parse(lastOrderSince))) &&
    (consent === undefined || profile.consentedChannels.includes(consent)) &&
    (and ?? []).every((part) => selects(part, profile)) &&
    (or === undefined || or.some((part) => selects(part, profile))) &&
    (not === undefined || !selects(not, profile))
  );
}
