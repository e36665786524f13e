// What orders come to: totals that follow changes are those that would be made anew, and no cent is lost.
import fc from 'fast-check';
import type { CampaignTotalsDocument, OrderDocument } from '../model.ts';
import { changeTotals, emptyTotals, lacksNewest, NEWEST_MAX, revenueOf, statsOf, type ValuedOrder } from './rollups.ts';

const CAMPAIGNS = ['cmp_a', 'cmp_b', 'cmp_c'];

const anyOrder: fc.Arbitrary<ValuedOrder> = fc
  .record({
    _id: fc.string({ minLength: 8, maxLength: 8 }),
    customerId: fc.constantFrom('cus_a', 'cus_b'),
    placedAt: fc.integer({ min: 0, max: 50 }).map((ms) => new Date(ms)),
    status: fc.constantFrom<OrderDocument['status']>('PLACED', 'CANCELLED', 'PAID'),
    currency: fc.constantFrom('EUR', 'USD'),
    totalMinor: fc.integer({ min: 0, max: 1e9 }),
    refundedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    touches: fc.array(fc.constantFrom(...CAMPAIGNS), { maxLength: 5 }),
    deletedAt: fc.constantFrom(null, null, new Date(1)),
  })
  .map(({ refundedShare, touches, ...order }) => ({
    ...order,
    refundedMinor: Math.floor(order.totalMinor * refundedShare),
    touches: touches.map((campaignId) => ({ campaignId, engagementId: null, touchedAt: new Date(0) })),
  }));

function newestOf(orders: readonly ValuedOrder[]): CampaignTotalsDocument['newest'] {
  return orders
    .filter(({ deletedAt }) => deletedAt === null)
    .map(({ _id, placedAt }) => ({ orderId: _id, placedAt }))
    .sort(
      (left, right) => right.placedAt.getTime() - left.placedAt.getTime() || (left.orderId < right.orderId ? 1 : -1),
    )
    .slice(0, NEWEST_MAX);
}

function uniqueOrders(options: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<ValuedOrder[]> {
  return fc.uniqueArray(anyOrder, { selector: ({ _id }) => _id, ...options });
}

describe('revenueOf', () => {
  it('shares out exactly what an order is worth, under every model', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        const credits = revenueOf(order);
        for (const model of ['FIRST_TOUCH', 'LAST_TOUCH', 'LINEAR']) {
          const sum = credits
            .filter((credit) => credit.model === model)
            .reduce((all, { amountMinor }) => all + amountMinor, 0);
          const isCounted = order.status !== 'CANCELLED' && order.deletedAt === null && order.touches.length > 0;
          expect(sum).toBe(isCounted ? order.totalMinor - order.refundedMinor : 0);
        }
      }),
    );
  });
});

describe('changeTotals', () => {
  it('gives the same whatever an order was before it became what it is', () => {
    const changes = fc.array(fc.tuple(anyOrder, anyOrder), { maxLength: 20 });
    fc.assert(
      fc.property(changes, (pairs) => {
        const orders = pairs.map(([was, is], n) => ({
          was: { ...was, _id: `ord_${n}` },
          is: { ...is, _id: `ord_${n}` },
        }));
        const empty = emptyTotals('main', 'cmp_a');
        const placed = orders.reduce((totals, { was }) => changeTotals(totals, undefined, was), empty);
        // The time and the touches of an order never change; the rest may.
        const after = orders.map(({ was, is }) => ({ ...is, placedAt: was.placedAt, touches: was.touches }));
        const followed = orders.reduce((totals, { was }, n) => changeTotals(totals, was, after[n]), placed);
        const anew = after.reduce((totals, order) => changeTotals(totals, undefined, order), empty);
        expect(followed).toEqual({ ...anew, credits: expect.any(Array) as unknown });
        expect(new Set(followed.credits)).toEqual(new Set(anew.credits));
      }),
    );
  });

  it('keeps the newest orders in order, whatever order they come in', () => {
    fc.assert(
      fc.property(uniqueOrders({ maxLength: 150 }), (orders) => {
        const totals = orders.reduce((all, order) => changeTotals(all, undefined, order), emptyTotals('main', 'cmp_a'));
        expect(totals.newest).toEqual(newestOf(orders));
        expect(lacksNewest(totals)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('says that the list lacks orders when one of a full list is deleted', () => {
    const order = (n: number): ValuedOrder => ({
      _id: `ord_${n}`,
      customerId: 'cus_a',
      placedAt: new Date(n),
      status: 'PLACED',
      currency: 'EUR',
      totalMinor: 1,
      refundedMinor: 0,
      touches: [{ campaignId: 'cmp_a', engagementId: null, touchedAt: new Date(0) }],
      deletedAt: null,
    });
    const orders = Array.from({ length: NEWEST_MAX + 1 }, (_, n) => order(n));
    const full = orders.reduce((all, each) => changeTotals(all, undefined, each), emptyTotals('main', 'cmp_a'));
    const last = order(NEWEST_MAX);
    const changed = changeTotals(full, last, { ...last, deletedAt: new Date(1) });
    expect([lacksNewest(full), lacksNewest(changed)]).toEqual([false, true]);
    expect(changed.newest).toHaveLength(NEWEST_MAX - 1);
  });
});

describe('statsOf', () => {
  it('counts what is neither cancelled nor deleted, the currency of most orders first', () => {
    fc.assert(
      fc.property(uniqueOrders(), (orders) => {
        const counted = orders.filter(({ status, deletedAt }) => status !== 'CANCELLED' && deletedAt === null);
        const stats = statsOf('main', 'cus_a', orders);
        expect(stats.orderCount).toBe(counted.length);
        const times = counted.map(({ placedAt }) => placedAt.getTime());
        expect(stats.firstOrderAt?.getTime()).toBe(counted.length === 0 ? undefined : Math.min(...times));
        expect(stats.lastOrderAt?.getTime()).toBe(counted.length === 0 ? undefined : Math.max(...times));
        const counts = stats.values.map(({ orderCount }) => orderCount);
        expect(counts).toEqual(counts.toSorted((left, right) => right - left));
      }),
    );
  });

  it('refuses sums that are no longer exact', () => {
    const dear = { currency: 'EUR', totalMinor: Number.MAX_SAFE_INTEGER, refundedMinor: 0, status: 'PAID' } as const;
    const order = { ...dear, _id: 'ord_1', customerId: 'cus_a', placedAt: new Date(0), touches: [], deletedAt: null };
    expect(() => statsOf('main', 'cus_a', [order, { ...order, totalMinor: 1 }])).toThrow('more than 2^53-1');
  });
});
