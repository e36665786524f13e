// The AsyncAPI document of all events, made of the zod schemas that the subgraphs make their events by.
// https://www.asyncapi.com/docs/reference/specification/v3.0.0
import { z } from '../subgraphs/kit/events/eventFields.ts';
import { topicOf, type AggregateType } from '../contracts/event.ts';
import { CUSTOMERS_EVENTS } from '../subgraphs/customers/events.ts';
import type { EventSchema } from '../subgraphs/kit/events/eventType.ts';
import { MARKETING_EVENTS } from '../subgraphs/marketing/events.ts';
import { ORDERS_EVENTS } from '../subgraphs/orders/events.ts';
import { ASYNCAPI_ID } from '../sync/outbox/outbox.ts';

/** The event types by the subgraph that tells them. */
export const EVENTS_OF: Readonly<Record<string, readonly EventSchema[]>> = {
  customers: CUSTOMERS_EVENTS,
  orders: ORDERS_EVENTS,
  marketing: MARKETING_EVENTS,
};

/** A JSON schema as this document has it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** The part of the document that is compared with an earlier one. */
export interface EventDocument {
  readonly [name: string]: unknown;
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly messages: Readonly<Record<string, object>> }>
  >;
  readonly components: {
    readonly [name: string]: unknown;
    /** One that is like an earlier one is a `$ref` to it: see `schemaNamed`. */
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

/** What of a schema only says how zod checks it: bounds of numbers that JavaScript can hold, the form of a moment. */
function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name, part]) => {
    if (name === '$schema') return false;
    if (name === 'pattern' && 'format' in value) return false;
    return !((name === 'minimum' || name === 'maximum') && Math.abs(Number(part)) === Number.MAX_SAFE_INTEGER);
  });
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutNoise(part)]));
}

function jsonSchemaOf(schema: z.ZodObject): JsonSchema {
  // As a reader may read it: fields that it does not know are none of its business.
  return withoutNoise(z.toJSONSchema(schema, { io: 'input' })) as JsonSchema;
}

const REF = '#/components/schemas/';

/** Takes a document and the name of a schema; gives the schema, or undefined where there is none. */
export function schemaNamed({ components }: EventDocument, name: string): JsonSchema | undefined {
  const schema = components.schemas[name];
  const ref = schema?.['$ref'];
  return typeof ref === 'string' ? components.schemas[ref.slice(REF.length)] : schema;
}

/** Says a schema once: the four events of an entity's life carry the same state. */
function withRefs(schemas: readonly (readonly [string, JsonSchema])[]): Record<string, JsonSchema> {
  const first = new Map<string, string>();
  const entries = schemas.map(([name, schema]): [string, JsonSchema] => {
    const content = JSON.stringify(schema);
    const like = first.get(content);
    if (like === undefined) first.set(content, name);
    return [name, like === undefined ? schema : { $ref: `${REF}${like}` }];
  });
  return Object.fromEntries(entries);
}

const SEALED = {
  type: 'object',
  description: 'Personal fields, sealed with the key of the customer; <type>.personal says what they hold.',
  properties: { customerId: { type: 'string' }, sealed: { type: 'string' } },
  required: ['customerId', 'sealed'],
} as const;

function schemasOf({ type, data, personal }: EventSchema): [string, JsonSchema][] {
  const schema = jsonSchemaOf(data);
  if (personal === undefined) return [[type, schema]];
  const whole = {
    ...schema,
    properties: { ...schema.properties, personal: SEALED },
    required: [...(schema.required ?? []), 'personal'],
  };
  return [
    [type, whole],
    [`${type}.personal`, jsonSchemaOf(personal)],
  ];
}

const text = (description: string) => ({ type: 'string', description }) as const;

/** The envelope: contracts/event.ts says the same in types. */
const ENVELOPE = {
  type: 'object',
  description: 'CloudEvents 1.0 in JSON, with the extensions partitioning, sequence and distributed tracing.',
  properties: {
    specversion: { const: '1.0' },
    id: text('Unique together with source; the same pair is a duplicate.'),
    source: text('/crm/<subgraph>'),
    type: text('crm.<entity>.<what happened>.v<schema version>'),
    subject: text('The id of the entity.'),
    time: { ...text('When it happened.'), format: 'date-time' },
    datacontenttype: { const: 'application/json' },
    dataschema: text('Where the schema of data stands in this document.'),
    partitionkey: text('The id of the entity: events of one entity keep their order.'),
    sequence: text('The version of the entity after the change, ten digits.'),
    traceparent: text('The W3C trace context of the request that made the change.'),
    tenantid: text('Whose data it is.'),
    entitykeys: text('The entities whose cached data the change makes old: Type:id, spaces between.'),
    data: { type: 'object' },
  },
  required: [
    ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'partitionkey'],
    ...['sequence', 'tenantid', 'entitykeys', 'data'],
  ],
} as const;

function messageOf({ type, summary }: EventSchema, subgraph: string) {
  const about = { type: { const: type }, source: { const: `/crm/${subgraph}` } };
  return {
    name: type,
    summary,
    contentType: 'application/json',
    payload: {
      allOf: [
        { $ref: '#/components/schemas/CloudEvent' },
        { type: 'object', properties: { ...about, data: { $ref: `#/components/schemas/${type}` } } },
      ],
    },
  };
}

function channelOf(aggregate: AggregateType, events: readonly EventSchema[]) {
  return {
    address: topicOf(aggregate),
    description: `What happened to a ${aggregate}; the key of a message is the subject.`,
    messages: Object.fromEntries(events.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
  };
}

/** Gives the document. */
export function makeEventDocument(): EventDocument {
  const all = Object.entries(EVENTS_OF).flatMap(([subgraph, events]) => events.map((event) => ({ subgraph, event })));
  const events = all.map(({ event }) => event);
  const byAggregate = [...Map.groupBy(events, ({ aggregate }) => aggregate)];
  return {
    asyncapi: '3.0.0',
    id: ASYNCAPI_ID,
    info: {
      title: 'Events of crm-graph',
      version: '1.0.0',
      description: 'Every change of customers, orders and marketing. A new field is the same version of a type.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(byAggregate.map(([aggregate, own]) => [aggregate, channelOf(aggregate, own)])),
    operations: Object.fromEntries(
      byAggregate.map(([aggregate]) => [
        `tell${aggregate}`,
        { action: 'send', channel: { $ref: `#/channels/${aggregate}` } },
      ]),
    ),
    components: {
      messages: Object.fromEntries(all.map(({ event, subgraph }) => [event.type, messageOf(event, subgraph)])),
      schemas: { CloudEvent: ENVELOPE, ...withRefs(events.flatMap(schemasOf)) },
    },
  };
}
