import fc from 'fast-check';
import { addFigures, consentedChannels, currentConsents, makeProfile, NO_ORDERS } from './audienceProfile.ts';
import type { Channel } from '../documents.ts';

const channel = fc.constantFrom<Channel>('EMAIL', 'SMS', 'PUSH', 'WEB');
const statement = fc.record({
  channel,
  state: fc.constantFrom('GRANTED' as const, 'WITHDRAWN' as const),
  capturedAt: fc.nat(5).map((day) => new Date(Date.UTC(2026, 0, 1 + day))),
});

describe('currentConsents', () => {
  it('gives of each channel the newest statement, and of equal times the one recorded last', () => {
    fc.assert(
      fc.property(fc.array(statement), (statements) => {
        const current = currentConsents(statements);
        expect(new Set(current.keys())).toEqual(new Set(statements.map((one) => one.channel)));
        for (const [name, holding] of current) {
          const same = statements.filter((one) => one.channel === name);
          const newestMs = Math.max(...same.map(({ capturedAt }) => capturedAt.getTime()));
          expect(holding).toBe(same.findLast(({ capturedAt }) => capturedAt.getTime() === newestMs));
        }
      }),
    );
  });
});

describe('consentedChannels', () => {
  it('gives what is granted and not suppressed, each once and in order', () => {
    const granted = (['SMS', 'EMAIL', 'PUSH'] as const).map((name) => ({ channel: name, state: 'GRANTED' as const }));
    const withdrawn = { channel: 'WEB', state: 'WITHDRAWN' } as const;
    expect(consentedChannels([...granted, withdrawn], [{ channel: 'PUSH' }])).toEqual(['EMAIL', 'SMS']);
  });
});

describe('makeProfile', () => {
  it('keeps one document a customer and tenant', () => {
    const parts = { tenantId: 'a', customerId: 'cus_000001', orders: NO_ORDERS, updatedAt: new Date(0) };
    const profile = makeProfile({ ...parts, consents: [], suppressions: [] });
    expect(profile).toMatchObject({ _id: 'a:cus_000001', orderCount: 0, currency: null, consentedChannels: [] });
  });
});

describe('addFigures', () => {
  const newest = new Date('2026-02-01T00:00:00.000Z');
  const keeper = { orderCount: 2, lifetimeValueMinor: 500, currency: 'EUR', lastOrderAt: new Date(0) };

  it('adds orders and money, and keeps the later order', () => {
    const sum = addFigures(keeper, { orderCount: 1, lifetimeValueMinor: 100, currency: 'EUR', lastOrderAt: newest });
    expect(sum).toEqual({ orderCount: 3, lifetimeValueMinor: 600, currency: 'EUR', lastOrderAt: newest });
  });

  it('does not add up money of two currencies', () => {
    const sum = addFigures(keeper, { orderCount: 1, lifetimeValueMinor: 100, currency: 'USD', lastOrderAt: null });
    expect(sum).toMatchObject({ orderCount: 3, lifetimeValueMinor: 500, currency: 'EUR' });
  });

  it('leaves figures as they are when the other has none', () => {
    expect(addFigures(NO_ORDERS, keeper)).toEqual(keeper);
    expect(addFigures(keeper, NO_ORDERS)).toEqual(keeper);
    expect(addFigures(NO_ORDERS, NO_ORDERS)).toEqual(NO_ORDERS);
  });
});
