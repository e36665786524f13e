// What sending services and the shop report: engagements, attributions and the figures of customers.
import { codesOf, dayInMarch, startMarketing, type MarketingClient } from '../../harness/marketingClient.ts';

let client: MarketingClient;

beforeAll(async () => {
  client = await startMarketing();
});
afterAll(() => client.subgraph.stop());

describe('ingestEngagements', () => {
  const sent = (uniqueId: string, more: object = {}) => ({
    ...{ uniqueId, customerId: 'cus_engaged01', channel: 'EMAIL', occurredAt: dayInMarch(2), emailAction: 'SENT' },
    ...more,
  });
  const ingest = (...input: object[]) =>
    client.mutate('ingestEngagements', 'EngagementInput', input, 'engagement { id }');

  it('takes a uniqueId once and raises the statistics of its campaign by what is new', async () => {
    const campaignId = await client.createCampaign();
    const batch = [
      sent('a', { campaignId }),
      sent('b', { campaignId }),
      sent('a', { campaignId }),
      sent('c', { campaignId, emailAction: 'OPENED' }),
      sent('d', { campaignId, emailAction: 'UNSUBSCRIBED' }),
      sent('e', { campaignId, emailAction: 'BOUNCED' }),
      sent('f'),
    ];
    const created = ['CREATED', 'CREATED', 'UNCHANGED', 'CREATED', 'CREATED', 'CREATED', 'CREATED'];
    expect(codesOf(await ingest(...batch))).toEqual(created);
    expect(new Set(codesOf(await ingest(...batch)))).toEqual(new Set(['UNCHANGED']));
    const query = 'query ($id: ID!) { campaign(id: $id) { version stats { sent opened clicked unsubscribed } } }';
    const { data } = await client.subgraph.send(query, { id: campaignId });
    expect(data).toEqual({ campaign: { version: 1, stats: { sent: 2, opened: 1, clicked: 0, unsubscribed: 1 } } });
  });

  it('counts every engagement when batches of one campaign come at once', async () => {
    const campaignId = await client.createCampaign();
    const batch = (name: number) => Array.from({ length: 20 }, (_, at) => sent(`${name}-${at}`, { campaignId }));
    await Promise.all([1, 2, 3, 4, 5, 1].map((name) => ingest(...batch(name))));
    const stored = await client.subgraph.models.campaigns.findOne({ _id: campaignId }).lean();
    expect(stored?.stats.sent).toBe(100);
  });

  it('takes exactly the action of its channel', async () => {
    const results = await ingest(
      sent('x1', { emailAction: null }),
      sent('x2', { smsStatus: 'SENT' }),
      sent('x3', { channel: 'SMS' }),
      sent('x4', { channel: 'WEB', emailAction: null, pagePath: '/shoes' }),
      sent('x5', { channel: 'WEB', emailAction: null, pagePath: '' }),
      sent('x6', { channel: 'PUSH', emailAction: null, pushAction: 'DISMISSED' }),
      sent('x7', { campaignId: 'cmp_00000000' }),
      sent('', {}),
    );
    const invalid = 'INVALID';
    expect(codesOf(results)).toEqual([invalid, invalid, invalid, 'CREATED', invalid, 'CREATED', invalid, invalid]);
    expect(results[0]?.message).toContain('emailAction');
  });
});

describe('what the shop tells', () => {
  it('credits orders to campaigns, and the last word holds', async () => {
    const campaignId = await client.createCampaign();
    const first = { orderId: 'ord_credited01', campaignId, model: 'LAST_TOUCH', touchedAt: dayInMarch(3) };
    const results = await client.mutate('recordAttributions', 'AttributionInput', [
      first,
      first,
      { ...first, model: 'LINEAR' },
      { ...first, orderId: 'cus_credited01' },
      { ...first, campaignId: 'cmp_00000000' },
    ]);
    expect(codesOf(results)).toEqual(['CREATED', 'UNCHANGED', 'UPDATED', 'INVALID', 'INVALID']);
    const { data } = await client.subgraph.send(
      `query ($of: [_Any!]!) { _entities(representations: $of) {
        ... on Order { attribution { model touchedAt campaign { id name } } } } }`,
      { of: ['ord_credited01', 'ord_credited02'].map((id) => ({ __typename: 'Order', id })) },
    );
    const attribution = { model: 'LINEAR', touchedAt: dayInMarch(3), campaign: { id: campaignId, name: 'Mail' } };
    expect(data).toEqual({ _entities: [{ attribution }, { attribution: null }] });
  });

  it('keeps the figures of a customer without touching what it agreed to', async () => {
    const customerId = 'cus_figures01';
    const granted = { customerId, channel: 'WEB', state: 'GRANTED', source: 'banner', capturedAt: dayInMarch(1) };
    await client.mutate('captureConsents', 'ConsentInput', [granted]);
    const figures = {
      customerId,
      orderCount: 2,
      lifetimeValueMinor: 5_000,
      currency: 'EUR',
      lastOrderAt: dayInMarch(1),
    };
    const results = await client.mutate('upsertAudienceProfiles', 'AudienceProfileInput', [
      figures,
      figures,
      { ...figures, customerId: 'cus_figures02' },
      { ...figures, currency: 'euro' },
      { ...figures, lifetimeValueMinor: -1 },
      { ...figures, orderCount: -1 },
    ]);
    expect(codesOf(results)).toEqual(['UPDATED', 'UNCHANGED', 'CREATED', 'INVALID', 'INVALID', 'INVALID']);
    expect(await client.consentedChannels(customerId)).toEqual(['WEB']);
  });
});
