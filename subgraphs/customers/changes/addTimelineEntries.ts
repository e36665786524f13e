// Adding to customers' timelines: entries are only ever added, each to a customer that exists.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { checkMoment, checkOptionalText, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { itemResult, type ItemResult } from '../../kit/write/writeBatch.ts';
import type { CustomersModels, TimelineEntryDocument } from '../model.ts';
import { insertEntries } from './insertEntries.ts';

/** What happened to a customer. */
export interface TimelineEntryInput {
  readonly customerId: string;
  readonly kind: TimelineEntryDocument['kind'];
  readonly title: string;
  readonly detail?: string | null;
  readonly occurredAt: Date;
}

function check({ title, detail, occurredAt }: TimelineEntryInput): Fault {
  return firstFault(
    checkText('title', title, 200),
    checkOptionalText('detail', detail, 10_000),
    checkMoment('occurredAt', occurredAt),
  );
}

/** Takes the models, the write call and the entries; gives CREATED, INVALID or NOT_FOUND for each, also for who was forgotten. */
export async function addTimelineEntries(
  models: CustomersModels,
  write: WriteCall,
  input: readonly TimelineEntryInput[],
): Promise<ItemResult[]> {
  const { tenantId, session, actor } = write;
  const ids = [...new Set(input.map(({ customerId }) => customerId).filter((id) => isIdOf('cus', id)))];
  const customers = await models.customers
    .find(
      { tenantId, lookupKeys: inList(ids), forgottenAt: null },
      { lookupKeys: 1 },
      { ...bounded(write, 'lookupKeys', ids.length), session },
    )
    .lean();
  const idOfKey = new Map(customers.flatMap(({ _id, lookupKeys }) => lookupKeys.map((key) => [key, _id])));
  const entries: TimelineEntryDocument[] = [];
  const results = input.map((item) => {
    const customerId = idOfKey.get(item.customerId);
    if (customerId === undefined) return itemResult('NOT_FOUND', null, 'There is no such customer.');
    const fault = check(item);
    if (fault !== undefined) return itemResult('INVALID', null, fault);
    const { kind, title, detail = null, occurredAt } = item;
    const _id = `tml_${drawId()}`;
    entries.push({ _id, tenantId, customerId, kind, title, detail, occurredAt, createdBy: actor });
    return { ...itemResult('CREATED'), id: _id };
  });
  await insertEntries(models, write, entries);
  return results;
}
