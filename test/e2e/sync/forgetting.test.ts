// A person is copied and forgotten in the whole graph: afterwards a search of every database, the broker, every output
// and every answer finds nothing of who it was.
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { drawId } from '../../../platform/random.ts';
import { searchCanaries } from '../../harness/searchCanaries.ts';
import { SUBGRAPHS, startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const LOOKS_MAX = 600;
const LOOK_EVERY_MS = 100;

const NAME = 'Zebulon Quixworth-Abernathy';
const EMAIL = 'zebulon.quixworth@canary.example';
const PHONE = '+49 30 9817263544';
const LINE = 'Quixworth Alley 4711';
const EXTERNAL_ID = 'legacy-8817-quix';
const NOTE = 'Zebulon prefers calls after the opera';
const OTHER_NAME = 'Zebulon Q. Abernathy the Elder';
const OTHER_ID = 'shop-55123-quix';
const REASON = 'Mister Quixworth broke the lamp himself';
const PAGE = '/account/zebulon-quixworth';
const IDENTIFIERS = [NAME, EMAIL, PHONE, LINE, EXTERNAL_ID, NOTE, OTHER_NAME, OTHER_ID, REASON, PAGE];

let graph: TestGraph;

beforeAll(async () => {
  graph = await startTestGraph(0);
});

afterAll(() => graph.stop());

async function change<T>(mutation: string, variables: object): Promise<T> {
  const { data, errors } = await graph.ask<T>(mutation, { ...variables, key: drawId() });
  expect(errors).toEqual([]);
  return data;
}

interface Made {
  readonly id: string;
  readonly version: number;
}

async function upsertCustomer(input: object): Promise<{ code: string; message: string | null; customer: Made | null }> {
  const mutation = `mutation($input: [CustomerInput!]!, $key: ID!) {
    upsertCustomers(input: $input, idempotencyKey: $key) { code message customer { id version } }
  }`;
  const { upsertCustomers } = await change<{ upsertCustomers: [Awaited<ReturnType<typeof upsertCustomer>>] }>(
    mutation,
    {
      input: [input],
    },
  );
  return upsertCustomers[0];
}

const PERSON = {
  ...{ source: 'legacy', externalId: EXTERNAL_ID, displayName: NAME, email: EMAIL, phone: PHONE },
  defaultAddress: { line1: LINE, city: 'Berlin', postalCode: '10115', countryCode: 'DE' },
};

/** A person with a merged duplicate, an order with its history, notes, consents and engagements. */
async function makePerson(): Promise<{ id: string; loserId: string; orderId: string }> {
  const { customer } = await upsertCustomer(PERSON);
  const other = await upsertCustomer({ source: 'shop', externalId: OTHER_ID, displayName: OTHER_NAME });
  if (customer === null || other.customer === null) throw new Error('no customer was made');
  const { id, version } = customer;
  await change(
    `mutation($keep: ID!, $lose: ID!, $version: Int!, $key: ID!) {
      mergeCustomers(keep: $keep, lose: $lose, version: $version, idempotencyKey: $key) { code } }`,
    { keep: id, lose: other.customer.id, version },
  );
  const note = { customerId: id, kind: 'NOTE', title: NOTE, detail: NOTE, occurredAt: '2026-03-02T10:00:00.000Z' };
  await change(
    `mutation($input: [TimelineEntryInput!]!, $key: ID!) { addTimelineEntries(input: $input, idempotencyKey: $key) { code } }`,
    { input: [note] },
  );
  const line = { sku: 'lamp', quantity: 2, priceMinor: 1_500 };
  const order = { customerId: id, customerDisplayName: NAME, placedAt: '2026-03-01T10:00:00.000Z', currency: 'EUR' };
  const { placeOrders } = await change<{ placeOrders: [{ order: Made }] }>(
    `mutation($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { order { id version } } }`,
    { input: [{ ...order, lines: [line] }] },
  );
  const placed = placeOrders[0].order;
  await change(
    `mutation($input: [CancelInput!]!, $key: ID!) { cancelOrders(input: $input, idempotencyKey: $key) { code } }`,
    { input: [{ orderId: placed.id, version: placed.version, reason: REASON }] },
  );
  const engagement = { uniqueId: `visit-${EXTERNAL_ID}`, customerId: id, channel: 'WEB', pagePath: PAGE };
  await change(
    `mutation($input: [EngagementInput!]!, $key: ID!) { ingestEngagements(input: $input, idempotencyKey: $key) { code message } }`,
    { input: [{ ...engagement, occurredAt: '2026-03-02T11:00:00.000Z' }] },
  );
  return { id, loserId: other.customer.id, orderId: placed.id };
}

interface Request {
  readonly id: string;
  readonly status: string;
  readonly certificate: string | null;
  readonly answers: readonly { store: string; counts: readonly { collection: string; count: number }[] }[];
  readonly pieces: readonly { store: string; collection: string; documents: string }[];
}

async function finished(requestId: string): Promise<Request> {
  const query = `query($id: ID!) { dataSubjectRequest(id: $id) { id status certificate
    answers { store counts { collection count } } pieces { store collection documents } } }`;
  for (let looks = 1; ; looks++) {
    const { data, errors } = await graph.ask<{ dataSubjectRequest: Request }>(query, { id: requestId });
    expect(errors).toEqual([]);
    if (data.dataSubjectRequest.status === 'DONE' || looks >= LOOKS_MAX) return data.dataSubjectRequest;
    await delay(LOOK_EVERY_MS);
  }
}

async function request(field: 'requestErasure' | 'exportCustomer', customerId: string): Promise<Request> {
  const mutation = `mutation($customerId: ID!, $key: ID!) {
    request: ${field}(customerId: $customerId, idempotencyKey: $key) { code request { id } } }`;
  const data = await change<{ request: { request: { id: string } } }>(mutation, { customerId });
  return finished(data.request.request.id);
}

function readCertificate(jws: string): Record<string, unknown> {
  const [head = '', claims = '', signature = ''] = jws.split('.');
  const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: JsonWebKey };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const isGenuine = verify(null, Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
  expect(isGenuine).toBe(true);
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

async function searchAll(): Promise<void> {
  const names = [...SUBGRAPHS, 'gateway', 'sync'];
  await searchCanaries({
    canaries: IDENTIFIERS.map((text) => ({ kind: 'an identifier', text })),
    databases: names.map((name) => ({ uri: graph.uri, name: `${graph.prefix}_${name}` })),
    texts: { output: graph.output(), events: (await graph.broker?.readLog()) ?? '' },
  });
}

describe('forgetting a person', () => {
  it('copies all that is held, forgets it in every store, certifies that, and lets nobody bring it back', async () => {
    const { id, loserId, orderId } = await makePerson();
    const copy = await request('exportCustomer', id);
    expect(copy.status).toBe('DONE');
    const text = JSON.stringify(copy.pieces);
    for (const identifier of [NAME, EMAIL, PHONE, LINE, NOTE, OTHER_NAME, REASON, PAGE]) {
      expect(text).toContain(identifier);
    }
    // The search finds what is there: otherwise it would prove nothing below.
    await expect(searchAll()).rejects.toThrow('an identifier');

    const erasure = await request('requestErasure', id);
    expect(erasure.status).toBe('DONE');
    const certified = readCertificate(erasure.certificate ?? '');
    expect(certified).toMatchObject({ sub: id, requestId: erasure.id, formerIds: [loserId] });
    expect(erasure.answers.map(({ store }) => store).sort()).toEqual(['customers', 'marketing', 'orders']);
    const counts = Object.fromEntries(
      erasure.answers.flatMap(({ counts }) => counts.map(({ collection, count }) => [collection, count])),
    );
    expect(counts).toMatchObject({ customers: 2, orders: 1, engagements: 1 });
    expect(counts['timeline_entries']).toBeGreaterThan(0);
    await searchAll();

    const { data } = await graph.ask(
      `query($id: ID!, $order: ID!) {
        customer(id: $id) { displayName email phone defaultAddress { line1 } timeline { totalCount } }
        order(id: $order) { total { amountMinor } customer { displayName } } }`,
      { id, order: orderId },
    );
    const nothing = { email: null, phone: null, defaultAddress: null, timeline: { totalCount: 0 } };
    expect(data).toEqual({
      customer: { displayName: 'Forgotten customer', ...nothing },
      order: { total: { amountMinor: 3_000 }, customer: { displayName: 'Forgotten customer' } },
    });

    const note = { customerId: id, kind: 'NOTE', title: 'late', detail: NOTE, occurredAt: '2026-03-03T10:00:00.000Z' };
    const { addTimelineEntries } = await change<{ addTimelineEntries: [{ code: string }] }>(
      `mutation($input: [TimelineEntryInput!]!, $key: ID!) { addTimelineEntries(input: $input, idempotencyKey: $key) { code } }`,
      { input: [note] },
    );
    expect(addTimelineEntries[0].code).toBe('NOT_FOUND');
    await searchAll();
    const again = await upsertCustomer(PERSON);
    expect(again).toMatchObject({ code: 'INVALID', customer: null });
    const sameMail = await upsertCustomer({ source: 'new', externalId: 'n-1', displayName: 'Somebody', email: EMAIL });
    expect(sameMail.code).toBe('INVALID');
    const { restoreCustomers } = await change<{ restoreCustomers: [{ code: string; message: string }] }>(
      `mutation($input: [VersionedId!]!, $key: ID!) { restoreCustomers(input: $input, idempotencyKey: $key) { code message } }`,
      { input: [{ id, version: 3 }] },
    );
    expect(restoreCustomers[0]).toMatchObject({ code: 'CONFLICT', message: 'This customer was forgotten for good.' });
  }, 120_000);

  it('forgets once a subgraph that was away comes back, and is not done before', async () => {
    const { customer } = await upsertCustomer({
      source: 'legacy',
      externalId: 'away-4711',
      displayName: 'Away Person',
    });
    if (customer === null) throw new Error('no customer was made');
    await graph.kill('marketing');
    const mutation = `mutation($customerId: ID!, $key: ID!) {
      requestErasure(customerId: $customerId, idempotencyKey: $key) { request { id } } }`;
    const { requestErasure } = await change<{ requestErasure: { request: { id: string } } }>(mutation, {
      customerId: customer.id,
    });
    const query = `query($id: ID!) { dataSubjectRequest(id: $id) { status answers { store } } }`;
    const { id } = requestErasure.request;
    for (let looks = 1; looks <= LOOKS_MAX; looks++) {
      const { data } = await graph.ask<{ dataSubjectRequest: Request }>(query, { id });
      if (data.dataSubjectRequest.answers.length === 2) break;
      await delay(LOOK_EVERY_MS);
    }
    const { data } = await graph.ask<{ dataSubjectRequest: Request }>(query, { id });
    expect(data.dataSubjectRequest).toMatchObject({
      status: 'RUNNING',
      answers: [{ store: 'customers' }, { store: 'orders' }],
    });
    const copied = await upsertCustomer({ source: 'legacy', externalId: 'copied-1', displayName: 'Copied' });
    const keeper = await upsertCustomer({ source: 'legacy', externalId: 'keeper-1', displayName: 'Keeper' });
    const merge = async (): Promise<string> => {
      const { merged } = await change<{ merged: { code: string } }>(
        `mutation($keep: ID!, $lose: ID!, $version: Int!, $key: ID!) {
          merged: mergeCustomers(keep: $keep, lose: $lose, version: $version, idempotencyKey: $key) { code } }`,
        { keep: keeper.customer?.id, lose: copied.customer?.id, version: keeper.customer?.version },
      );
      return merged.code;
    };
    const { exportCustomer } = await change<{ exportCustomer: { request: { id: string } } }>(
      `mutation($customerId: ID!, $key: ID!) {
        exportCustomer(customerId: $customerId, idempotencyKey: $key) { request { id } } }`,
      { customerId: copied.customer?.id },
    );
    // Its pieces would be those of somebody else.
    expect(await merge()).toBe('CONFLICT');
    await graph.revive('marketing');
    expect((await finished(id)).status).toBe('DONE');
    expect((await finished(exportCustomer.request.id)).status).toBe('DONE');
    expect(await merge()).toBe('UPDATED');
  }, 120_000);
});
