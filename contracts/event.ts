// The envelope of every event: CloudEvents 1.0 in JSON, the same for all brokers. The outbox writes it, consumers, the
// gateway's cache and its streams read it. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
import { TYPE_OF_PREFIX, type EntityType } from './entityId.ts';

/** What an event tells of: an entity, or what marketing keeps once for each order or customer and no id of its own has. */
export type AggregateType = EntityType | 'Attribution' | 'AudienceProfile';

/** What happened to one entity, with its state afterwards as `data`. Attribute names are those of CloudEvents. */
export interface GraphEvent<Data = unknown> {
  readonly specversion: '1.0';
  /** The outbox row's id; `source` and `id` together are unique, and the same pair is a duplicate. */
  readonly id: string;
  /** `/crm/<subgraph>`: who owns the entity. */
  readonly source: string;
  /** `crm.<entity>.<what happened>.v<schema version>`, as `crm.order.placed.v1`. */
  readonly type: string;
  /** The entity's id. */
  readonly subject: string;
  /** When it happened: RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Where the schema of `data` stands: `<AsyncAPI document>#/components/schemas/<type>`. */
  readonly dataschema: string;
  /** The extension of partitioning: the entity's id, so that a broker keeps the order of one entity. */
  readonly partitionkey: string;
  /** The extension of sequence: the entity's version after the change, ten digits, so that texts compare as numbers. */
  readonly sequence: string;
  /** The extension of distributed tracing: the W3C trace context of the request that made the change. */
  readonly traceparent?: string;
  readonly tenantid: string;
  /** The entities whose cached data this change makes old, itself among them: `Type:id`, spaces between. */
  readonly entitykeys: string;
  readonly data: Data;
}

const SEQUENCE_DIGITS = 10;

/** Takes a version from 1 to 9,999,999,999; gives the text that `sequence` holds. */
export function sequenceOf(version: number): string {
  return String(version).padStart(SEQUENCE_DIGITS, '0');
}

/** Takes an event; gives the entity's version after the change. */
export function versionOf({ sequence }: Pick<GraphEvent, 'sequence'>): number {
  return Number(sequence);
}

/** Takes a type and an id; gives the key under which caches know the entity. */
export function entityKey(type: EntityType, id: string): string {
  return `${type}:${id}`;
}

/** Takes an event; gives its entity keys as a list. */
export function entityKeysOf({ entitykeys }: Pick<GraphEvent, 'entitykeys'>): string[] {
  return entitykeys === '' ? [] : entitykeys.split(' ');
}

const TOPIC_PREFIX = 'outbox.event.';

/** Takes what an event tells of; gives its topic, named as Debezium's outbox router names it. */
export function topicOf(type: AggregateType): string {
  return `${TOPIC_PREFIX}${type}`;
}

const OTHER_AGGREGATES: readonly AggregateType[] = ['Attribution', 'AudienceProfile'];

/** The topics of all events: whoever has to know of every change follows all of them. */
export const EVENT_TOPICS: readonly string[] = [
  ...new Set([...Object.values(TYPE_OF_PREFIX), ...OTHER_AGGREGATES].map(topicOf)),
];

/**
 * The topic on which every relay says once a second that it lives (`BEAT_MS`), after it has sent what it had: who
 * hears it knows that nothing is held back. Its messages are `RelayBeat`s, their key is the subgraph's name.
 */
export const BEAT_TOPIC = 'outbox.beat';
export const BEAT_MS = 1_000;

/** That a relay lives. */
export interface RelayBeat {
  readonly subgraph: string;
  /** What was committed before this moment has been sent, in milliseconds since 1970. */
  readonly sentUpToMs: number;
}
