// The outbox of one subgraph: events are written in the transaction of the change that they tell of, so both are there
// or neither. Nothing here sends: the relay does, and it is woken when a transaction has committed.
import type { ClientSession, Connection, Model } from 'mongoose';
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import { sequenceOf, type GraphEvent } from '../../contracts/event.ts';
import { MESSAGE_BYTES_MAX } from '../brokers/broker.ts';
import type { PayloadKeys, SealedFields } from '../payload/payloadKeys.ts';
import { drawIdAt } from '../../platform/random.ts';
import type { NewEvent } from './newEvent.ts';
import { outboxModel, partitionOf, type OutboxRow } from './outboxRow.ts';

/** More unsent rows than this, and no mutation is taken until the broker has taken some. */
export const BACKLOG_MAX = 100_000;

/** Where the schemas of events' data stand: the `id` of docs/asyncapi.yaml. */
export const ASYNCAPI_ID = 'urn:crm-graph:events';

/** The transaction that a change is made in, as the outbox sees it. */
export interface EventWrite {
  readonly session: ClientSession;
  readonly tenantId: string;
  /** The one time that all changes of the request carry. */
  readonly now: Date;
  readonly callId: string;
  /** The W3C trace context of the request. */
  readonly traceparent?: string | undefined;
}

/** That an event cannot be written, and so the mutation not be done: an expected refusal. */
export class EventRefusal extends Error {
  override readonly name = 'EventRefusal';
  readonly code: ErrorCodeName;

  constructor(code: ErrorCodeName, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/** What an outbox is opened with. */
export interface OutboxOptions {
  readonly connection: Connection;
  /** The subgraph's name. */
  readonly subgraph: string;
  readonly keys: PayloadKeys;
  /** Whether a relay sends its rows; else they are born as sent and go by time. */
  readonly isSending: boolean;
}

/** Whether an event is the first of a customer, whose id was drawn in this transaction. */
function isFirstOf({ id, version, personal }: NewEvent): boolean {
  return version === 1 && personal?.customerId === id;
}

/** The outbox of one subgraph, for its process. */
export class Outbox {
  readonly rows: Model<OutboxRow>;
  readonly keys: PayloadKeys;
  readonly subgraph: string;
  readonly isSending: boolean;
  readonly #listeners = new Set<() => void>();
  #backlog = 0;

  constructor({ connection, subgraph, keys, isSending }: OutboxOptions) {
    this.rows = outboxModel(connection);
    this.keys = keys;
    this.subgraph = subgraph;
    this.isSending = isSending;
  }

  /** How many rows waited when they were last counted; more than BACKLOG_MAX are not counted. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Takes how many rows wait; the relay counts them about once a second, for all mutations of its process. */
  noteBacklog(count: number): void {
    this.#backlog = count;
  }

  /** Throws EventRefusal while too many rows wait. Costs nothing: it looks at the last count. */
  refuseWhenFull(): void {
    if (this.#backlog <= BACKLOG_MAX) return;
    throw new EventRefusal('EVENTS_HELD_BACK', 'Too many changes wait to be told to other systems; try again later.');
  }

  /**
   * Takes the write and its events, those of one entity in the order of their versions; inserts their rows in the
   * write's transaction. Throws EventRefusal for an event over MESSAGE_BYTES_MAX: the transaction must be aborted then.
   */
  async emit(write: EventWrite, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const sealed = await this.#seal(write.tenantId, events);
    const rows = events.map((event) => this.#rowOf(write, event, sealed.get(event)));
    // Straight to the driver: every value was made here.
    const { session, callId: comment } = write;
    await this.rows.collection.insertMany(rows as never, { session, comment, ordered: true });
  }

  /** Says that a transaction has committed: whoever listens looks for rows. */
  wake(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Takes what runs after each commit of this process; gives what ends that. */
  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #seal(tenantId: string, events: readonly NewEvent[]): Promise<Map<NewEvent, SealedFields>> {
    const personal = events.flatMap((event) =>
      event.personal === undefined ? [] : [[event, { ...event.personal, isNew: isFirstOf(event) }] as const],
    );
    if (personal.length === 0) return new Map();
    const sealed = await this.keys.seal(
      tenantId,
      personal.map(([, fields]) => fields),
    );
    return new Map(personal.map(([event], at) => [event, sealed[at] ?? { customerId: '', sealed: '' }]));
  }

  #rowOf(write: EventWrite, event: NewEvent, personal: SealedFields | undefined): OutboxRow {
    const { tenantId, now, traceparent } = write;
    const _id = drawIdAt(now);
    const envelope: GraphEvent = {
      specversion: '1.0',
      id: _id,
      source: `/crm/${this.subgraph}`,
      type: event.type,
      subject: event.id,
      time: now.toISOString(),
      datacontenttype: 'application/json',
      dataschema: `${ASYNCAPI_ID}#/components/schemas/${event.type}`,
      partitionkey: event.id,
      sequence: sequenceOf(event.version),
      ...(traceparent !== undefined && { traceparent }),
      tenantid: tenantId,
      entitykeys: event.keys.join(' '),
      data: personal === undefined ? event.data : { ...event.data, personal },
    };
    const payload = JSON.stringify(envelope);
    if (Buffer.byteLength(payload) > MESSAGE_BYTES_MAX) {
      const sentence = `The change of ${event.id} is too large to be told to other systems: ${MESSAGE_BYTES_MAX} bytes.`;
      throw new EventRefusal('EVENT_TOO_LARGE', sentence);
    }
    return {
      _id,
      aggregatetype: event.aggregate,
      aggregateid: event.id,
      type: event.type,
      payload,
      tenantId,
      version: event.version,
      occurredAt: now,
      partition: partitionOf(event.id),
      keys: event.keys,
      traceparent: traceparent ?? null,
      sentAt: this.isSending ? null : now,
    };
  }
}
