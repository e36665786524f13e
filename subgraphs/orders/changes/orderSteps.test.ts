// Whatever steps an order is put through, in whatever order: money and parcels stay within what there is, and its status
// only goes along the ways that the schema names.
import fc from 'fast-check';
import type { Item } from '../../kit/write/writeBatch.ts';
import type { LineQuantity, OrderDocument, OrderStatus } from '../model.ts';
import { cancelItem, fulfilmentItem, paymentItem, refundItem, returnItem } from './orderSteps.ts';

const NOW = new Date(0);
const WAYS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PLACED: ['PAID', 'CANCELLED'],
  PAID: ['SHIPPED', 'CANCELLED'],
  SHIPPED: ['RETURNED'],
  CANCELLED: [],
  RETURNED: [],
};

const placed: OrderDocument = {
  _id: 'ord_00000001',
  tenantId: 'main',
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  createdBy: 'test',
  updatedBy: 'test',
  deletedAt: null,
  externalRef: { source: 'crm', id: 'ord_00000001' },
  externalKey: '3:crm:ord_00000001',
  number: '1970-0000000000',
  customerId: 'cus_00000001',
  customerDisplayName: 'Ada',
  placedAt: NOW,
  status: 'PLACED',
  currency: 'EUR',
  totalMinor: 7,
  refundedMinor: 0,
  lines: [
    { sku: 'tea', name: 'Tea', quantity: 1, priceMinor: 1 },
    { sku: 'tea', name: 'Tea', quantity: 2, priceMinor: 1 },
    { sku: 'pot', name: 'Pot', quantity: 1, priceMinor: 4 },
  ],
  payments: [],
  refunds: [],
  fulfilments: [],
  returns: [],
  cancelledAt: null,
  cancelReason: null,
  touches: [],
  campaignIds: [],
  engagementIds: [],
};
const named = { orderId: placed._id, version: 1 };

const amount = fc.record({
  amountMinor: fc.integer({ min: -1, max: 8 }),
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
});
const lines = fc.array(
  fc.record({ sku: fc.constantFrom('tea', 'pot', 'cup'), quantity: fc.integer({ min: 0, max: 3 }) }),
  { maxLength: 3 },
);
const anyStep: fc.Arbitrary<Item<OrderDocument>> = fc.oneof(
  amount.map((money) => paymentItem({ ...named, amount: money, method: 'CARD', paidAt: NOW })),
  amount.map((money) => refundItem({ ...named, amount: money }, NOW)),
  lines.map((sent) => fulfilmentItem({ ...named, lines: sent }, NOW)),
  lines.map((back) => returnItem({ ...named, lines: back }, NOW)),
  fc.constant(cancelItem(named, NOW)),
);

function apply(order: OrderDocument, step: Item<OrderDocument>): OrderDocument {
  const decision = step.decide(order, '');
  return decision.do === 'patch' ? { ...order, ...decision.fields } : order;
}

function sum(amounts: readonly { amountMinor: number }[]): number {
  return amounts.reduce((all, { amountMinor }) => all + amountMinor, 0);
}

function countOf(sku: string, parts: readonly { lines: readonly LineQuantity[] }[]): number {
  const counted = parts.flatMap((part) => part.lines).filter((line) => line.sku === sku);
  return counted.reduce((all, { quantity }) => all + quantity, 0);
}

function expectWithinBounds(order: OrderDocument): void {
  expect(sum(order.payments)).toBeLessThanOrEqual(order.totalMinor);
  expect(order.refundedMinor).toBe(sum(order.refunds));
  expect(order.refundedMinor).toBeLessThanOrEqual(sum(order.payments));
  for (const sku of ['tea', 'pot', 'cup']) {
    expect(countOf(sku, order.fulfilments)).toBeLessThanOrEqual(countOf(sku, [order]));
    expect(countOf(sku, order.returns)).toBeLessThanOrEqual(countOf(sku, order.fulfilments));
  }
}

describe('the steps of an order', () => {
  it('keep money and parcels within what there is, and the status on its ways', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        let order = placed;
        for (const step of steps) {
          const next = apply(order, step);
          if (next.status !== order.status) expect(WAYS[order.status]).toContain(next.status);
          expectWithinBounds(next);
          order = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('change nothing of an order that is deleted or not there', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        expect(step.decide(undefined, '')).toMatchObject({ do: 'refuse', code: 'NOT_FOUND' });
        expect(step.decide({ ...placed, deletedAt: NOW }, '')).toMatchObject({ do: 'refuse', code: 'CONFLICT' });
      }),
    );
  });

  it('say from which status to which a step would go', () => {
    const step = cancelItem(named, NOW);
    const message = 'An order that is RETURNED cannot become CANCELLED: it has to be PLACED or PAID.';
    expect(step.decide({ ...placed, status: 'RETURNED' }, '')).toEqual({ do: 'refuse', code: 'INVALID', message });
  });

  it('make an order without a price PAID by a payment of nothing', () => {
    const free = { ...placed, totalMinor: 0 };
    const payment = paymentItem({ ...named, amount: { amountMinor: 0, currency: 'EUR' }, method: 'CASH', paidAt: NOW });
    expect(apply(free, payment).status).toBe('PAID');
    expect(apply(placed, payment).status).toBe('PLACED');
  });
});
