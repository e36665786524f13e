import fc from 'fast-check';
import { Query } from 'mingo';
import type { AudienceProfileDocument, StoredRule } from '../../subgraphs/marketing/documents.ts';
import { selectAudience } from '../../subgraphs/marketing/rules/segmentRule.ts';
import { selects } from '../../subgraphs/marketing/rules/selects.ts';
import { makeSegments } from './segments.ts';
import { DEFAULT_UNTIL, makeWorld } from './world.ts';

const world = makeWorld('main', 1, Date.parse(DEFAULT_UNTIL));
const DAY_MS = 86_400_000;
const channel = fc.constantFrom('EMAIL' as const, 'SMS' as const, 'PUSH' as const, 'WEB' as const);
const moment = fc.integer({ min: 0, max: 900 }).map((days) => new Date(world.untilMs - days * DAY_MS));

const profile: fc.Arbitrary<AudienceProfileDocument> = fc.record({
  _id: fc.constant('main:cus_1'),
  tenantId: fc.constant('main'),
  customerId: fc.constant('cus_1'),
  orderCount: fc.integer({ min: 0, max: 20 }),
  lifetimeValueMinor: fc.integer({ min: 0, max: 400_000 }),
  currency: fc.constant('EUR'),
  lastOrderAt: fc.option(moment),
  consentedChannels: fc.uniqueArray(channel),
  updatedAt: fc.constant(new Date(world.untilMs)),
});

const { rule } = fc.letrec<{ rule: StoredRule; part: StoredRule }>((tie) => ({
  part: fc.oneof(
    fc.record({ orderCountGte: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ lifetimeValueMinorGte: fc.integer({ min: 0, max: 400_000 }) }),
    fc.record({ consent: channel }),
    fc.record({ lastOrderBefore: moment.map((at) => at.toISOString()) }),
    fc.record({ lastOrderSince: moment.map((at) => at.toISOString()), consent: channel }),
  ),
  rule: fc.oneof(
    { maxDepth: 2 },
    tie('part'),
    fc.record({ and: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('rule') }),
  ),
}));

describe('selects', () => {
  it('selects exactly what the condition selects that marketing sends to the database', () => {
    const inDatabase = (stored: StoredRule, document: AudienceProfileDocument): boolean =>
      new Query({ $and: [...selectAudience(stored).conditions] }).test({ ...document });
    fc.assert(
      fc.property(rule, profile, (stored, document) => {
        expect(selects(stored, document)).toBe(inDatabase(stored, document));
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...makeSegments(world)), profile, (segment, document) => {
        expect(selects(segment.rule, document)).toBe(inDatabase(segment.rule, document));
      }),
      { numRuns: 1_000 },
    );
  });
});
