// Guarantee: after a day's work of callers of all sorts, no secret of a key is in any database, log line, metric or
//   answer; and what is personal stands in the collections of the subgraph that owns it and in answers to callers with
//   the scope, nowhere else.
// Attack: write canaries as personal data, read, search and change them with keys that may and keys that may not, rotate
//   and revoke keys, let requests fail; then dump everything and look for the canaries.
// Learned from: copies of e-mail addresses in the orders of a shop, and keys in audit logs.
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startTestGraph, type TestGraph } from '../harness/testGraph.ts';

const ASKER = { actor: 'test:canaries', reason: 'a test' };
const PII = {
  email: 'canary.mail.7f3a@example.com',
  phone: '+49301234598765',
  line1: 'Canary Street 7f3a91',
  postalCode: '7F3A91',
  detail: 'canary detail 7f3a91c4',
};
const OWNER = 'customers';

let graph: TestGraph;
beforeAll(async () => {
  graph = await startTestGraph(5, { CRM_METRICS_PORT: '0', CRM_LOG_LEVEL: 'trace' });
}, 120_000);
afterAll(() => graph.stop());

/** Everything in a database, but for how it is kept. */
async function dump(name: string): Promise<string> {
  const connection = await openDatabase(graph.uri, `${graph.prefix}_${name}`);
  const texts: string[] = [];
  for (const { name: collection } of await connection.listCollections()) {
    const documents = await connection.collection(collection).find({}).toArray();
    texts.push(`${collection} ${JSON.stringify(documents)}`);
  }
  await connection.close();
  return texts.join('\n');
}

/** The canaries that are in a text, in any case. */
function found(text: string, canaries: readonly string[]): string[] {
  return canaries.filter((canary) => text.toLowerCase().includes(canary.toLowerCase()));
}

interface Created {
  readonly createCustomers: readonly { readonly code: string; readonly customer: { readonly id: string } }[];
}

async function writeCanaries(): Promise<string> {
  const { data, errors } = await graph.ask<Created>(
    `mutation ($input: [CustomerInput!]!) {
      createCustomers(input: $input, idempotencyKey: "canary-1") { code customer { id } } }`,
    {
      input: [
        {
          displayName: 'Canary',
          ...{ email: PII.email, phone: PII.phone },
          defaultAddress: { line1: PII.line1, postalCode: PII.postalCode, city: 'Berlin', countryCode: 'DE' },
        },
      ],
    },
  );
  expect(errors).toEqual([]);
  const id = data.createCustomers[0]?.customer.id ?? '';
  const written = await graph.ask(
    `mutation ($input: [TimelineEntryInput!]!) { addTimelineEntries(input: $input, idempotencyKey: "canary-2") { code } }`,
    {
      input: [
        { customerId: id, kind: 'NOTE', title: 'a note', detail: PII.detail, occurredAt: '2026-01-01T00:00:00.000Z' },
      ],
    },
  );
  expect(written.errors).toEqual([]);
  return id;
}

const queriesFor = (id: string): string[] => [
  `{ customer(id: "${id}") { displayName email phone defaultAddress { line1 postalCode } shippingZone } }`,
  `{ customer(id: "${id}") { displayName timeline { edges { node { title detail } } } } }`,
  `{ customer(id: "${id}") { a: displayName b: email orders { totalCount } } }`,
  `{ customerByEmail(email: "${PII.email}") { id } }`,
  `{ customers(first: 100) { edges { node { id displayName email phone } } } }`,
  `{ node(id: "${id}") { ... on Customer { email } } }`,
  `{ customer(id: "nonsense") { email } }`,
  `mutation { updateCustomers(input: [{ id: "${id}", version: 1 }], idempotencyKey: "canary-3") { customer { email } } }`,
];

describe('canaries', () => {
  it('stand where they belong, and nowhere else', async () => {
    const id = await writeCanaries();
    const scopes = ['customers:read', 'customers:write', 'orders:read', 'marketing:read'];
    const poor = [
      await graph.keys.create({ scopes }),
      await graph.keys.create({ scopes, denial: 'filter' }),
      await graph.keys.create({ scopes: [...scopes, 'customers:read:pii'], contract: 'partner' }),
    ];
    const rotated = await graph.keys.create({ scopes });
    const { text: second } = await graph.keys.office.rotate(parseApiKey(rotated)?.id ?? '', 60_000, ASKER);
    await graph.keys.office.revoke(parseApiKey(rotated)?.id ?? '', ASKER);
    const keys = [graph.key, rotated, second, ...poor];
    const answers: string[] = [];
    for (const key of [...poor, rotated, second, 'crm_live_nonsense']) {
      for (const query of queriesFor(id)) {
        const response = await fetch(graph.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body: JSON.stringify({ query }),
        });
        answers.push(`${[...response.headers].join('\n')}\n${await response.text()}`);
      }
    }
    // Who may, sees them: else they would be nowhere to be found.
    const [query = ''] = queriesFor(id);
    const seen = JSON.stringify((await graph.ask(query)).data);
    expect(found(seen, Object.values(PII))).toEqual([PII.email, PII.phone, PII.line1, PII.postalCode]);
    expect(found(await dump(OWNER), Object.values(PII))).toEqual(Object.values(PII));

    const output = graph.output();
    const [, metricsUrl = ''] = /"url":"([^"]*\/metrics)"/.exec(output) ?? [];
    const metrics = await (await fetch(metricsUrl)).text();
    const secrets = keys.flatMap((text) => [text, parseApiKey(text)?.secret ?? text]);
    const places = {
      ...{ output, metrics, answers: answers.join('\n') },
      ...{ orders: await dump('orders'), marketing: await dump('marketing'), gateway: await dump('gateway') },
    };
    for (const [place, text] of Object.entries(places)) {
      expect([place, text.length > 100, found(text, [...secrets, ...Object.values(PII)])]).toEqual([place, true, []]);
    }
    expect(found(await dump(OWNER), secrets)).toEqual([]);
  }, 120_000);
});
