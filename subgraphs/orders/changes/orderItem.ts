// What placing an order means: its lines get the products' names of that day, its total and its number are made here.
// Pure but for the lots drawn for the number.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import { checkExternalRef, checkMoment, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import type { EntityDocument } from '../../kit/write/entityDocument.ts';
import { externalKeyOf } from '../../kit/read/readReference.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import { checkAmount, checkCount, checkCurrency, checkQuantity } from './checkMoney.ts';
import type { OrderDocument, Touch } from '../model.ts';

const LINES_MAX = 100;
const TOUCHES_MAX = 100;
const NUMBER_LENGTH = 10;

interface OrderLineInput {
  readonly sku: string;
  readonly quantity: number;
  readonly priceMinor: number;
}
interface TouchInput {
  readonly campaignId: string;
  readonly engagementId?: string | null;
  readonly touchedAt: Date;
}

/** An order as it comes in. */
export interface OrderInput {
  readonly source?: string | null;
  readonly externalId?: string | null;
  readonly customerId: string;
  readonly customerDisplayName: string;
  readonly placedAt: Date;
  readonly currency: string;
  readonly lines: readonly OrderLineInput[];
  readonly touches?: readonly TouchInput[] | null;
}

function checkLine({ sku, quantity, priceMinor }: OrderLineInput): Fault {
  return firstFault(checkText('sku', sku, 100), checkQuantity(quantity), checkAmount('priceMinor', priceMinor));
}

function checkTouch({ campaignId, engagementId, touchedAt }: TouchInput): Fault {
  const isEngagement = engagementId == null || isIdOf('eng', engagementId);
  return firstFault(
    isIdOf('cmp', campaignId) ? undefined : 'campaignId is not the id of a campaign.',
    isEngagement ? undefined : 'engagementId is not the id of an engagement.',
    checkMoment('touchedAt', touchedAt),
  );
}

function totalOf(lines: readonly OrderLineInput[]): number {
  return lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
}

function checkOrder(input: OrderInput): Fault {
  const { lines, touches } = input;
  return firstFault(
    checkExternalRef(input),
    isIdOf('cus', input.customerId) ? undefined : 'customerId is not the id of a customer.',
    checkText('customerDisplayName', input.customerDisplayName, 200),
    checkMoment('placedAt', input.placedAt),
    checkCurrency(input.currency),
    checkCount('lines', lines.length, { min: 1, max: LINES_MAX }),
    ...lines.map(checkLine),
    checkAmount('The total', totalOf(lines)),
    checkCount('touches', touches?.length ?? 0, { min: 0, max: TOUCHES_MAX }),
    ...(touches ?? []).map(checkTouch),
  );
}

function touchesOf(input: OrderInput): Touch[] {
  return (input.touches ?? [])
    .map(({ campaignId, engagementId = null, touchedAt }) => ({ campaignId, engagementId, touchedAt }))
    .sort((left, right) => left.touchedAt.getTime() - right.touchedAt.getTime());
}

function newOrder(
  input: OrderInput,
  names: ReadonlyMap<string, string>,
  newId: string,
): Omit<OrderDocument, keyof EntityDocument> {
  const { customerId, customerDisplayName, placedAt, currency } = input;
  const externalRef = { source: input.source ?? 'crm', id: input.externalId ?? newId };
  const touches = touchesOf(input);
  const engagementIds = touches.flatMap(({ engagementId }) => engagementId ?? []);
  return {
    externalRef,
    externalKey: externalKeyOf(externalRef),
    number: `${placedAt.getUTCFullYear()}-${drawId().slice(0, NUMBER_LENGTH)}`,
    customerId,
    customerDisplayName,
    placedAt,
    status: 'PLACED',
    currency,
    totalMinor: totalOf(input.lines),
    refundedMinor: 0,
    lines: input.lines.map(({ sku, quantity, priceMinor }) => ({
      sku,
      name: names.get(sku) ?? sku,
      quantity,
      priceMinor,
    })),
    payments: [],
    refunds: [],
    fulfilments: [],
    returns: [],
    cancelledAt: null,
    cancelReason: null,
    touches,
    campaignIds: [...new Set(touches.map(({ campaignId }) => campaignId))],
    engagementIds: [...new Set(engagementIds)],
  };
}

/** Takes an order, its place in the batch and the names of the products by sku; gives the item that places it. */
export function orderItem(input: OrderInput, at: number, names: ReadonlyMap<string, string>): Item<OrderDocument> {
  const { source, externalId } = input;
  return {
    key: source == null || externalId == null ? `new:${at}` : externalKeyOf({ source, id: externalId }),
    decide(stored, newId): Decision<OrderDocument> {
      const fault = checkOrder(input);
      if (fault !== undefined) return { do: 'refuse', code: 'INVALID', message: fault };
      // A shop that sends an order again gets the one that was placed, whatever became of it since.
      if (stored !== undefined) return { do: 'patch', fields: {} };
      return { do: 'insert', fields: newOrder(input, names, newId) };
    },
  };
}
