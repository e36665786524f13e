import { readFileSync } from 'node:fs';
import mongoose, { type Model } from 'mongoose';
import { isIdOf } from '../../contracts/entityId.ts';
import { customersModels } from '../../subgraphs/customers/model.ts';
import { fold } from '../../subgraphs/kit/read/filter.ts';
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import { marketingModels } from '../../subgraphs/marketing/model.ts';
import { ordersModels, type OrderDocument } from '../../subgraphs/orders/model.ts';
import { makeTemplates } from './campaigns.ts';
import { makeDefinitions } from './catalogue.ts';
import { makeChunk, makeSetting } from './makeChunk.ts';
import { SHOWCASE_CUSTOMER_ID } from '../seedGraph.ts';
import { selects } from '../../subgraphs/marketing/rules/selects.ts';
import { DEFAULT_UNTIL, makeWorld } from './world.ts';

const world = makeWorld('main', 1, Date.parse(DEFAULT_UNTIL));
const setting = makeSetting(world, 1_200);
const chunk = makeChunk(setting, { from: 0, to: 1_200 });

function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  return Map.groupBy(entries, keyOf);
}

/** Gives the names of the rules that an order breaks. */
function brokenRules(order: OrderDocument): string[] {
  const { lines, payments, refunds, fulfilments, returns, status, totalMinor, placedAt } = order;
  const paid = payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const refunded = refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const pieces = (lists: readonly { readonly quantity: number }[]): number =>
    lists.reduce((sum, { quantity }) => sum + quantity, 0);
  const bought = pieces(lines);
  const sent = pieces(fulfilments.flatMap((fulfilment) => fulfilment.lines));
  const back = pieces(returns.flatMap((each) => each.lines));
  const steps = [
    placedAt,
    ...payments.map(({ paidAt }) => paidAt),
    ...fulfilments.map(({ shippedAt }) => shippedAt),
    ...returns.map(({ returnedAt }) => returnedAt),
    ...refunds.map(({ refundedAt }) => refundedAt),
    new Date(world.untilMs + 1),
  ].map((moment) => moment.getTime());
  const rules = {
    total: totalMinor === lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
    lines: lines.length >= 1 && lines.length <= 5 && new Set(lines.map(({ sku }) => sku)).size === lines.length,
    refunds: refunded === order.refundedMinor && refunded <= paid,
    paid: ['PAID', 'SHIPPED', 'RETURNED'].includes(status) ? paid === totalMinor : paid === refunded,
    sent: status === 'SHIPPED' || status === 'RETURNED' ? sent === bought : sent === 0,
    returned: status === 'RETURNED' ? back === bought && refunded === totalMinor : back < bought,
    cancelled: (status === 'CANCELLED') === (order.cancelledAt !== null),
    order: steps.every((step, at) => at === 0 || (steps[at - 1] ?? 0) <= step),
    touches: order.touches.every(({ touchedAt }) => touchedAt <= placedAt),
  };
  return Object.entries(rules).flatMap(([name, holds]) => (holds ? [] : [name]));
}

