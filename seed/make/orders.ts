// Orders from purchases: what was bought, how it was paid, sent, cancelled or returned. Every amount adds up, every step
// lies behind the one before it, and no step lies behind the last day of the data.
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import type {
  OrderDocument,
  OrderLine,
  OrderStatus,
  Payment,
  PaymentMethod,
  Refund,
  Touch,
} from '../../subgraphs/orders/model.ts';
import { priceIn } from './catalogue.ts';
import type { Person } from './customers.ts';
import type { Purchase } from './purchases.ts';
import { CANCEL_REASONS, CARRIERS, RETURN_REASONS } from '../words/business.ts';
import { externalRefAt, idOfCustomers, sharedFields, type World } from './world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const ORDERS_OF_CUSTOMER_MAX = 256;
/** Prices rise by so much a year. */
const YEARLY_RISE = 0.03;
const LINE_COUNTS = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

const METHODS: readonly { method: PaymentMethod; weight: number; minutesMin: number; minutesMax: number }[] = [
  { method: 'CARD', weight: 55, minutesMin: 1, minutesMax: 3 },
  { method: 'WALLET', weight: 25, minutesMin: 1, minutesMax: 3 },
  { method: 'INVOICE', weight: 12, minutesMin: 600, minutesMax: 5_000 },
  { method: 'TRANSFER', weight: 7, minutesMin: 900, minutesMax: 4_500 },
  { method: 'CASH', weight: 1, minutesMin: 10, minutesMax: 30 },
];

/** The parts of an order that change while it goes its way. */
type Course = Pick<
  OrderDocument,
  'status' | 'payments' | 'refunds' | 'fulfilments' | 'returns' | 'cancelledAt' | 'cancelReason'
> & { readonly version: number; readonly changedMs: number };

interface Begun {
  readonly atMs: number;
  readonly number: number;
  readonly place: number;
  readonly totalMinor: number;
  readonly lines: readonly OrderLine[];
}

function makeLines(world: World, { draw, country }: Person, { atMs, shelf }: Purchase): OrderLine[] {
  const chosen = Array.from({ length: draw.pick(LINE_COUNTS) }, () => draw.pickPopular(shelf.products));
  const years = (world.untilMs - atMs) / (365 * DAY_MS);
  return [...new Set(chosen)].map(({ sku, name, priceMinor }) => ({
    sku,
    name,
    quantity: draw.chance(0.85) ? 1 : draw.whole(2, 3),
    priceMinor: priceIn(priceMinor, country.rate, 1 - YEARLY_RISE * years),
  }));
}

/** Gives the steps of an order as it would go without an end of the data. */
function makeCourse(world: World, { draw }: Person, begun: Begun): Course {
  const { atMs, number, place, totalMinor, lines } = begun;
  const open = { payments: [], refunds: [], fulfilments: [], returns: [], cancelledAt: null, cancelReason: null };
  const { method, minutesMin, minutesMax } = draw.pickWeighted(METHODS);
  const paidMs = atMs + draw.whole(minutesMin, minutesMax) * MINUTE_MS;
  const isCancelled = draw.chance(0.045);
  const [isPaidFirst, shippedMs] = [draw.chance(0.6), paidMs + draw.whole(300, 4_000) * MINUTE_MS];
  const cancelledMs = (isPaidFirst ? paidMs : atMs) + 30 * MINUTE_MS;
  const reason = draw.pick(CANCEL_REASONS);
  const cancelled = { cancelledAt: new Date(cancelledMs), cancelReason: reason };
  const isCancelledByNow = isCancelled && cancelledMs <= world.untilMs;
  const status = (step: OrderStatus, version: number, changedMs: number) => ({ status: step, version, changedMs });
  if (isCancelledByNow && !isPaidFirst) return { ...open, ...cancelled, ...status('CANCELLED', 2, cancelledMs) };
  if (paidMs > world.untilMs) return { ...open, ...status('PLACED', 1, atMs) };
  const id = (prefix: 'pay' | 'rfd' | 'ful' | 'ret'): string => idOfCustomers(world, prefix, number, place);
  const payments: Payment[] = [{ id: id('pay'), amountMinor: totalMinor, method, paidAt: new Date(paidMs) }];
  const refund = (amountMinor: number, why: string, refundedMs: number): Refund[] => [
    { id: id('rfd'), amountMinor, reason: why, refundedAt: new Date(refundedMs) },
  ];
  if (isCancelledByNow) {
    const refunds = refund(totalMinor, reason, cancelledMs);
    return { ...open, ...cancelled, payments, refunds, ...status('CANCELLED', 4, cancelledMs) };
  }
  if (shippedMs > world.untilMs) return { ...open, payments, ...status('PAID', 2, paidMs) };
  const sent = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const parcel = {
    carrier: draw.pick(CARRIERS),
    trackingCode: draw.fill('@@#########'),
    shippedAt: new Date(shippedMs),
  };
  const shipped = { ...open, payments, fulfilments: [{ id: id('ful'), lines: sent, ...parcel }] };
  const returnedMs = shippedMs + draw.whole(5, 20) * DAY_MS;
  const returned = draw.next();
  const [first] = lines;
  if (returned > 0.065 || returnedMs > world.untilMs || first === undefined) {
    return { ...shipped, ...status('SHIPPED', 3, shippedMs) };
  }
  // Most send everything back, some a single piece: then the order stays shipped.
  const isWhole = returned < 0.045 || (lines.length === 1 && first.quantity === 1);
  const why = draw.pick(RETURN_REASONS);
  const back = isWhole ? sent : [{ sku: first.sku, quantity: 1 }];
  const returns = [{ id: id('ret'), lines: back, reason: why, returnedAt: new Date(returnedMs) }];
  const refunds = refund(isWhole ? totalMinor : first.priceMinor, why, returnedMs);
  return { ...shipped, returns, refunds, ...status(isWhole ? 'RETURNED' : 'SHIPPED', 5, returnedMs) };
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

function makeOrder(
  world: World,
  person: Person,
  purchase: Purchase,
  { place, touches }: { place: number; touches: readonly Touch[] },
): OrderDocument {
  const { number, country, document } = person;
  const _id = idOfCustomers(world, 'ord', number, place);
  const lines = makeLines(world, person, purchase);
  const totalMinor = lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
  const { atMs } = purchase;
  const course = makeCourse(world, person, { atMs, number, place, totalMinor, lines });
  const { version, changedMs, ...steps } = course;
  const externalRef = externalRefAt(world, 'O', number * ORDERS_OF_CUSTOMER_MAX + place);
  const placedAt = new Date(atMs);
  return {
    _id,
    ...sharedFields(world, atMs, changedMs, version),
    externalRef,
    externalKey: externalKeyOf(externalRef),
    number: `${placedAt.getUTCFullYear()}-${_id.slice(4, 14)}`,
    customerId: document._id,
    customerDisplayName: document.displayName,
    placedAt,
    currency: country.currency,
    totalMinor,
    refundedMinor: steps.refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    lines,
    ...steps,
    touches,
    campaignIds: distinct(touches.map(({ campaignId }) => campaignId)),
    engagementIds: distinct(touches.map(({ engagementId }) => engagementId)),
  };
}

/** Takes a person, its purchases and the touches before each; gives its orders, oldest first. */
export function makeOrders(
  world: World,
  person: Person,
  { purchases, touches }: { purchases: readonly Purchase[]; touches: readonly (readonly Touch[])[] },
): OrderDocument[] {
  return purchases.map((purchase, place) =>
    makeOrder(world, person, purchase, { place, touches: touches[place] ?? [] }),
  );
}
