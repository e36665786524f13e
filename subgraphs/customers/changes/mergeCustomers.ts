// Merging a duplicate: the loser's names become names of the keeper, so that every reference to either finds the keeper;
// what the keeper lacks is filled from the loser; the loser stays as a deleted record that says where it went.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { timeLeftMs } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { itemResult, type ItemResult } from '../../kit/write/writeBatch.ts';
import { mergedEvent } from '../events.ts';
import type { CustomerDocument, CustomersModels } from '../model.ts';

/** Which customer is kept, in which version, and which becomes its alias. */
export interface MergeInput {
  readonly keep: string;
  readonly lose: string;
  readonly version: number;
}

const LOOKUP_KEYS_MAX = 200;

function refusal(
  keeper: CustomerDocument | undefined,
  loser: CustomerDocument | undefined,
  version: number,
): ItemResult | undefined {
  if (keeper === undefined) return itemResult('NOT_FOUND', null, 'There is no such customer to keep.');
  if (loser === undefined) return itemResult('NOT_FOUND', keeper, 'There is no such customer to merge.');
  if (keeper._id === loser._id) return itemResult('INVALID', keeper, 'They are one customer already.');
  if (keeper.version !== version) return itemResult('CONFLICT', keeper, `The stored version is ${keeper.version}.`);
  if (keeper.deletedAt !== null || loser.deletedAt !== null) {
    return itemResult('CONFLICT', keeper, 'One of them is deleted: restore it first.');
  }
  const isTooMuch = keeper.lookupKeys.length + loser.lookupKeys.length > LOOKUP_KEYS_MAX;
  return isTooMuch ? itemResult('INVALID', keeper, 'Too many were merged into this customer.') : undefined;
}

function filledFields(keeper: CustomerDocument, loser: CustomerDocument): Partial<CustomerDocument> {
  const known = new Set(keeper.customFields.map(({ key }) => key));
  return {
    email: keeper.email ?? loser.email,
    emailFolded: keeper.emailFolded ?? loser.emailFolded,
    phone: keeper.phone ?? loser.phone,
    defaultAddress: keeper.defaultAddress ?? loser.defaultAddress,
    companyId: keeper.companyId ?? loser.companyId,
    customFields: [...keeper.customFields, ...loser.customFields.filter(({ key }) => !known.has(key))],
    lookupKeys: [...keeper.lookupKeys, ...loser.lookupKeys],
  };
}

/** Whether one of them is being forgotten or copied: who is asked for must not become another meanwhile. */
async function isRequestOpen(
  { requests }: CustomersModels,
  write: WriteCall,
  customerIds: readonly string[],
): Promise<boolean> {
  const { tenantId, session, callId: comment } = write;
  const filter = { tenantId, customerId: inList(customerIds), status: inList(['REQUESTED', 'RUNNING'] as const) };
  const options = { session, comment, hint: 'byCustomer', maxTimeMS: timeLeftMs(write) };
  return (await requests.findOne(filter, { _id: 1 }, options)) !== null;
}

async function moveWhatBelongs(
  models: CustomersModels,
  write: WriteCall,
  loserId: string,
  keeperId: string,
): Promise<void> {
  const options = { session: write.session, comment: write.callId, maxTimeMS: timeLeftMs(write) };
  const { tenantId } = write;
  await models.timeline.updateMany(
    { tenantId, customerId: loserId },
    { $set: { customerId: keeperId } },
    { ...options, hint: 'byCustomer' },
  );
  await models.requests.updateMany(
    { tenantId, customerId: loserId },
    { $set: { customerId: keeperId } },
    { ...options, hint: 'byCustomer' },
  );
  await models.mergeRecords.updateMany(
    { tenantId, keeperId: loserId },
    { $set: { keeperId } },
    { ...options, hint: 'byKeeper' },
  );
}

/** Takes the models, the write call and who is merged into whom; gives UPDATED with the keeper, or why not. */
export async function mergeCustomers(
  models: CustomersModels,
  write: WriteCall,
  input: MergeInput,
): Promise<ItemResult> {
  const { tenantId, session, now, actor, callId: comment } = write;
  if (!isIdOf('cus', input.keep) || !isIdOf('cus', input.lose)) {
    return itemResult('INVALID', null, 'The id is not one of this type.');
  }
  const found = await models.customers
    .find({ tenantId, lookupKeys: inList([input.keep, input.lose]) }, undefined, {
      session,
      comment,
      hint: 'lookupKeys',
      limit: 2,
      maxTimeMS: timeLeftMs(write),
    })
    .lean();
  const keeper = found.find(({ lookupKeys }) => lookupKeys.includes(input.keep));
  const loser = found.find(({ lookupKeys }) => lookupKeys.includes(input.lose));
  const refused = refusal(keeper, loser, input.version);
  if (refused !== undefined || keeper === undefined || loser === undefined) return refused ?? itemResult('NOT_FOUND');
  if (await isRequestOpen(models, write, [keeper._id, loser._id])) {
    return itemResult('CONFLICT', keeper, 'One of them is being forgotten or copied: merge them when that is done.');
  }
  const lost = { lookupKeys: [`merged:${loser._id}`], mergedInto: keeper._id, deletedAt: now };
  const stamp = { updatedAt: now, updatedBy: actor };
  const options = { session, comment };
  await models.customers.updateOne(
    { _id: loser._id, tenantId, version: loser.version },
    { $set: { ...lost, ...stamp, version: loser.version + 1 } },
    options,
  );
  const version = keeper.version + 1;
  const filled = { ...filledFields(keeper, loser), ...stamp, version };
  await models.customers.updateOne({ _id: keeper._id, tenantId, version: keeper.version }, { $set: filled }, options);
  await moveWhatBelongs(models, write, loser._id, keeper._id);
  const record = {
    _id: `mrg_${drawId()}`,
    tenantId,
    keeperId: keeper._id,
    loserId: loser._id,
    mergedAt: now,
    mergedBy: actor,
  };
  await models.mergeRecords.create([record], { session });
  await emitEvents(write, [mergedEvent({ ...keeper, ...filled }, loser)]);
  return itemResult('UPDATED', { ...keeper, version });
}
