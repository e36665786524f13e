// Keeps what marketing knows of orders in step with their events: the figures behind audience profiles, segments, and
// which campaign an order is credited to.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { WriteCall } from '../../kit/call.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import { isId, isMoment, isText, isWhole, listOf, needsFields, orNull } from '../../kit/follow/readData.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { bulkWrite, readByIds } from '../changes/batchReads.ts';
import type { AttributionDocument } from '../documents.ts';
import { attributionEvent } from '../eventsOfCustomers.ts';
import type { MarketingModels } from '../model.ts';
import { keyInTenant } from '../rules/audienceProfile.ts';
import { orderFigureOf } from '../rules/orderFigures.ts';
import { keepProfiles } from './keepProfiles.ts';
import { stateOldFigures } from './stateOldFigures.ts';

/** What this follower reads of an order's event. */
interface OrderData {
  readonly customerId: string;
  readonly currency: string;
  readonly status: string;
  readonly totalMinor: number;
  readonly refundedMinor: number;
  readonly placedAt: string;
  readonly createdAt: string;
  readonly deletedAt: string | null;
  /** Oldest first. */
  readonly touches: readonly { readonly campaignId: string; readonly touchedAt: string }[];
}

const TYPE = {
  needs: 'newest',
  check: needsFields({
    customerId: isId('cus'),
    currency: isText,
    status: isText,
    totalMinor: isWhole,
    refundedMinor: isWhole,
    placedAt: isMoment,
    createdAt: isMoment,
    deletedAt: orNull(isMoment),
    touches: listOf({ campaignId: isId('cmp'), touchedAt: isMoment }),
  }),
} as const;

type OrderEvent = GraphEvent<OrderData>;

/** Notes the orders of all but who was forgotten; gives the customers whose orders are other, or were theirs before. */
async function noteOrders(models: MarketingModels, write: WriteCall, events: readonly OrderEvent[]): Promise<string[]> {
  const { tenantId } = write;
  const keys = events.map(({ subject }) => keyInTenant(tenantId, subject));
  const before = await readByIds(models.orderFigures, write, keys);
  const customers = new Set([...before, ...events.map(({ data }) => data)].map(({ customerId }) => customerId));
  const profileKeys = [...customers].map((id) => keyInTenant(tenantId, id));
  const profiles = await readByIds(models.audienceProfiles, write, profileKeys);
  const forgotten = profiles.filter(({ forgottenAt }) => forgottenAt != null);
  for (const { customerId } of forgotten) customers.delete(customerId);
  await stateOldFigures(models, write, profiles);
  const known = events.filter(({ data }) => customers.has(data.customerId));
  const figures = known.map(({ subject, data }) => {
    const moments = { placedAt: new Date(data.placedAt), createdAt: new Date(data.createdAt) };
    return orderFigureOf(tenantId, subject, { ...data, ...moments });
  });
  const operations = figures.map(({ _id, ...fields }) => ({
    updateOne: { filter: { _id }, update: { $set: fields }, upsert: true },
  }));
  await bulkWrite(models.orderFigures, write, operations);
  return [...customers];
}

/** Credits orders to the last campaign that they have a touch of, unless somebody credited them by another model. */
async function creditLastTouches(
  models: MarketingModels,
  write: WriteCall,
  events: readonly OrderEvent[],
): Promise<void> {
  const { tenantId } = write;
  const touched = events.flatMap(({ subject, data }) => {
    const last = data.touches.at(-1);
    return last === undefined ? [] : [{ orderId: subject, last }];
  });
  const keys = touched.map(({ orderId }) => keyInTenant(tenantId, orderId));
  const stored = new Map((await readByIds(models.attributions, write, keys)).map((one) => [one.orderId, one]));
  const changed = touched.flatMap(({ orderId, last }): AttributionDocument[] => {
    const before = stored.get(orderId);
    const touchedAt = new Date(last.touchedAt);
    const isSame = before?.campaignId === last.campaignId && before.touchedAt.getTime() === touchedAt.getTime();
    if (isSame || (before !== undefined && before.model !== 'LAST_TOUCH')) return [];
    const version = before === undefined ? 1 : (before.version ?? 1) + 1;
    const _id = keyInTenant(tenantId, orderId);
    return [{ _id, tenantId, orderId, campaignId: last.campaignId, model: 'LAST_TOUCH', touchedAt, version }];
  });
  const operations = changed.map(({ _id, ...fields }) => ({
    updateOne: { filter: { _id }, update: { $set: fields }, upsert: true },
  }));
  await bulkWrite(models.attributions, write, operations);
  await emitEvents(
    write,
    changed.map((attribution) => attributionEvent(attribution, stored.get(attribution.orderId)?.campaignId)),
  );
}

/** Takes the collections of marketing; gives the follower. */
export function ordersFollower(models: MarketingModels): Follower {
  return {
    name: 'marketing.orders',
    entities: ['Order'],
    types: {
      'crm.order.placed.v1': TYPE,
      'crm.order.changed.v1': TYPE,
      'crm.order.deleted.v1': TYPE,
      'crm.order.restored.v1': TYPE,
    },
    async apply(write, events) {
      const checked = events as readonly OrderEvent[];
      await keepProfiles(models, write, await noteOrders(models, write, checked));
      await creditLastTouches(models, write, checked);
      return [];
    },
  };
}
