// Asks the other subgraphs to forget a person once it is safe to, and asks again whoever has not answered for a minute:
// a request may wait for a subgraph that is away, and never ends half done.
import type { WriteCall } from '../../kit/call.ts';
import type { Chore, Transact } from '../../kit/follow/runChores.ts';
import { askingEvent } from '../../kit/dataSubject/dataSubjectEvents.ts';
import { timeLeftMs } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { CustomersModels, DataSubjectRequestDocument } from '../model.ts';
import type { DataSubjectModels } from './models.ts';

const LOOK_EVERY_MS = 2_000;
/** For so long other processes may still open sealed fields of a person whose key is gone (payloadKeys.ts). */
const SETTLED_MS = 12_000;
const ASK_AGAIN_MS = 60_000;
const LOOKED_AT_MAX = 100;

/** What is to be asked now: for an erasure first ourselves, and everybody once nothing can bring the name back. */
function dueEvent(request: DataSubjectRequestDocument, now: Date): 'ERASURE' | 'ERASED' | 'EXPORT' | undefined {
  const { kind, requestedAt, askedAt = null, keysForgottenAt = null } = request;
  const isSilent = now.getTime() - (askedAt ?? requestedAt).getTime() >= ASK_AGAIN_MS;
  if (kind === 'EXPORT') return isSilent ? 'EXPORT' : undefined;
  if (keysForgottenAt === null) return isSilent ? 'ERASURE' : undefined;
  const isSettled = now.getTime() - keysForgottenAt.getTime() >= SETTLED_MS;
  const isAsked = askedAt !== null && askedAt.getTime() >= keysForgottenAt.getTime();
  return isSettled && (!isAsked || isSilent) ? 'ERASED' : undefined;
}

/** Deletes what came of a copy that was made while the person was being forgotten; nothing of one can come any more. */
async function deleteLatePieces(
  { pieces }: DataSubjectModels,
  write: WriteCall,
  customerIds: readonly string[],
): Promise<void> {
  const { tenantId, session, callId: comment } = write;
  const options = { session, comment, hint: 'byCustomer', maxTimeMS: timeLeftMs(write) };
  await pieces.deleteMany({ tenantId, customerId: inList(customerIds) }, options);
}

/** The collections that the chore reads and writes. */
export interface AskingModels {
  readonly models: CustomersModels;
  readonly requestModels: DataSubjectModels;
}

async function ask(
  { models, requestModels }: AskingModels,
  request: DataSubjectRequestDocument,
  due: 'ERASURE' | 'ERASED' | 'EXPORT',
  transact: Transact,
): Promise<void> {
  const { _id, tenantId, customerId, formerIds = [], eventCount = 1, askedAt = null } = request;
  await transact(tenantId, async (write) => {
    const { session, now, callId: comment } = write;
    const changed = await models.requests.updateOne(
      { _id, tenantId, askedAt },
      { $set: { askedAt: now, eventCount: eventCount + 1 } },
      { session, comment },
    );
    // Another process asks.
    if (changed.modifiedCount === 0) return;
    if (due === 'ERASED') await deleteLatePieces(requestModels, write, [customerId, ...formerIds]);
    const asked = { requestId: _id, version: eventCount + 1, customerId, formerIds };
    await emitEvents(write, [askingEvent(due, asked, now)]);
  });
}

/** Takes the collections; gives the chore. */
export function askOthers(collections: AskingModels): Chore {
  return {
    name: 'customers.askOthers',
    everyMs: LOOK_EVERY_MS,
    async run(transact, now) {
      const open = await collections.models.requests
        .find({ status: inList(['REQUESTED', 'RUNNING']) }, undefined, {
          hint: 'byStatus',
          // Who was never asked first, then who was asked longest ago.
          sort: { askedAt: 1 },
          limit: LOOKED_AT_MAX,
          maxTimeMS: LOOK_EVERY_MS,
        })
        .lean<DataSubjectRequestDocument[]>();
      for (const request of open) {
        const due = dueEvent(request, now);
        if (due !== undefined) await ask(collections, request, due, transact);
      }
    },
  };
}
