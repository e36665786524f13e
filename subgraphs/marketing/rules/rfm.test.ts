import fc from 'fast-check';
import { readOrderStats, rfmOf } from './rfm.ts';

const NOW = new Date('2026-06-30T12:00:00.000Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

describe('rfmOf', () => {
  it.each([
    [0, 5],
    [30, 5],
    [30.5, 4],
    [90, 4],
    [91, 3],
    [180, 3],
    [181, 2],
    [365, 2],
    [366, 1],
  ])('scores a last order %d days ago with recency %d', (days, recency) => {
    expect(rfmOf({ orderCount: 1, lastOrderAt: daysAgo(days), amountMinor: 0 }, NOW).recency).toBe(recency);
  });

  it.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [5, 3],
    [10, 4],
    [19, 4],
    [20, 5],
  ])('scores %d orders with frequency %d', (orderCount, frequency) => {
    expect(rfmOf({ orderCount, lastOrderAt: NOW, amountMinor: 0 }, NOW).frequency).toBe(frequency);
  });

  it.each([
    [9_999, 1],
    [10_000, 2],
    [50_000, 3],
    [200_000, 4],
    [500_000, 5],
  ])('scores %d minor units with monetary %d', (amountMinor, monetary) => {
    expect(rfmOf({ orderCount: 1, lastOrderAt: NOW, amountMinor }, NOW).monetary).toBe(monetary);
  });

  it('scores a customer without an order with 1, 1, 1', () => {
    const none = { orderCount: 0, lastOrderAt: null, amountMinor: 900_000 };
    expect(rfmOf(none, NOW)).toEqual({ recency: 1, frequency: 1, monetary: 1 });
  });

  it('never scores more orders and more money lower', () => {
    const stats = fc.record({ orderCount: fc.nat(50), amountMinor: fc.nat(1_000_000) });
    fc.assert(
      fc.property(stats, stats, (left, right) => {
        const less = rfmOf({ ...left, lastOrderAt: NOW }, NOW);
        const more = rfmOf(
          {
            orderCount: left.orderCount + right.orderCount,
            amountMinor: left.amountMinor + right.amountMinor,
            lastOrderAt: NOW,
          },
          NOW,
        );
        return left.orderCount === 0 || (more.frequency >= less.frequency && more.monetary >= less.monetary);
      }),
    );
  });
});

describe('readOrderStats', () => {
  const lifetimeValue = { amountMinor: 12_345, currency: 'EUR' };

  it('reads what orders sends', () => {
    const lastOrderAt = '2026-01-01T00:00:00.000Z';
    const read = readOrderStats({ orderCount: 3, lastOrderAt, lifetimeValue });
    expect(read).toEqual({ orderCount: 3, lastOrderAt: new Date(lastOrderAt), amountMinor: 12_345 });
    expect(readOrderStats({ orderCount: 0, lastOrderAt: null, lifetimeValue })?.lastOrderAt).toBeNull();
  });

  it.each([
    undefined,
    null,
    {},
    { orderCount: '3', lastOrderAt: null, lifetimeValue },
    { orderCount: { $gt: 0 }, lastOrderAt: null, lifetimeValue },
    { orderCount: -1, lastOrderAt: null, lifetimeValue },
    { orderCount: 3, lastOrderAt: 'yesterday', lifetimeValue },
    { orderCount: 3, lastOrderAt: { $gt: '' }, lifetimeValue },
    { orderCount: 3, lastOrderAt: null, lifetimeValue: null },
    { orderCount: 3, lastOrderAt: null, lifetimeValue: { amountMinor: 1.5 } },
  ])('gives undefined for %j', (value) => {
    expect(readOrderStats(value)).toBeUndefined();
  });
});
