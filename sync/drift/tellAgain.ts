// Makes copies right: the owner's entities are told again as they are now, to the one consumer that keeps the copies. It
// takes them like any replay, by its own effect and never over newer state, so that repairing is safe at any time.
import type mongoose from 'mongoose';
import { sequenceOf, topicOf, type GraphEvent } from '../../contracts/event.ts';
import { drawId } from '../../platform/random.ts';
import { Replays, type Replay } from '../consume/replays.ts';
import type { PayloadKeys } from '../payload/payloadKeys.ts';
import type { DriftPair } from './driftPairs.ts';

type Db = mongoose.mongo.Db;
type Document = Readonly<Record<string, unknown>> & { readonly _id: string; readonly version: number };

const BATCH = 200;

/** What telling again works with. */
export interface Teller {
  readonly db: (subgraph: string) => Db;
  readonly keys: Pick<PayloadKeys, 'seal'>;
  readonly tenantId: string;
  readonly now: Date;
}

/** Dates as events have them, and nothing that JSON does not know. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null)) as unknown;
}

function pick(document: Document, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, plain(document[field])]));
}

async function replaysOf(
  pair: DriftPair,
  teller: Teller,
  documents: readonly Document[],
): Promise<(Replay & { version: number })[]> {
  const { told, copied, owned } = pair;
  const { tenantId, now, keys } = teller;
  const personal = await keys.seal(
    tenantId,
    documents.map((document) => ({
      customerId: String(document[told.customerId]),
      fields: pick(document, told.personal),
    })),
  );
  return documents.map((document, at) => {
    const { _id: subject, version } = document;
    const event: GraphEvent = {
      ...{ specversion: '1.0', id: drawId(), source: `/crm/${copied.from}`, type: told.type, subject },
      ...{ time: now.toISOString(), datacontenttype: 'application/json', dataschema: '', partitionkey: subject },
      ...{ sequence: sequenceOf(version), tenantid: tenantId, entitykeys: '' },
      data: { ...pick(document, told.data), personal: personal[at] },
    };
    return {
      ...{ consumer: copied.consumer, event: `${event.source} ${event.id}`, text: JSON.stringify(event) },
      ...{ topic: topicOf(owned.tell.entity), key: subject, isForced: true, version },
    };
  });
}

/** Follows what the follower says of its copies: who made them wrong is forgotten, so that they are made anew. */
async function reset(
  { copied, follower }: DriftPair,
  keys: readonly string[],
  { db, tenantId }: Teller,
): Promise<void> {
  if (copied.reset === undefined) return;
  const stored = copied.isKeyPrefixed === true ? keys.map((key) => `${tenantId}:${key}`) : keys;
  const filter = { tenantId, [copied.key]: { $in: stored } };
  await db(follower).collection(copied.collection).updateMany(filter, copied.reset);
}

/** Takes a pair and keys of copies; leaves the entities that they are made of for the consumer. Gives how many. */
export async function tellAgain(pair: DriftPair, keys: readonly string[], teller: Teller): Promise<number> {
  const { told, owned, copied, follower } = pair;
  const { db, tenantId, now } = teller;
  const replays = new Replays(db(follower));
  let count = 0;
  for (let at = 0; at < keys.length; at += BATCH) {
    const some = keys.slice(at, at + BATCH);
    await reset(pair, some, teller);
    const filter = { tenantId, [owned.tell.by]: { $in: some } };
    const cursor = db(copied.from).collection<Document>(told.collection).find(filter, { batchSize: BATCH });
    let batch: Document[] = [];
    const leave = async (): Promise<void> => {
      if (batch.length > 0) await replays.add(await replaysOf(pair, teller, batch), now);
      count += batch.length;
      batch = [];
    };
    for await (const document of cursor) {
      batch.push(document);
      if (batch.length >= BATCH) await leave();
    }
    await leave();
  }
  return count;
}
