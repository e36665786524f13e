// The whole graph with a durable broker: what changes in one subgraph becomes true in the others.
import { setTimeout as delay } from 'node:timers/promises';
import { drawId } from '../../../platform/random.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { runProcess } from '../../harness/startProcess.ts';
import { startTestGraph, type TestGraph } from '../../harness/testGraph.ts';

const LOOKS_MAX = 300;
const LOOK_EVERY_MS = 100;
const PLACED_AT = '2026-03-01T10:00:00.000Z';

let graph: TestGraph;

beforeAll(async () => {
  graph = await startTestGraph(0);
});

afterAll(() => graph.stop());

/** Asks again until the answer is as it should be; gives the last one, for the test to look at. */
async function eventually<T>(look: () => Promise<T>, isRight: (found: T) => boolean): Promise<T> {
  for (let looks = 1; ; looks++) {
    const found = await look();
    if (isRight(found) || looks >= LOOKS_MAX) return found;
    await delay(LOOK_EVERY_MS);
  }
}

async function change<T>(mutation: string, variables: object): Promise<T> {
  const { data, errors } = await graph.ask<T>(mutation, { ...variables, key: drawId() });
  expect(errors).toEqual([]);
  return data;
}

interface Customer {
  readonly id: string;
  readonly version: number;
}

async function createCustomer(displayName: string): Promise<Customer> {
  const mutation = `mutation($input: [CustomerInput!]!, $key: ID!) {
    createCustomers(input: $input, idempotencyKey: $key) { code message customer { id version } }
  }`;
  const { createCustomers } = await change<{ createCustomers: { customer: Customer }[] }>(mutation, {
    input: [{ displayName }],
  });
  const [made] = createCustomers;
  if (made === undefined) throw new Error('no customer was made');
  return made.customer;
}

async function placeOrder(customerId: string, name: string, more: object = {}): Promise<Customer> {
  const mutation = `mutation($input: [OrderInput!]!, $key: ID!) {
    placeOrders(input: $input, idempotencyKey: $key) { code message order { id version } }
  }`;
  const line = { sku: 'lamp', quantity: 2, priceMinor: 1_500 };
  const input = [
    { customerId, customerDisplayName: name, placedAt: PLACED_AT, currency: 'EUR', lines: [line], ...more },
  ];
  const { placeOrders } = await change<{ placeOrders: { order: Customer }[] }>(mutation, { input });
  const [placed] = placeOrders;
  if (placed === undefined) throw new Error('no order was placed');
  return placed.order;
}

/** Gives the names that the orders subgraph alone tells of an order's customer, and whose it is. */
async function customerOfOrder(id: string): Promise<{ displayName?: string; id?: string }> {
  const { data, fetches } = await graph.ask<{ order: { customer: { displayName: string; id: string } } }>(
    'query($id: ID!) { order(id: $id) { customer { id displayName } } }',
    { id },
  );
  expect(new Set(fetches.map(({ subgraph }) => subgraph))).toEqual(new Set(['orders']));
  return data.order.customer;
}

async function mergeInto(keeper: Customer, loser: Customer): Promise<void> {
  const merge = `mutation($keep: ID!, $lose: ID!, $version: Int!, $key: ID!) {
    mergeCustomers(keep: $keep, lose: $lose, version: $version, idempotencyKey: $key) { code }
  }`;
  await change(merge, { keep: keeper.id, lose: loser.id, version: keeper.version });
}

/** Makes a segment of those who ordered for so much, and works it out: it has no members then. */
async function createWorkedOutSegment(lifetimeValueMinorGte: number): Promise<string> {
  const create = `mutation($input: [SegmentInput!]!, $key: ID!) {
    createSegments(input: $input, idempotencyKey: $key) { code message segment { id version } }
  }`;
  const input = [{ name: `Over ${lifetimeValueMinorGte}`, rule: { lifetimeValueMinorGte, orderCountGte: 1 } }];
  const { createSegments } = await change<{ createSegments: { segment: Customer }[] }>(create, { input });
  const refresh = `mutation($input: [VersionedId!]!, $key: ID!) {
    refreshSegments(input: $input, idempotencyKey: $key) { code message }
  }`;
  const segments = createSegments.map(({ segment: { id, version } }) => ({ id, version }));
  await change(refresh, { input: segments });
  return segments[0]?.id ?? '';
}

async function createCampaign(): Promise<string> {
  const create = `mutation($input: [CampaignInput!]!, $key: ID!) {
    createCampaigns(input: $input, idempotencyKey: $key) { code message campaign { id } }
  }`;
  const input = [{ name: 'Spring', channel: 'EMAIL' }];
  const { createCampaigns } = await change<{ createCampaigns: { campaign: { id: string } }[] }>(create, { input });
  return createCampaigns[0]?.campaign.id ?? '';
}

interface Seen {
  readonly segments: { id: string }[];
  readonly timeline: { edges: { node: { kind: string; title: string; detail: string | null } }[] };
  readonly orders: { edges: { node: { id: string; attribution: object | null } }[] };
}

async function lookAt(id: string): Promise<Seen> {
  const query = `query($id: ID!) { customer(id: $id) {
    segments { id }
    timeline { edges { node { kind title detail } } }
    orders(first: 5) { edges { node { id attribution { model campaign { id } } } } }
  } }`;
  return (await graph.ask<{ customer: Seen }>(query, { id })).data.customer;
}

