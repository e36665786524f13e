// Recording that a person asks to be forgotten or for a copy of the data. Carrying it out is the saga's part.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { askingEvent } from '../../kit/dataSubject/dataSubjectEvents.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { itemResult, type ItemResult } from '../../kit/write/writeBatch.ts';
import type { CustomersModels, DataSubjectRequestDocument } from '../model.ts';

/** Takes the models, the write call, the kind of request and the customer; gives CREATED with the request's id. */
export async function recordRequest(
  models: CustomersModels,
  write: WriteCall,
  kind: DataSubjectRequestDocument['kind'],
  customerId: string,
): Promise<ItemResult> {
  const { tenantId, session, now, actor } = write;
  if (!isIdOf('cus', customerId)) return itemResult('INVALID', null, 'The id is not one of this type.');
  const options = { ...bounded(write, 'lookupKeys', 1), session };
  const customer = await models.customers
    .findOne({ tenantId, lookupKeys: customerId }, { lookupKeys: 1 }, options)
    .lean();
  if (customer === null) return itemResult('NOT_FOUND', null, 'There is no such customer.');
  const request: DataSubjectRequestDocument = {
    _id: `dsr_${drawId()}`,
    tenantId,
    customerId: customer._id,
    kind,
    status: 'REQUESTED',
    requestedAt: now,
    requestedBy: actor,
    formerIds: customer.lookupKeys.filter((key) => isIdOf('cus', key) && key !== customer._id),
    eventCount: 1,
  };
  await models.requests.create([request], { session });
  // A merger at the same moment meets this as a conflict, is run anew, and finds the request.
  await models.customers.updateOne({ _id: customer._id, tenantId }, { $inc: { timelineWrites: 1 } }, { session });
  const { _id: requestId, formerIds = [] } = request;
  const asked = { requestId, version: 1, customerId: customer._id, formerIds };
  await emitEvents(write, [askingEvent(kind, asked, now)]);
  return { ...itemResult('CREATED'), id: request._id };
}
