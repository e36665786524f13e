// Adds to timelines what other subgraphs tell of customers. The entry's id is made from what it tells of, so that it is
// there once however often the event comes.
import { createHash } from 'node:crypto';
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { insertEntries } from '../changes/insertEntries.ts';
import type { CustomersModels, TimelineEntryDocument } from '../model.ts';

/** Something that another subgraph tells of a customer. */
export interface SystemEntry {
  /** What it tells of: one text for one happening. */
  readonly happening: string;
  /** The customer's id, also one that was merged into another. */
  readonly customerId: string;
  readonly title: string;
  readonly detail: string | null;
  readonly occurredAt: Date;
}

const ID_LENGTH = 26;

function entryId(tenantId: string, happening: string): string {
  const hash = createHash('sha256').update(`${tenantId} ${happening}`).digest('hex');
  return `tml_${hash.slice(0, ID_LENGTH)}`;
}

async function findCustomers(
  models: CustomersModels,
  write: WriteCall,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { tenantId, session } = write;
  const options = { ...bounded(write, 'lookupKeys', ids.length), session };
  const found = await models.customers
    .find({ tenantId, lookupKeys: inList(ids), forgottenAt: null }, { lookupKeys: 1 }, options)
    .lean();
  return new Map(found.flatMap(({ _id, lookupKeys }) => lookupKeys.map((key) => [key, _id])));
}

/** Takes the models, the write call and entries; adds those that are new, of customers that are known, and tells of them. */
export async function addSystemEntries(
  models: CustomersModels,
  write: WriteCall,
  entries: readonly SystemEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const { tenantId, session, actor } = write;
  const customers = await findCustomers(models, write, [...new Set(entries.map(({ customerId }) => customerId))]);
  const documents = new Map<string, TimelineEntryDocument>();
  for (const { happening, customerId, title, detail, occurredAt } of entries) {
    const owner = customers.get(customerId);
    const _id = entryId(tenantId, happening);
    if (owner === undefined) continue;
    documents.set(_id, {
      _id,
      tenantId,
      customerId: owner,
      kind: 'SYSTEM',
      title,
      detail,
      occurredAt,
      createdBy: actor,
    });
  }
  const ids = [...documents.keys()];
  if (ids.length === 0) return;
  const options = { ...bounded(write, '_id_', ids.length), session };
  const known = await models.timeline.find({ tenantId, _id: inList(ids) }, { _id: 1 }, options);
  for (const { _id } of known) documents.delete(_id);
  await insertEntries(models, write, [...documents.values()]);
}
