// Suppressions: that nothing may be sent to a customer over a channel, and lifting that again. The audience profile
// follows in the same transaction. One of an erased customer stands for good.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { inList } from '../../kit/read/operators.ts';
import type { NewEvent } from '../../kit/events/eventType.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { ItemResult } from '../../kit/write/writeBatch.ts';
import { bulkWrite, readOptions, resultOf, wellFormed } from './batchReads.ts';
import type { SuppressionDocument } from '../documents.ts';
import { suppressionEvent } from '../eventsOfCustomers.ts';
import { keepConsentedChannels } from './keepConsentedChannels.ts';
import type { MarketingModels } from '../model.ts';

/** The customer and the channel of a suppression. */
export type SuppressionKey = Pick<SuppressionDocument, 'customerId' | 'channel'>;

/** A new suppression. */
export type SuppressionInput = SuppressionKey & Pick<SuppressionDocument, 'reason'>;

const CHANNELS_MAX = 4;
const NOT_A_CUSTOMER = 'customerId is not the id of a customer.';

function slotOf({ customerId, channel }: SuppressionKey): string {
  return `${customerId}:${channel}`;
}

async function readKnown(
  models: MarketingModels,
  write: WriteCall,
  input: readonly SuppressionKey[],
): Promise<Map<string, SuppressionDocument>> {
  const ids = wellFormed(
    'cus',
    input.map(({ customerId }) => customerId),
  );
  const filter = { tenantId: write.tenantId, customerId: inList(ids) };
  const options = readOptions(write, 'naturalKey', ids.length * CHANNELS_MAX + 1);
  const found = await models.suppressions.find(filter, undefined, options).lean();
  return new Map(found.map((suppression) => [slotOf(suppression), suppression]));
}

/** Takes the models, the write call and the input; gives CREATED, UPDATED (another reason), UNCHANGED or INVALID. */
export async function addSuppressions(
  models: MarketingModels,
  write: WriteCall,
  input: readonly SuppressionInput[],
): Promise<ItemResult[]> {
  const known = await readKnown(models, write, input);
  const { tenantId, now, actor } = write;
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map((item) => {
    const { customerId, channel, reason } = item;
    if (!isIdOf('cus', customerId)) return resultOf('INVALID', null, NOT_A_CUSTOMER);
    const stored = known.get(slotOf(item));
    if (stored?.reason === reason || stored?.reason === 'ERASED') return resultOf('UNCHANGED', stored._id);
    const document = {
      ...(stored ?? { _id: `sup_${drawId()}`, tenantId, customerId, channel, since: now, addedBy: actor }),
      reason,
      version: stored === undefined ? 1 : (stored.version ?? 1) + 1,
    };
    known.set(slotOf(item), document);
    const { version } = document;
    events.push(suppressionEvent(stored ? 'changed' : 'added', document, version));
    const update = { $set: { reason, version } };
    const filter = { _id: document._id, tenantId };
    operations.push(stored ? { updateOne: { filter, update } } : { insertOne: { document } });
    return resultOf(stored ? 'UPDATED' : 'CREATED', document._id);
  });
  await finish(models, write, operations, events);
  return results;
}

async function finish(
  models: MarketingModels,
  write: WriteCall,
  operations: readonly object[],
  events: readonly NewEvent[],
): Promise<void> {
  await bulkWrite(models.suppressions, write, operations);
  await keepConsentedChannels(
    models,
    write,
    events.map(({ data }) => String(data['customerId'])),
  );
  await emitEvents(write, events);
}

/** Takes the models, the write call and the keys; gives UPDATED, NOT_FOUND or INVALID for each. */
export async function liftSuppressions(
  models: MarketingModels,
  write: WriteCall,
  input: readonly SuppressionKey[],
): Promise<ItemResult[]> {
  const known = await readKnown(models, write, input);
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map((item) => {
    if (!isIdOf('cus', item.customerId)) return resultOf('INVALID', null, NOT_A_CUSTOMER);
    const stored = known.get(slotOf(item));
    if (stored === undefined) return resultOf('NOT_FOUND', null, 'The customer is not suppressed on this channel.');
    if (stored.reason === 'ERASED') return resultOf('INVALID', stored._id, 'An erased customer stays suppressed.');
    known.delete(slotOf(item));
    events.push(suppressionEvent('lifted', stored, (stored.version ?? 1) + 1));
    operations.push({ deleteOne: { filter: { _id: stored._id, tenantId: write.tenantId } } });
    return resultOf('UPDATED');
  });
  await finish(models, write, operations, events);
  return results;
}
