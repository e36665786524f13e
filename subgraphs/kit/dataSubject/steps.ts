// How far a subgraph has come with each request to forget or copy a person: written in the transaction of each page, so
// that a process that dies goes on where it was, and whoever asks again gets the same answer.
import mongoose, { type Connection, type Model } from 'mongoose';
import type { WriteCall } from '../call.ts';
import { bounded } from '../read/mongo.ts';
import { declareCollection } from '../write/entityDocument.ts';
import { BY_TENANT_AND_ID, moment, optionalMoment, optionalText, text, whole } from '../write/fields.ts';

/** Answers count from here: what the customers subgraph asks of the same request counts from one, in the same outbox. */
const FIRST_ANSWER = 1_000_000;
const KEPT_SECONDS = 90 * 24 * 60 * 60;

/** A subgraph's part of one request. */
export interface DataSubjectStep {
  /** The request's id. */
  readonly _id: string;
  readonly tenantId: string;
  /** Which collection is walked, and behind which document. */
  readonly collectionAt: number;
  readonly after: string | null;
  /** How many documents, by collection. */
  readonly counts: Readonly<Record<string, number>>;
  /** How many events tell of it so far. */
  readonly eventCount: number;
  readonly doneAt: Date | null;
  readonly startedAt: Date;
}

const stepSchema = declareCollection<DataSubjectStep>({
  collection: 'data_subject_steps',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    collectionAt: whole,
    after: optionalText,
    counts: { type: mongoose.Schema.Types.Mixed, required: true },
    eventCount: whole,
    doneAt: optionalMoment,
    startedAt: moment,
  },
  indexes: [{ name: 'startedAt', keys: { startedAt: 1 }, expireAfterSeconds: KEPT_SECONDS }],
});

/** Takes an open connection; gives the model of its subgraph's steps. */
export function stepsModel(connection: Connection): Model<DataSubjectStep> {
  return connection.model<DataSubjectStep>('DataSubjectStep', stepSchema);
}

/** Takes the write call and a request's id; gives how far it is, which is nowhere at first. */
export async function readStep(
  steps: Model<DataSubjectStep>,
  write: WriteCall,
  requestId: string,
): Promise<DataSubjectStep> {
  const { tenantId, session, now } = write;
  const options = { ...bounded(write, '_id_', 1), session };
  const found = await steps.findOne({ _id: requestId, tenantId }, undefined, options).lean<DataSubjectStep>();
  const first = { collectionAt: 0, after: null, counts: {}, eventCount: FIRST_ANSWER, doneAt: null, startedAt: now };
  return found ?? { _id: requestId, tenantId, ...first };
}

/** Writes how far it is. */
export async function writeStep(steps: Model<DataSubjectStep>, write: WriteCall, step: DataSubjectStep): Promise<void> {
  const { _id, ...fields } = step;
  const { session, callId: comment } = write;
  await steps.updateOne({ _id }, { $set: fields }, { session, comment, upsert: true });
}
