// One row of an outbox, in the shape that Debezium's outbox event router for MongoDB takes, so that a user may put
// Debezium in our relay's place. `payload` is the whole CloudEvent as text: whoever publishes it publishes the same.
import mongoose, { type Connection, type Model } from 'mongoose';
import type { AggregateType } from '../../contracts/event.ts';

/** A row of an outbox. The names of the first five fields are Debezium's. */
export interface OutboxRow {
  /** The event's id. */
  readonly _id: string;
  readonly aggregatetype: AggregateType;
  /** The entity's id: the key of the message. */
  readonly aggregateid: string;
  /** The event's type. */
  readonly type: string;
  /** The CloudEvent as JSON text (contracts/event.ts). */
  readonly payload: string;
  readonly tenantId: string;
  readonly version: number;
  readonly occurredAt: Date;
  /** `partitionOf(aggregateid)`: for whoever reads an outbox with several readers. */
  readonly partition: number;
  readonly keys: readonly string[];
  readonly traceparent: string | null;
  /** When the broker had taken it; null: it is still to be sent. */
  readonly sentAt: Date | null;
}

/** How long a sent row is kept. */
export const SENT_KEPT_SECONDS = 24 * 60 * 60;
/** How many partitions there are. */
export const PARTITIONS = 16;

/** The index by which the relay reads what is to be sent, the oldest first. */
export const BY_TURN = 'byTurn';
/** The index by which the relay reads what of some entities is to be sent, and a replay what became of one. */
export const BY_ENTITY = 'byEntity';

const text = { type: String, required: true } as const;

const schema = new mongoose.Schema<OutboxRow>(
  {
    _id: text,
    aggregatetype: text,
    aggregateid: text,
    type: text,
    payload: text,
    tenantId: text,
    version: { type: Number, required: true },
    occurredAt: { type: Date, required: true },
    partition: { type: Number, required: true },
    keys: { type: [String], required: true },
    traceparent: { type: String, default: null },
    sentAt: { type: Date, default: null },
  },
  { collection: 'outbox', strict: 'throw', versionKey: false, minimize: false, shardKey: { _id: 'hashed' } },
);
schema.index({ sentAt: 1, occurredAt: 1, _id: 1 }, { name: BY_TURN });
schema.index({ aggregateid: 1, sentAt: 1, version: 1 }, { name: BY_ENTITY });
schema.index({ sentAt: 1 }, { name: 'sentKept', expireAfterSeconds: SENT_KEPT_SECONDS });

/** Takes an open connection; gives the outbox of its subgraph. */
export function outboxModel(connection: Connection): Model<OutboxRow> {
  return connection.model<OutboxRow>('Outbox', schema);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Takes an entity's id; gives its partition, 0 to 15: FNV-1a of its characters, modulo 16. */
export function partitionOf(id: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), FNV_PRIME);
  return (hash >>> 0) % PARTITIONS;
}
