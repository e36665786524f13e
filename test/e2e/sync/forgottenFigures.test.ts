// Orders outlive who placed them, and go on telling of their changes: marketing makes nothing of a forgotten person of that.
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { drawId } from '../../../platform/random.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { runProcess } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const LOOKS_MAX = 600;
const LOOK_EVERY_MS = 100;
const TENANT = 'main';

let graph: TestGraph;
let marketing: Connection;

beforeAll(async () => {
  graph = await startTestGraph(0);
  marketing = await openDatabase(graph.uri, `${graph.prefix}_marketing`);
});

afterAll(async () => {
  await marketing.close();
  await graph.stop();
});

async function waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let looks = 1; !(await isSo()); looks++) {
    if (looks >= LOOKS_MAX) throw new Error(`never came to be: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

interface Result {
  readonly code: string;
  readonly message: string | null;
  readonly thing: { readonly id: string; readonly version: number; readonly memberCount: number };
}

/** Sends one item to a mutation that takes a list; gives what became of it. */
async function write(mutation: string, type: string, item: object, thing: string): Promise<Result> {
  const text = `mutation($input: [${type}!]!, $key: ID!) {
    results: ${mutation}(input: $input, idempotencyKey: $key) { code message thing: ${thing} } }`;
  const { data, errors } = await graph.ask<{ results: [Result] }>(text, { input: [item], key: drawId() });
  expect(errors).toEqual([]);
  return data.results[0];
}

const ORDER = 'order { id version }';
const SEGMENT = 'segment { id version memberCount }';

/** What marketing has of a customer, by collection. */
async function heldOf(customerId: string): Promise<Record<string, number>> {
  const names = ['order_figures', 'segment_memberships', 'consents', 'campaign_members'];
  const counts = await Promise.all(names.map((name) => marketing.collection(name).countDocuments({ customerId })));
  return Object.fromEntries(names.map((name, at) => [name, counts[at] ?? 0]));
}

async function profileOf(customerId: string): Promise<Record<string, unknown> | null> {
  return marketing.collection<{ _id: string }>('audience_profiles').findOne({ _id: `${TENANT}:${customerId}` });
}

async function waitForOrder({ id, version }: Result['thing']): Promise<void> {
  const rows = marketing.collection<{ _id: string; version: number }>('consumed_versions');
  const filter = { _id: new RegExp(`^marketing\\.orders .*${id}$`), version: { $gte: version } };
  await waitUntil(`marketing has version ${version} of ${id}`, async () => (await rows.countDocuments(filter)) > 0);
}

async function repairDrift(): Promise<{ differences: number; left: number }> {
  const env = { MONGODB_URI: graph.uri, CRM_DATABASE_PREFIX: graph.prefix };
  const { output } = await runProcess(['cli/main.ts', 'sync', 'drift', '--json', '--repair'], env);
  const report = output.split('\n').find((line) => line.startsWith('{')) ?? 'null';
  return JSON.parse(report) as { differences: number; left: number };
}

async function erase(customerId: string): Promise<void> {
  const { data, errors } = await graph.ask<{ erasure: { request: { id: string } } }>(
    `mutation($customerId: ID!, $key: ID!) {
      erasure: requestErasure(customerId: $customerId, idempotencyKey: $key) { request { id } } }`,
    { customerId, key: drawId() },
  );
  expect(errors).toEqual([]);
  const query = 'query($id: ID!) { request: dataSubjectRequest(id: $id) { status } }';
  await waitUntil('the erasure is done', async () => {
    const found = await graph.ask<{ request: { status: string } }>(query, { id: data.erasure.request.id });
    return found.data.request.status === 'DONE';
  });
}

async function placeOrder(customerId: string, name: string): Promise<Result['thing']> {
  const order = { customerId, customerDisplayName: name, placedAt: '2026-03-01T10:00:00.000Z', currency: 'EUR' };
  const lines = [{ sku: 'lamp', quantity: 2, priceMinor: 1_500 }];
  const { thing } = await write('placeOrders', 'OrderInput', { ...order, lines }, ORDER);
  return thing;
}

describe('a forgotten customer with an order that counts', () => {
  it('has no figures, segments or orders in marketing again, whatever the order still tells', async () => {
    const customers = [];
    for (const displayName of ['Berta Forgotten', 'Carl Stays']) {
      customers.push(
        (await write('createCustomers', 'CustomerInput', { displayName }, 'customer { id version }')).thing,
      );
    }
    const [forgotten, stays] = customers.map(({ id }) => id) as [string, string];
    const order = await placeOrder(forgotten, 'Berta Forgotten');
    await waitForOrder(order);
    await waitForOrder(await placeOrder(stays, 'Carl Stays'));
    // It selects everybody, and would those without an order.
    const rule = { not: { orderCountGte: 1_000 } };
    const { thing: segment } = await write('createSegments', 'SegmentInput', { name: 'All', rule }, SEGMENT);
    const { thing: refreshed } = await write('refreshSegments', 'VersionedId', pick(segment), SEGMENT);
    expect(refreshed.memberCount).toBe(2);
    expect(await heldOf(forgotten)).toMatchObject({ order_figures: 1, segment_memberships: 1 });

    await erase(forgotten);
    const nothing = { order_figures: 0, segment_memberships: 0, consents: 0, campaign_members: 0 };
    const emptied = { orderCount: 0, lifetimeValueMinor: 0, currency: null, lastOrderAt: null, consentedChannels: [] };
    const segments = marketing.collection<{ _id: string; memberCount: number }>('segments');
    const countMembers = async () => (await segments.findOne({ _id: segment.id }))?.memberCount;
    expect(await countMembers()).toBe(1);

    // The version after its own forgetting is told, too.
    const now = { id: order.id, version: order.version + 1 };
    const { thing: deleted } = await write('deleteOrders', 'VersionedId', now, ORDER);
    const { thing: restored } = await write('restoreOrders', 'VersionedId', pick(deleted), ORDER);
    await waitForOrder(restored);
    expect(await heldOf(forgotten)).toEqual(nothing);
    expect(await profileOf(forgotten)).toMatchObject(emptied);

    expect(await repairDrift()).toMatchObject({ differences: 0, left: 0 });
    const { thing: again } = await write('refreshSegments', 'VersionedId', pick(refreshed), SEGMENT);
    expect(again.memberCount).toBe(1);
    expect(await heldOf(forgotten)).toEqual(nothing);
    expect(await profileOf(stays)).toMatchObject({ orderCount: 1 });

    const figures = { orderCount: 1, lifetimeValueMinor: 1, currency: 'EUR' };
    const consent = { channel: 'EMAIL', state: 'GRANTED', source: 'a form', capturedAt: '2026-03-02T10:00:00.000Z' };
    const visit = { uniqueId: 'v1', channel: 'WEB', pagePath: '/', occurredAt: '2026-03-02T10:00:00.000Z' };
    const campaign = { name: 'Late', channel: 'EMAIL' };
    const { thing: made } = await write('createCampaigns', 'CampaignInput', campaign, 'campaign { id }');
    for (const [mutation, type, item] of [
      ['upsertAudienceProfiles', 'AudienceProfileInput', figures],
      ['captureConsents', 'ConsentInput', consent],
      ['ingestEngagements', 'EngagementInput', visit],
      ['addCampaignMembers', 'CampaignMemberInput', { campaignId: made.id }],
    ] as const) {
      const result = await write(mutation, type, { ...item, customerId: forgotten }, '__typename');
      expect({ mutation, ...result }).toMatchObject({ code: 'INVALID', message: 'This customer was forgotten.' });
    }
    expect(await heldOf(forgotten)).toEqual(nothing);
  }, 120_000);
});

function pick({ id, version }: Result['thing']): object {
  return { id, version };
}
