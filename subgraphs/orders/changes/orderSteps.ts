// The life of an order: PLACED → PAID → SHIPPED → RETURNED, and PLACED or PAID → CANCELLED. What each step asks of the
// order as it is, and what it changes. Pure: input and document in, decision out.
import { drawId } from '../../../platform/random.ts';
import { checkMoment, checkOptionalText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import { checkAmount, checkCount, checkQuantity, type MoneyInput } from './checkMoney.ts';
import type { LineQuantity, OrderDocument, OrderStatus, PaymentMethod } from '../model.ts';

const PARTS_MAX = 100;
const REASON_LENGTH_MAX = 500;

interface OrderVersion {
  readonly orderId: string;
  readonly version: number;
}
/** Money that came in for an order. */
export interface PaymentInput extends OrderVersion {
  readonly amount: MoneyInput;
  readonly method: PaymentMethod;
  readonly paidAt: Date;
}
/** An order that is called off. */
export interface CancelInput extends OrderVersion {
  readonly reason?: string | null;
}
/** Money that goes back. */
export interface RefundInput extends OrderVersion {
  readonly amount: MoneyInput;
  readonly reason?: string | null;
}
/** A parcel that was sent. */
export interface FulfilmentInput extends OrderVersion {
  readonly lines: readonly LineQuantity[];
  readonly carrier?: string | null;
  readonly trackingCode?: string | null;
}
/** A parcel that came back. */
export interface ReturnInput extends OrderVersion {
  readonly lines: readonly LineQuantity[];
  readonly reason?: string | null;
}

/** What a step makes of an order: the changed fields, or what is wrong. */
type Step = Partial<OrderDocument> | { readonly fault: string };

function stepItem({ orderId, version }: OrderVersion, step: (order: OrderDocument) => Step): Item<OrderDocument> {
  return {
    key: orderId,
    version,
    decide(stored): Decision<OrderDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such order.' };
      if (stored.deletedAt !== null) {
        return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
      }
      const result = step(stored);
      if ('fault' in result) return { do: 'refuse', code: 'INVALID', message: result.fault };
      return { do: 'patch', fields: result };
    },
  };
}

function checkStep(order: OrderDocument, from: readonly OrderStatus[], to: OrderStatus): Fault {
  if (from.includes(order.status)) return undefined;
  return `An order that is ${order.status} cannot become ${to}: it has to be ${from.join(' or ')}.`;
}

function checkCurrencyOf(order: OrderDocument, { currency }: MoneyInput): Fault {
  return currency === order.currency ? undefined : `The order is in ${order.currency}, not in ${currency}.`;
}

