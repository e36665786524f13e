import { checkRule, selectAudience, storedRule, type SegmentRuleInput } from './segmentRule.ts';

const JANUARY = new Date('2026-01-01T00:00:00.000Z');

/** Operators carry a mark that says who made them; as JSON they are what the database sees. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function nested(levels: number): SegmentRuleInput {
  return levels === 1 ? { orderCountGte: 1 } : { not: nested(levels - 1) };
}

describe('checkRule', () => {
  it('takes a rule with every part', () => {
    const rule = { lifetimeValueMinorGte: 0, orderCountGte: 1, lastOrderBefore: JANUARY, consent: 'EMAIL' } as const;
    expect(checkRule({ ...rule, or: [rule], and: [rule], not: rule })).toBeUndefined();
  });

  it('takes 5 levels and refuses 6', () => {
    expect(checkRule(nested(5))).toBeUndefined();
    expect(checkRule(nested(6))).toMatch(/5 levels/);
  });

  it('takes 20 branches and refuses 21 and none', () => {
    const branch = { orderCountGte: 1 };
    expect(checkRule({ or: Array(20).fill(branch) as SegmentRuleInput[] })).toBeUndefined();
    expect(checkRule({ or: Array(21).fill(branch) as SegmentRuleInput[] })).toMatch(/1 to 20/);
    expect(checkRule({ and: [] })).toMatch(/1 to 20/);
  });

  it.each([
    {},
    { consent: null },
    { not: {} },
    { lifetimeValueMinorGte: -1 },
    { lifetimeValueMinorGte: 1e13 + 1 },
    { orderCountGte: -1 },
    { lastOrderBefore: new Date('2100-01-01T00:00:00.000Z') },
    { or: [{ orderCountGte: 1 }, { lastOrderSince: new Date(-1) }] },
  ] as SegmentRuleInput[])('refuses %j', (rule) => {
    expect(checkRule(rule)).toEqual(expect.any(String));
  });
});

describe('storedRule', () => {
  it('keeps what is given in one order, as plain JSON', () => {
    const kept = storedRule({ not: { consent: 'SMS' }, lastOrderBefore: JANUARY, orderCountGte: 0, consent: null });
    expect(JSON.stringify(kept)).toBe(
      '{"orderCountGte":0,"lastOrderBefore":"2026-01-01T00:00:00.000Z","not":{"consent":"SMS"}}',
    );
  });
});

describe('selectAudience', () => {
  it('makes one condition of all parts', () => {
    const rule = { lifetimeValueMinorGte: 100, lastOrderBefore: JANUARY.toISOString(), consent: 'EMAIL' } as const;
    const { conditions } = selectAudience({ ...rule, or: [{ orderCountGte: 2 }, { orderCountGte: 3 }] });
    expect(plain(conditions)).toEqual([
      {
        $and: [
          { consentedChannels: 'EMAIL' },
          { lifetimeValueMinor: { $gte: 100 } },
          { lastOrderAt: { $lt: JANUARY.toISOString() } },
          { $or: [{ orderCount: { $gte: 2 } }, { orderCount: { $gte: 3 } }] },
        ],
      },
      { forgottenAt: null },
    ]);
  });

  it('turns not into a condition that nothing within may meet', () => {
    const { conditions } = selectAudience({ not: { consent: 'WEB' } });
    expect(plain(conditions)).toEqual([{ $nor: [{ consentedChannels: 'WEB' }] }, { forgottenAt: null }]);
  });

  it.each([
    [{ consent: 'EMAIL', orderCountGte: 1 }, 'byConsent'],
    [{ lifetimeValueMinorGte: 1, lastOrderSince: JANUARY.toISOString() }, 'byLastOrder'],
    [{ orderCountGte: 1 }, 'byOrderCount'],
    [{ lifetimeValueMinorGte: 1 }, 'byLifetimeValue'],
    [{ lifetimeValueMinorGte: 1, and: [{ consent: 'SMS' }] }, 'byConsent'],
    [{ or: [{ consent: 'SMS' }, { orderCountGte: 1 }] }, 'byLifetimeValue'],
    [{ not: { consent: 'SMS' } }, 'byLifetimeValue'],
  ] as const)('reads %j by the index %s', (rule, index) => {
    expect(selectAudience(rule).index).toBe(index);
  });
});
