// Prints docs/events.md and docs/asyncapi.yaml from the zod schemas that the subgraphs make their events by.
import { stringify } from 'yaml';
import { topicOf } from '../contracts/event.ts';
import type { EventSchema } from '../subgraphs/kit/events/eventType.ts';
import { EVENT_CODES } from './compareEvents.ts';
import { EVENTS_OF, makeEventDocument, schemaNamed, type JsonSchema } from './eventDocument.ts';

function kindOf(schema: JsonSchema): string {
  const alternatives = schema['anyOf'];
  if (Array.isArray(alternatives)) return (alternatives as JsonSchema[]).map(kindOf).join(' or ');
  if (Array.isArray(schema['enum'])) return (schema['enum'] as string[]).map((word) => `\`${word}\``).join(' ');
  if (schema.type === 'array') return `list of ${kindOf((schema['items'] ?? {}) as JsonSchema)}`;
  if (schema.type === 'object') return `{ ${Object.keys(schema.properties ?? {}).join(', ')} }`;
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  return schema['format'] === 'date-time' ? 'moment' : String(schema.type);
}

function fieldsOf(schema: JsonSchema | undefined): string {
  const fields = Object.entries(schema?.properties ?? {}).filter(([name]) => name !== 'personal');
  return fields.map(([name, field]) => `\`${name}\`: ${kindOf(field)}`).join('; ');
}

function printAggregate(aggregate: EventSchema['aggregate'], events: readonly EventSchema[]): string {
  const document = makeEventDocument();
  const rows = events.map(({ type, summary }) => `- \`${type}\`: ${summary}`);
  const states = Map.groupBy(events, ({ type }) => fieldsOf(schemaNamed(document, type)));
  const data = [...states].map(([fields, alike]) => {
    const names = states.size === 1 ? '' : ` of ${alike.map(({ type }) => `\`${type}\``).join(', ')}`;
    const personal = fieldsOf(schemaNamed(document, `${alike[0]?.type ?? ''}.personal`));
    return `Data${names}: ${fields}.${personal === '' ? '' : `\n\nPersonal, sealed: ${personal}.`}`;
  });
  return `### ${aggregate}\n\nTopic \`${topicOf(aggregate)}\`.\n\n${rows.join('\n')}\n\n${data.join('\n\n')}\n`;
}

function printSubgraph([subgraph, events]: readonly [string, readonly EventSchema[]]): string {
  const byAggregate = [...Map.groupBy(events, ({ aggregate }) => aggregate)];
  const parts = byAggregate.map(([aggregate, own]) => printAggregate(aggregate, own));
  return `## Events of ${subgraph}\n\n${parts.join('\n')}`;
}

const CHANGES = Object.entries(EVENT_CODES).map(
  ([code, { title, expected, why, mend }]) =>
    `- \`${code}\` ${title}. **Expected:** ${expected} **Why:** ${why} **To mend it:** ${mend}`,
);

/** Takes the note that stands on printed pages; gives docs/events.md. */
export function printEvents(note: string): string {
  return `# Events

${note}

Every change of customers, orders and marketing is told as an event, written in the transaction of the change: both are
there or neither. Set \`CRM_BROKER_URL\` and a relay in each subgraph sends them; without it none is sent, and the rows go
by time. The schemas stand in [asyncapi.yaml](asyncapi.yaml) (AsyncAPI 3.0).

## The envelope

CloudEvents 1.0 in JSON, the same for every broker:

- \`id\` and \`source\` (\`/crm/<subgraph>\`) together are unique: the same pair is a duplicate, and duplicates come.
- \`subject\` and \`partitionkey\` are the id of the entity, \`sequence\` its version after the change (ten digits). Events
  of one entity come in the order of their versions; what is never changed has the version 1. Versions of different
  sources count apart.
- \`type\` is \`crm.<entity>.<what happened>.v<schema version>\`; \`time\`, \`dataschema\`, \`tenantid\`, \`traceparent\`.
- \`entitykeys\` are the entities whose cached data the change makes old: \`Type:id\`, spaces between.
- \`data\` is the state after the change.

A reader keeps \`source\`, \`subject\` and \`sequence\` of what it applied, and leaves out what is not newer.

## Personal fields

What says who a person is stands in \`data.personal\` as \`{ customerId, sealed }\`: JSON under AES-256-GCM with a key per
customer, in \`<prefix>_sync.payload_keys\`. Sealed is base64url of 12 bytes nonce, 16 bytes tag and the text; what is
authenticated beside it is \`<tenantid>:<customerId>\`. Deleting the key forgets the fields in every outbox, broker, backup
and parked event at once; \`sealed\` is empty where the customer was forgotten before. An event without the key is still
good: it has all that is not personal.

## The outbox

Each subgraph's database has a collection \`outbox\`, in the shape of Debezium's outbox event router for MongoDB: \`_id\`,
\`aggregatetype\`, \`aggregateid\`, \`type\`, \`payload\` (the whole CloudEvent as text), and beside it \`tenantId\`,
\`version\`, \`occurredAt\`, \`partition\`, \`keys\`, \`traceparent\`, \`sentAt\`. Debezium can take our relay's place:

\`\`\`properties
transforms=outbox
transforms.outbox.type=io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter
value.converter=org.apache.kafka.connect.storage.StringConverter
\`\`\`

Then set \`CRM_EVENTS_RELAYED=false\`, so that no relay of ours runs. Debezium sends no \`outbox.beat\`: without beats the
gateway's cache is passed by.

- One process of a subgraph sends at a time, by a lease; another takes over 3 seconds after it fell silent.
- A row is marked as sent after the broker's yes, and kept for 24 hours. What is not known to be taken is sent again.
- With the broker away mutations go on; beyond 100,000 waiting rows they are refused with \`EVENTS_HELD_BACK\`.
- An event is at most 256 KB; a larger one refuses its mutation with \`EVENT_TOO_LARGE\`.
- Once a second each relay says on \`outbox.beat\` that all before a moment was sent: silence there means that events may
  be held back.
- One relay sends about 5,000 events a second from the embedded database on two busy cores (1,000 rows at once; with 256
  it was half of that).
- Metrics: \`CRM_CUSTOMERS_METRICS_PORT\` and its like; see [metrics.md](metrics.md).

## Changing an event

A new field is the same version. A changed meaning is a new type, told beside the old one. \`npm run events:check\`
compares the events of the working tree with those of the commit that the branch began on (\`-- --base REF\` for another)
and refuses what a reader would stumble over:

${CHANGES.join('\n')}

${Object.entries(EVENTS_OF).map(printSubgraph).join('\n')}`;
}

/** Gives docs/asyncapi.yaml. */
export function printAsyncApi(): string {
  const note = '# Printed by `node scripts/printDocs.ts`: change the schemas in the code, not this file.\n';
  return note + stringify(makeEventDocument(), { aliasDuplicateObjects: false, lineWidth: 120, singleQuote: true });
}
