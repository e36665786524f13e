// Inserts timeline entries and touches whose they are: a merger, or an erasure, at the same moment meets the touch as a
// conflict and is run anew, so that no entry comes to a customer who has just become part of another.
import type { WriteCall } from '../../kit/call.ts';
import { timeLeftMs } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { timelineEvent } from '../events.ts';
import type { CustomersModels, TimelineEntryDocument } from '../model.ts';

/** Takes entries whose customers were read in the write's transaction; inserts them and tells of them. */
export async function insertEntries(
  models: CustomersModels,
  write: WriteCall,
  entries: readonly TimelineEntryDocument[],
): Promise<void> {
  if (entries.length === 0) return;
  const { tenantId, session, callId: comment } = write;
  const owners = [...new Set(entries.map(({ customerId }) => customerId))];
  await models.customers.updateMany(
    { tenantId, _id: inList(owners) },
    { $inc: { timelineWrites: 1 } },
    { session, comment, hint: '_id_', maxTimeMS: timeLeftMs(write) },
  );
  await models.timeline.insertMany([...entries], { session });
  await emitEvents(write, entries.map(timelineEvent));
}