describe('followers', () => {
  it('gives the orders of a renamed customer the new name, in the orders subgraph itself', async () => {
    const customer = await createCustomer('Ada Byron');
    const order = await placeOrder(customer.id, 'Ada Byron');
    const rename = `mutation($input: [CustomerPatch!]!, $key: ID!) {
      updateCustomers(input: $input, idempotencyKey: $key) { code }
    }`;
    await change(rename, { input: [{ id: customer.id, version: customer.version, displayName: 'Ada Lovelace' }] });
    const seen = await eventually(
      () => customerOfOrder(order.id),
      ({ displayName }) => displayName === 'Ada Lovelace',
    );
    expect(seen).toEqual({ id: customer.id, displayName: 'Ada Lovelace' });
  });

  it('makes the orders of a merged duplicate those of the customer that is kept', async () => {
    const keeper = await createCustomer('Grace Hopper');
    const loser = await createCustomer('G. Hopper');
    const order = await placeOrder(loser.id, 'G. Hopper');
    await mergeInto(keeper, loser);
    const seen = await eventually(
      () => customerOfOrder(order.id),
      ({ id, displayName }) => id === keeper.id && displayName === 'Grace Hopper',
    );
    expect(seen).toEqual({ id: keeper.id, displayName: 'Grace Hopper' });
  });

  it('brings an order into the profile, the segments and the attribution of marketing, and onto the timeline', async () => {
    const customer = await createCustomer('Edith Clarke');
    const segmentId = await createWorkedOutSegment(2_000);
    const campaignId = await createCampaign();
    const touches = [{ campaignId, touchedAt: PLACED_AT }];
    const order = await placeOrder(customer.id, 'Edith Clarke', { touches });
    const seen = await eventually(
      () => lookAt(customer.id),
      ({ segments, timeline, orders }) =>
        segments.length > 0 && timeline.edges.length > 0 && orders.edges[0]?.node.attribution != null,
    );
    expect(seen.segments.map(({ id }) => id)).toContain(segmentId);
    expect(seen.orders.edges.map(({ node }) => node)).toEqual([
      { id: order.id, attribution: { campaign: { id: campaignId }, model: 'LAST_TOUCH' } },
    ]);
    expect(seen.timeline.edges.map(({ node }) => node)).toMatchObject([{ kind: 'SYSTEM', detail: '30.00 EUR' }]);
  });

  it('takes a customer out of a segment when the order that brought it there is cancelled', async () => {
    const customer = await createCustomer('Mary Jackson');
    const segmentId = await createWorkedOutSegment(2_500);
    const order = await placeOrder(customer.id, 'Mary Jackson');
    const isIn = ({ segments }: Seen): boolean => segments.some(({ id }) => id === segmentId);
    expect(isIn(await eventually(() => lookAt(customer.id), isIn))).toBe(true);
    const cancel = `mutation($input: [CancelInput!]!, $key: ID!) { cancelOrders(input: $input, idempotencyKey: $key) { code } }`;
    await change(cancel, { input: [{ orderId: order.id, version: order.version }] });
    const seen = await eventually(
      () => lookAt(customer.id),
      (found) => !isIn(found) && found.timeline.edges.length === 2,
    );
    expect(isIn(seen)).toBe(false);
    expect(seen.timeline.edges.map(({ node }) => node.title.split(' ').at(-1))).toEqual(['cancelled', 'placed']);
  });

  it('moves segments, orders and the timeline of a merged duplicate to the customer that is kept', async () => {
    const keeper = await createCustomer('Katherine Johnson');
    const loser = await createCustomer('K. Johnson');
    const segmentId = await createWorkedOutSegment(2_700);
    const order = await placeOrder(loser.id, 'K. Johnson');
    const isIn = ({ segments, timeline }: Seen): boolean =>
      segments.some(({ id }) => id === segmentId) && timeline.edges.length === 1;
    expect(isIn(await eventually(() => lookAt(loser.id), isIn))).toBe(true);
    await mergeInto(keeper, loser);
    const seen = await eventually(
      () => lookAt(keeper.id),
      (found) => isIn(found) && found.orders.edges.length === 1,
    );
    expect(isIn(seen)).toBe(true);
    expect(seen.orders.edges.map(({ node }) => node.id)).toEqual([order.id]);
  });

  it('makes a copy that went wrong right again by a replay of what the owner still has', async () => {
    const customer = await createCustomer('Hedy Lamarr');
    const order = await placeOrder(customer.id, 'Hedy Lamarr');
    await eventually(
      () => lookAt(customer.id),
      ({ timeline }) => timeline.edges.length > 0,
    );
    const orders = await openDatabase(graph.uri, `${graph.prefix}_orders`);
    const rows = orders.getClient().db(orders.name).collection<{ _id: string }>('orders');
    await rows.updateOne({ _id: order.id }, { $set: { customerDisplayName: 'Somebody else' } });
    await orders.close();
    const words = ['--consumer', 'orders.customerNames', '--outbox', '--entity', customer.id, '--again'];
    const env = { MONGODB_URI: graph.uri, CRM_DATABASE_PREFIX: graph.prefix };
    const replayed = await runProcess(['cli/main.ts', 'events', 'replay', ...words], env);
    expect(replayed).toMatchObject({ code: 0, output: '1 events of the outboxes go to orders.customerNames again\n' });
    const seen = await eventually(
      () => customerOfOrder(order.id),
      ({ displayName }) => displayName === 'Hedy Lamarr',
    );
    expect(seen.displayName).toBe('Hedy Lamarr');
  });
});
