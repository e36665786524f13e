// The end of a request to forget or to copy a person: every subgraph answers, and when the last one has, the request is
// done and, for a forgotten person, certified. It waits for as long as one is missing: nothing is half done.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { WriteCall } from '../../kit/call.ts';
import { ANSWERED, COPIED } from '../../kit/dataSubject/dataSubjectEvents.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import { isId, isMoment, isText, needsFields } from '../../kit/follow/readData.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { inList } from '../../kit/read/operators.ts';
import type { CustomersModels, DataSubjectAnswer, DataSubjectRequestDocument } from '../model.ts';
import type { KeptKeys } from './keptKeys.ts';
import type { DataSubjectModels } from './models.ts';

/** Who holds something of people, and so has to answer. */
export const STORES = ['customers', 'orders', 'marketing'] as const;

interface AnswerData {
  readonly store: string;
  readonly answeredAt: string;
  readonly counts: Readonly<Record<string, number>>;
}

interface CopyData {
  readonly customerId: string;
  readonly store: string;
  readonly collection: string;
  readonly personal: { readonly documents?: unknown } | null;
}

/** What taking answers needs. */
export interface AnswerTaking {
  readonly models: CustomersModels;
  readonly requestModels: DataSubjectModels;
  readonly keys: KeptKeys;
}

function claimsOf(request: DataSubjectRequestDocument, answers: readonly DataSubjectAnswer[], doneAt: Date): object {
  const { _id, tenantId, customerId, formerIds = [], requestedAt, requestedBy, keysForgottenAt } = request;
  return {
    iss: 'crm-graph',
    sub: customerId,
    iat: Math.floor(doneAt.getTime() / 1_000),
    requestId: _id,
    tenantId,
    formerIds,
    requestedAt,
    requestedBy,
    // Outboxes, brokers, inboxes, parked events and backups hold these fields sealed alone.
    keyOfEventsDeletedAt: keysForgottenAt,
    stores: answers,
  };
}

async function takeAnswer({ models, keys }: AnswerTaking, write: WriteCall, event: GraphEvent): Promise<void> {
  const { tenantId, session, now, callId: comment } = write;
  const of = { _id: event.subject, tenantId };
  const options = { ...bounded(write, '_id_', 1), session };
  const request = await models.requests.findOne(of, undefined, options).lean<DataSubjectRequestDocument>();
  if (request === null || request.status === 'DONE') return;
  const { store, answeredAt, counts } = event.data as AnswerData;
  if (!STORES.some((known) => known === store)) return;
  const answer = { store, answeredAt: new Date(answeredAt), counts };
  const answers = [...(request.answers ?? []).filter((each) => each.store !== store), answer];
  const isDone = STORES.every((known) => answers.some((each) => each.store === known));
  const certificate = isDone && request.kind === 'ERASURE' ? await keys.sign(claimsOf(request, answers, now)) : null;
  const end = isDone ? { status: 'DONE' as const, doneAt: now, certificate } : { status: 'RUNNING' as const };
  await models.requests.updateOne(of, { $set: { answers, ...end } }, { session, comment });
}

/** Gives the requests that events are about, by id. */
async function findRequests(
  { models }: AnswerTaking,
  write: WriteCall,
  events: readonly GraphEvent[],
): Promise<ReadonlyMap<string, DataSubjectRequestDocument>> {
  const ids = [...new Set(events.map(({ subject }) => subject))];
  if (ids.length === 0) return new Map();
  const of = { _id: inList(ids), tenantId: write.tenantId };
  const options = { ...bounded(write, '_id_', ids.length), session: write.session };
  const found = await models.requests.find(of, undefined, options).lean<DataSubjectRequestDocument[]>();
  return new Map(found.map((request) => [request._id, request]));
}

async function takeCopies(taking: AnswerTaking, write: WriteCall, events: readonly GraphEvent[]) {
  const { requestModels } = taking;
  const { tenantId, session, now, callId: comment } = write;
  const requests = await findRequests(taking, write, events);
  const operations = events.flatMap(({ id, subject: requestId, data }) => {
    const { customerId, store, collection: collectionName, personal } = data as CopyData;
    const request = requests.get(requestId);
    // Whoever reads the copy of one person must not find another's in it.
    if (request?.kind !== 'EXPORT' || request.customerId !== customerId) return [];
    // Closed: the person was forgotten meanwhile.
    if (typeof personal?.documents !== 'string') return [];
    const piece = { tenantId, requestId, customerId, store, collectionName, documents: personal.documents };
    const update = { $setOnInsert: { ...piece, createdAt: now } };
    return [{ updateOne: { filter: { _id: `${requestId}:${id}` }, update, upsert: true } }];
  });
  if (operations.length === 0) return;
  await requestModels.pieces.collection.bulkWrite(operations as never, { session, comment });
}

/** Gives the follower of the answers. */
export function takeAnswers(taking: AnswerTaking): Follower {
  return {
    name: 'customers.dataSubjectAnswers',
    entities: ['DataSubjectRequest'],
    types: {
      [ANSWERED.type]: { needs: 'each', check: needsFields({ store: isText, answeredAt: isMoment }) },
      [COPIED.type]: { needs: 'each', check: needsFields({ customerId: isId('cus'), store: isText }) },
    },
    async apply(write, all) {
      // A certificate is signed for what it says: nobody answers for another.
      const events = all.filter(({ source, data }) => source === `/crm/${(data as AnswerData).store}`);
      await takeCopies(
        taking,
        write,
        events.filter(({ type }) => type === COPIED.type),
      );
      for (const event of events) if (event.type === ANSWERED.type) await takeAnswer(taking, write, event);
      return [];
    },
  };
}