describe('the documents of a range', () => {
  it('are the same each time, alone or as part of a larger range, and however many customers follow', () => {
    const larger = makeSetting(world, 60_000);
    const [low, high] = [makeChunk(larger, { from: 0, to: 77 }), makeChunk(setting, { from: 77, to: 1_200 })];
    for (const name of Object.keys(chunk) as (keyof typeof chunk)[]) {
      expect([...low[name], ...high[name]]).toEqual(chunk[name]);
    }
    expect(larger.campaigns.slice(0, setting.campaigns.length)).toEqual(setting.campaigns);
  });

  it('differ between seeds and tenants', () => {
    const other = makeChunk(makeSetting(makeWorld('main', 2, world.untilMs), 10), { from: 0, to: 10 });
    const foreign = makeChunk(makeSetting(makeWorld('other', 1, world.untilMs), 10), { from: 0, to: 10 });
    const ids = new Set(chunk.customers.map(({ _id }) => _id));
    expect([...other.customers, ...foreign.customers].some(({ _id }) => ids.has(_id))).toBe(false);
    expect(foreign.orders.every(({ tenantId }) => tenantId === 'other')).toBe(true);
  });

  it('are what the models of the subgraphs accept', async () => {
    const connection = mongoose.createConnection();
    const [customers, orders, marketing] = [customersModels, ordersModels, marketingModels].map((make) =>
      make(connection),
    ) as [ReturnType<typeof customersModels>, ReturnType<typeof ordersModels>, ReturnType<typeof marketingModels>];
    const check = async <D>(model: Model<D>, documents: readonly D[]): Promise<void> => {
      expect(documents.length).toBeGreaterThan(0);
      for (const document of documents) await new model(document).validate();
    };
    await check(customers.companies, chunk.companies);
    await check(customers.customers, chunk.customers.slice(0, 200));
    await check(customers.timeline, chunk.timeline.slice(0, 200));
    await check(customers.definitions, makeDefinitions(world));
    await check(orders.orders, chunk.orders.slice(0, 300));
    await check(orders.stats, chunk.stats.slice(0, 200));
    await check(
      orders.products,
      setting.shelves.flatMap(({ products }) => products),
    );
    await check(
      marketing.campaigns,
      setting.campaigns.map(({ document }) => document),
    );
    await check(marketing.campaignMembers, chunk.campaignMembers.slice(0, 200));
    await check(marketing.segments, setting.segments);
    await check(marketing.segmentMemberships, chunk.segmentMemberships.slice(0, 200));
    await check(marketing.templates, makeTemplates(world));
    await check(marketing.consents, chunk.consents.slice(0, 200));
    await check(marketing.suppressions, chunk.suppressions);
    await check(marketing.engagements, chunk.engagements.slice(0, 200));
    await check(marketing.attributions, chunk.attributions.slice(0, 200));
    await check(marketing.audienceProfiles, chunk.audienceProfiles.slice(0, 200));
  });

  it('have unique ids and natural keys', () => {
    const keys = [
      ...Object.values(chunk).map((documents: readonly { _id: string }[]) => documents.map(({ _id }) => _id)),
      chunk.customers.flatMap(({ lookupKeys }) => lookupKeys),
      chunk.companies.map(({ externalKey }) => externalKey),
      chunk.orders.map(({ externalKey }) => externalKey),
      chunk.orders.map(({ number }) => number),
      chunk.engagements.map(({ uniqueId }) => uniqueId),
      chunk.campaignMembers.map(({ campaignId, customerId }) => `${campaignId} ${customerId}`),
      chunk.suppressions.map(({ customerId, channel }) => `${customerId} ${channel}`),
      chunk.consents.map(({ customerId, channel, capturedAt, source, state }) =>
        [customerId, channel, capturedAt.toISOString(), source, state].join(' '),
      ),
    ];
    for (const list of keys) expect(new Set(list).size).toBe(list.length);
    expect(chunk.orders.every(({ _id }) => isIdOf('ord', _id))).toBe(true);
  });

  it('keep names and references in the forms that they are found by', () => {
    const companyIds = new Set(chunk.companies.map(({ _id }) => _id));
    for (const customer of chunk.customers) {
      expect(customer.nameFolded).toBe(fold(customer.displayName));
      expect(customer.emailFolded).toBe(customer.email === null ? null : fold(customer.email));
      expect(customer.email ?? 'a@example.com').toMatch(/^[a-z]+(\.[a-z]+)?\d*@([a-z0-9-]+\.)?example\.(com|org|net)$/);
      expect(customer.lookupKeys).toEqual([customer._id, externalKeyOf(customer.externalRef)]);
      expect(customer.companyId === null || companyIds.has(customer.companyId)).toBe(true);
      expect(customer.defaultAddress?.postalCode ?? '1').not.toMatch(/[#@]/);
    }
  });
});

describe('orders of a range', () => {
  it('add up, and take each step behind the one before it', () => {
    expect(chunk.orders.flatMap((order) => brokenRules(order).map((rule) => `${order.number} ${rule}`))).toEqual([]);
    const statuses = new Set(makeChunk(setting, { from: 0, to: 3_000 }).orders.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(['CANCELLED', 'PAID', 'PLACED', 'RETURNED', 'SHIPPED']);
  });

  it('come to the statistics and the profile of their customer', () => {
    const [orders, stats] = [
      groupBy(chunk.orders, ({ customerId }) => customerId),
      new Map(chunk.stats.map((each) => [each.customerId, each])),
    ];
    expect([...stats.keys()].sort()).toEqual([...orders.keys()].sort());
    for (const profile of chunk.audienceProfiles) {
      const valued = (orders.get(profile.customerId) ?? []).filter(({ status }) => status !== 'CANCELLED');
      const value = valued.reduce((sum, order) => sum + order.totalMinor - order.refundedMinor, 0);
      const { orderCount, lifetimeValueMinor, lastOrderAt } = profile;
      expect({ orderCount, lifetimeValueMinor, lastOrderAt }).toEqual({
        orderCount: valued.length,
        lifetimeValueMinor: value,
        lastOrderAt: valued.at(-1)?.placedAt ?? null,
      });
      expect(stats.get(profile.customerId)?.orderCount ?? 0).toBe(orderCount);
    }
  });

  it('name in their touches engagements of their customer, each once, and are credited to the last', () => {
    const engagements = new Map(chunk.engagements.map((engagement) => [engagement._id, engagement]));
    const attributions = new Map(chunk.attributions.map((attribution) => [attribution.orderId, attribution]));
    const touched = chunk.orders.filter(({ touches }) => touches.length > 0);
    expect(touched.some(({ touches }) => touches.length > 1)).toBe(true);
    expect(attributions.size).toBe(touched.length);
    for (const { _id, customerId, touches, campaignIds, engagementIds } of touched) {
      for (const { campaignId, engagementId, touchedAt } of touches) {
        const engagement = engagements.get(engagementId ?? '');
        expect(engagement).toMatchObject({ customerId, campaignId, occurredAt: touchedAt });
      }
      expect(engagementIds).toEqual(touches.map(({ engagementId }) => engagementId));
      expect(campaignIds).toEqual([...new Set(touches.map(({ campaignId }) => campaignId))]);
      const { campaignId, touchedAt } = touches.at(-1) ?? {};
      expect(attributions.get(_id)).toMatchObject({ campaignId, touchedAt, model: 'LAST_TOUCH' });
    }
    const all = touched.flatMap(({ engagementIds }) => engagementIds);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('marketing data of a range', () => {
  it('mark the newest statement of each channel as the one that holds', () => {
    for (const statements of groupBy(chunk.consents, ({ customerId, channel }) => customerId + channel).values()) {
      const newest = statements.toSorted((one, other) => one.capturedAt.getTime() - other.capturedAt.getTime()).at(-1);
      expect(statements.filter(({ current }) => current)).toEqual([newest]);
    }
    expect(chunk.consents.some(({ current }) => !current)).toBe(true);
  });

  it('send nothing before consent or after an unsubscription', () => {
    const consents = groupBy(chunk.consents, ({ customerId, channel }) => customerId + channel);
    const ends = new Map(chunk.suppressions.map(({ customerId, channel, since }) => [customerId + channel, since]));
    for (const { customerId, channel, action, occurredAt } of chunk.engagements) {
      if (action !== 'SENT') continue;
      const holding = consents
        .get(customerId + channel)
        ?.filter(({ capturedAt }) => capturedAt <= occurredAt)
        .at(-1);
      expect(holding?.state).toBe('GRANTED');
      expect((ends.get(customerId + channel) ?? new Date(world.untilMs + 1)) > occurredAt).toBe(true);
    }
    expect(chunk.suppressions.some(({ reason }) => reason === 'UNSUBSCRIBED')).toBe(true);
    expect(chunk.suppressions.some(({ reason }) => reason === 'BOUNCED')).toBe(true);
  });

  it('put into each segment exactly those whom its rule selects', () => {
    for (const { _id, rule } of setting.segments) {
      const members = chunk.segmentMemberships.filter(({ segmentId }) => segmentId === _id);
      const selected = chunk.audienceProfiles.filter((profile) => selects(rule, profile));
      expect(members.map(({ customerId }) => customerId)).toEqual(selected.map(({ customerId }) => customerId));
      expect(members.length).toBeGreaterThan(0);
      expect(members.length).toBeLessThan(chunk.customers.length / 10);
    }
  });

  it('show campaigns of every channel and status', () => {
    const of = (name: 'channel' | 'status'): string[] =>
      [...new Set(setting.campaigns.map(({ document }) => document[name]))].sort();
    expect(of('channel')).toEqual(['EMAIL', 'PUSH', 'SMS', 'WEB']);
    expect(of('status')).toEqual(['CANCELLED', 'COMPLETED', 'DRAFT', 'PAUSED', 'RUNNING', 'SCHEDULED']);
  });
});

describe('the showcase', () => {
  it('is the customer that the examples ask for', () => {
    const variables: unknown = JSON.parse(
      readFileSync(new URL('../../examples/queries/customer360.variables.json', import.meta.url), 'utf8'),
    );
    expect(variables).toEqual({ id: SHOWCASE_CUSTOMER_ID });
    expect(chunk.customers[0]?._id).toBe(SHOWCASE_CUSTOMER_ID);
  });

  it('has some of everything, and its newest orders and engagements name each other', () => {
    const [customer] = chunk.customers;
    const mine = <T extends { customerId: string }>(list: readonly T[]): T[] =>
      list.filter(({ customerId }) => customerId === customer?._id);
    const newestOrders = mine(chunk.orders).slice(-5);
    const newestEngagements = mine(chunk.engagements)
      .sort((one, other) => other.occurredAt.getTime() - one.occurredAt.getTime())
      .slice(0, 5);
    const led = new Set(newestOrders.flatMap(({ engagementIds }) => engagementIds));
    expect([customer?.companyId, customer?.email, customer?.defaultAddress]).not.toContain(null);
    expect(newestOrders.filter(({ touches }) => touches.length > 0).length).toBeGreaterThanOrEqual(4);
    expect(newestEngagements.some(({ _id }) => led.has(_id))).toBe(true);
    expect(mine(chunk.consents).filter(({ current }) => current)).toHaveLength(4);
    expect(mine(chunk.segmentMemberships).length).toBeGreaterThanOrEqual(2);
    expect(mine(chunk.timeline)).toHaveLength(5);
  });
});
