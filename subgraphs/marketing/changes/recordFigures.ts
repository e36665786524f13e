// What somebody states to marketing about orders that no event tells of: which campaign an order is credited to, and what
// a customer ordered in all, elsewhere or before. Events add the orders that come to be known later.
import { isIdOf } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { checkMoment, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import type { NewEvent } from '../../kit/events/eventType.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { ItemResult } from '../../kit/write/writeBatch.ts';
import { keyInTenant } from '../rules/audienceProfile.ts';
import { bulkWrite, readByIds, resultOf, wellFormed } from './batchReads.ts';
import type { AttributionDocument, AudienceProfileDocument } from '../documents.ts';
import { attributionEvent, profileEvent } from '../eventsOfCustomers.ts';
import type { MarketingModels } from '../model.ts';
import { FORGOTTEN } from './readForgotten.ts';

/** Which campaign an order is credited to. */
export type AttributionInput = Pick<AttributionDocument, 'orderId' | 'campaignId' | 'model' | 'touchedAt'>;

/** What a customer ordered in all; the amount in minor units of `currency`. */
export interface AudienceProfileInput {
  readonly customerId: string;
  readonly orderCount: number;
  readonly lifetimeValueMinor: number;
  readonly currency: string;
  readonly lastOrderAt?: Date | null;
}

const AMOUNT_MINOR_MAX = 1e13;

/** Says whether the stored fields are the given ones already. */
function holds(stored: object | undefined, fields: object): boolean {
  if (stored === undefined) return false;
  return Object.entries(fields).every(
    ([name, value]) => JSON.stringify(Reflect.get(stored, name)) === JSON.stringify(value),
  );
}

/** Takes the models, the write call and the attributions; gives CREATED, UPDATED, UNCHANGED or INVALID for each. */
export async function recordAttributions(
  models: MarketingModels,
  write: WriteCall,
  input: readonly AttributionInput[],
): Promise<ItemResult[]> {
  const { tenantId } = write;
  const orderIds = wellFormed(
    'ord',
    input.map(({ orderId }) => orderId),
  );
  const campaignIds = wellFormed(
    'cmp',
    input.map(({ campaignId }) => campaignId),
  );
  const keys = orderIds.map((orderId) => keyInTenant(tenantId, orderId));
  const found = await readByIds(models.attributions, write, keys);
  const stored = new Map<string, Omit<AttributionDocument, '_id' | 'tenantId'>>(
    found.map((attribution) => [attribution.orderId, attribution]),
  );
  const campaigns = new Set((await readByIds(models.campaigns, write, campaignIds)).map(({ _id }) => _id));
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map(({ orderId, campaignId, model, touchedAt }) => {
    const fault = firstFault(
      isIdOf('ord', orderId) ? undefined : 'orderId is not the id of an order.',
      campaigns.has(campaignId) ? undefined : 'There is no such campaign.',
      checkMoment('touchedAt', touchedAt),
    );
    if (fault !== undefined) return resultOf('INVALID', null, fault);
    const fields = { campaignId, model, touchedAt };
    const known = stored.get(orderId);
    if (holds(known, fields)) return resultOf('UNCHANGED', orderId);
    const filter = { _id: keyInTenant(tenantId, orderId) };
    const version = known === undefined ? 1 : (known.version ?? 1) + 1;
    const update = { $set: { ...fields, version }, $setOnInsert: { tenantId, orderId } };
    operations.push({ updateOne: { filter, update, upsert: true } });
    stored.set(orderId, { orderId, ...fields, version });
    events.push(attributionEvent({ orderId, ...fields, version }, known?.campaignId));
    return resultOf(known === undefined ? 'CREATED' : 'UPDATED', orderId);
  });
  await bulkWrite(models.attributions, write, operations);
  await emitEvents(write, events);
  return results;
}

function checkProfile(item: AudienceProfileInput): Fault {
  const { customerId, orderCount, lifetimeValueMinor, currency, lastOrderAt } = item;
  const isAmount = lifetimeValueMinor >= 0 && lifetimeValueMinor <= AMOUNT_MINOR_MAX;
  return firstFault(
    isIdOf('cus', customerId) ? undefined : 'customerId is not the id of a customer.',
    orderCount >= 0 ? undefined : 'orderCount must not be negative.',
    isAmount ? undefined : `lifetimeValueMinor must lie between 0 and ${AMOUNT_MINOR_MAX}.`,
    /^[A-Z]{3}$/.test(currency) ? undefined : 'currency is three capital letters (ISO 4217).',
    lastOrderAt == null ? undefined : checkMoment('lastOrderAt', lastOrderAt),
  );
}

/** Takes the models, the write call and the figures; gives CREATED, UPDATED, UNCHANGED or INVALID for each. */
export async function upsertAudienceProfiles(
  models: MarketingModels,
  write: WriteCall,
  input: readonly AudienceProfileInput[],
): Promise<ItemResult[]> {
  const { tenantId, now } = write;
  const ids = wellFormed(
    'cus',
    input.map(({ customerId }) => customerId),
  );
  const keys = ids.map((id) => keyInTenant(tenantId, id));
  const found = await readByIds(models.audienceProfiles, write, keys);
  const stored = new Map<string, Pick<AudienceProfileDocument, 'version' | 'forgottenAt'>>(
    found.map((profile) => [profile.customerId, profile]),
  );
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map((item) => {
    const fault = checkProfile(item);
    if (fault !== undefined) return resultOf('INVALID', null, fault);
    const { customerId, orderCount, lifetimeValueMinor, currency, lastOrderAt = null } = item;
    const fields = { orderCount, lifetimeValueMinor, currency, lastOrderAt };
    const known = stored.get(customerId);
    if (known?.forgottenAt != null) return resultOf('INVALID', null, FORGOTTEN);
    if (holds(known, fields)) return resultOf('UNCHANGED', customerId);
    const filter = { _id: keyInTenant(tenantId, customerId) };
    const first = { tenantId, customerId, consentedChannels: [] };
    const version = (known?.version ?? 0) + 1;
    const stated = { ...fields, at: now, by: write.actor };
    const update = { $set: { ...fields, stated, version, updatedAt: now }, $setOnInsert: first };
    operations.push({ updateOne: { filter, update, upsert: true } });
    stored.set(customerId, { ...fields, version });
    events.push(profileEvent({ customerId, ...fields, version }));
    return resultOf(known === undefined ? 'CREATED' : 'UPDATED', customerId);
  });
  await bulkWrite(models.audienceProfiles, write, operations);
  await emitEvents(write, events);
  return results;
}