function paidMinorOf({ payments }: OrderDocument): number {
  return payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** Takes lists of lines; gives how many of each sku they have together. */
function countBySku(lists: readonly (readonly LineQuantity[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sku, quantity } of lists.flat()) counts.set(sku, (counts.get(sku) ?? 0) + quantity);
  return counts;
}

function partsOf(parts: readonly { lines: readonly LineQuantity[] }[]): (readonly LineQuantity[])[] {
  return parts.map(({ lines }) => lines);
}

function checkLines(lines: readonly LineQuantity[]): Fault {
  const count = checkCount('lines', lines.length, { min: 1, max: PARTS_MAX });
  return firstFault(count, ...lines.map(({ quantity }) => checkQuantity(quantity)));
}

/** Says which of the lines goes beyond what there is of its sku. */
function checkWithin(lines: readonly LineQuantity[], there: Map<string, number>, gone: Map<string, number>): Fault {
  for (const [sku, quantity] of countBySku([lines])) {
    const left = (there.get(sku) ?? 0) - (gone.get(sku) ?? 0);
    if (quantity > left) return `Of ${sku} there are ${left}, not ${quantity}.`;
  }
  return undefined;
}

function isAll(ordered: Map<string, number>, done: Map<string, number>): boolean {
  return [...ordered].every(([sku, quantity]) => (done.get(sku) ?? 0) >= quantity);
}

/** Takes a payment; gives the item that adds it, and makes the order PAID once its total is covered. */
export function paymentItem(input: PaymentInput): Item<OrderDocument> {
  const { amount, method, paidAt } = input;
  return stepItem(input, (order) => {
    const paidMinor = paidMinorOf(order);
    const leftMinor = order.totalMinor - paidMinor;
    const isTooMuch = amount.amountMinor > leftMinor;
    const fault = firstFault(
      checkStep(order, ['PLACED'], 'PAID'),
      checkCurrencyOf(order, amount),
      checkAmount('amount', amount.amountMinor),
      amount.amountMinor === 0 && leftMinor > 0 ? 'A payment must be above 0.' : undefined,
      isTooMuch ? `Only ${leftMinor} ${order.currency} in minor units are still to be paid.` : undefined,
      checkMoment('paidAt', paidAt),
      checkCount('payments', order.payments.length + 1, { min: 1, max: PARTS_MAX }),
    );
    if (fault !== undefined) return { fault };
    const payment = { id: `pay_${drawId()}`, amountMinor: amount.amountMinor, method, paidAt };
    const status = amount.amountMinor === leftMinor ? 'PAID' : 'PLACED';
    return { payments: [...order.payments, payment], status };
  });
}

/** Takes what is called off; gives the item that makes the order CANCELLED. What was sent has to come back before. */
export function cancelItem(input: CancelInput, now: Date): Item<OrderDocument> {
  return stepItem(input, (order) => {
    const isOut = !isAll(countBySku(partsOf(order.fulfilments)), countBySku(partsOf(order.returns)));
    const fault = firstFault(
      checkStep(order, ['PLACED', 'PAID'], 'CANCELLED'),
      isOut ? 'A part of it was sent and has to come back before it can become CANCELLED.' : undefined,
      checkOptionalText('reason', input.reason, REASON_LENGTH_MAX),
    );
    return fault === undefined
      ? { status: 'CANCELLED', cancelledAt: now, cancelReason: input.reason ?? null }
      : { fault };
  });
}

/** Takes a refund; gives the item that adds it: never more than was paid and not yet given back. */
export function refundItem(input: RefundInput, now: Date): Item<OrderDocument> {
  const { amount, reason = null } = input;
  return stepItem(input, (order) => {
    const leftMinor = paidMinorOf(order) - order.refundedMinor;
    const isTooMuch = amount.amountMinor > leftMinor;
    const fault = firstFault(
      checkCurrencyOf(order, amount),
      checkAmount('amount', amount.amountMinor),
      amount.amountMinor === 0 ? 'A refund must be above 0.' : undefined,
      isTooMuch ? `Only ${leftMinor} ${order.currency} in minor units can be given back.` : undefined,
      checkOptionalText('reason', reason, REASON_LENGTH_MAX),
      checkCount('refunds', order.refunds.length + 1, { min: 1, max: PARTS_MAX }),
    );
    if (fault !== undefined) return { fault };
    const refund = { id: `rfd_${drawId()}`, amountMinor: amount.amountMinor, reason, refundedAt: now };
    return { refunds: [...order.refunds, refund], refundedMinor: order.refundedMinor + amount.amountMinor };
  });
}

/** Takes a parcel; gives the item that adds it, and makes the order SHIPPED once every line has been sent. */
export function fulfilmentItem(input: FulfilmentInput, now: Date): Item<OrderDocument> {
  const { carrier = null, trackingCode = null } = input;
  return stepItem(input, (order) => {
    const ordered = countBySku([order.lines]);
    const sent = partsOf(order.fulfilments);
    const fault = firstFault(
      checkStep(order, ['PAID'], 'SHIPPED'),
      checkLines(input.lines),
      checkWithin(input.lines, ordered, countBySku(sent)),
      checkOptionalText('carrier', carrier, 100),
      checkOptionalText('trackingCode', trackingCode, 100),
      checkCount('fulfilments', sent.length + 1, { min: 1, max: PARTS_MAX }),
    );
    if (fault !== undefined) return { fault };
    const lines = linesOf(input.lines);
    const fulfilment = { id: `ful_${drawId()}`, lines, carrier, trackingCode, shippedAt: now };
    const status = isAll(ordered, countBySku([...sent, lines])) ? 'SHIPPED' : 'PAID';
    return { fulfilments: [...order.fulfilments, fulfilment], status };
  });
}

/** Takes a parcel that came back; gives the item that adds it, and makes the order RETURNED once every line is back. */
export function returnItem(input: ReturnInput, now: Date): Item<OrderDocument> {
  const { reason = null } = input;
  return stepItem(input, (order) => {
    const back = partsOf(order.returns);
    const isPartlySent = order.status === 'PAID' && order.fulfilments.length > 0;
    const fault = firstFault(
      isPartlySent ? undefined : checkStep(order, ['SHIPPED'], 'RETURNED'),
      checkLines(input.lines),
      checkWithin(input.lines, countBySku(partsOf(order.fulfilments)), countBySku(back)),
      checkOptionalText('reason', reason, REASON_LENGTH_MAX),
      checkCount('returns', back.length + 1, { min: 1, max: PARTS_MAX }),
    );
    if (fault !== undefined) return { fault };
    const lines = linesOf(input.lines);
    const isBack = !isPartlySent && isAll(countBySku([order.lines]), countBySku([...back, lines]));
    const returned = { id: `ret_${drawId()}`, lines, reason, returnedAt: now };
    return { returns: [...order.returns, returned], status: isBack ? 'RETURNED' : order.status };
  });
}

/** Gives the lines with one line for each sku. */
function linesOf(lines: readonly LineQuantity[]): LineQuantity[] {
  return [...countBySku([lines])].map(([sku, quantity]) => ({ sku, quantity }));
}
