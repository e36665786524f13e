// What customers agreed to and what is suppressed, and moving all of it when a duplicate is merged.
import { codesOf, dayInMarch, startMarketing, type MarketingClient } from '../../harness/marketingClient.ts';

let client: MarketingClient;

beforeAll(async () => {
  client = await startMarketing();
});
afterAll(() => client.subgraph.stop());

describe('captureConsents', () => {
  const statement = (customerId: string, state: string, capturedAt: string, channel = 'EMAIL') => ({
    ...{ customerId, channel, state, capturedAt, source: 'checkout' },
  });
  const capture = (...input: object[]) => client.mutate('captureConsents', 'ConsentInput', input, 'consent { state }');

  it('lets the newest statement of a channel hold, in whatever order they arrive', async () => {
    const id = 'cus_consents01';
    expect(codesOf(await capture(statement(id, 'GRANTED', dayInMarch(5))))).toEqual(['CREATED']);
    expect(
      codesOf(await capture(statement(id, 'WITHDRAWN', dayInMarch(9)), statement(id, 'GRANTED', dayInMarch(7)))),
    ).toEqual(['CREATED', 'CREATED']);
    await capture(statement(id, 'GRANTED', dayInMarch(1)), statement(id, 'GRANTED', dayInMarch(2), 'SMS'));
    const read = await client.customer(
      id,
      'consents { channel state capturedAt } consentHistory(first: 3) { capturedAt }',
    );
    expect(read).toEqual({
      consents: [
        { channel: 'EMAIL', state: 'WITHDRAWN', capturedAt: dayInMarch(9) },
        { channel: 'SMS', state: 'GRANTED', capturedAt: dayInMarch(2) },
      ],
      consentHistory: [{ capturedAt: dayInMarch(9) }, { capturedAt: dayInMarch(7) }, { capturedAt: dayInMarch(5) }],
    });
    expect(await client.consentedChannels(id)).toEqual(['SMS']);
    expect(await client.subgraph.models.consents.countDocuments({ customerId: id })).toBe(5);
  });

  it('takes the same statement once, also within a batch', async () => {
    const same = statement('cus_consents02', 'GRANTED', dayInMarch(5));
    expect(codesOf(await capture(same, same))).toEqual(['CREATED', 'UNCHANGED']);
    expect(codesOf(await capture(same, { ...same, source: 'letter' }))).toEqual(['UNCHANGED', 'CREATED']);
    expect(await client.subgraph.models.consents.countDocuments({ customerId: same.customerId, current: true })).toBe(
      1,
    );
  });

  it('refuses what is not of a customer, has no source, or lies in the future', async () => {
    const results = await capture(
      statement('com_consents03', 'GRANTED', dayInMarch(5)),
      { ...statement('cus_consents03', 'GRANTED', dayInMarch(5)), source: '' },
      statement('cus_consents03', 'GRANTED', '2099-01-01T00:00:00.000Z'),
      statement('cus_consents03', 'GRANTED', dayInMarch(5)),
    );
    expect(codesOf(results)).toEqual(['INVALID', 'INVALID', 'INVALID', 'CREATED']);
  });

  it('leaves one statement that holds when many come at once', async () => {
    const id = 'cus_consents04';
    const dates = [3, 8, 1, 6, 2, 7];
    await Promise.all(
      dates.map((date) => capture(statement(id, date === 8 ? 'GRANTED' : 'WITHDRAWN', dayInMarch(date)))),
    );
    expect(await client.customer(id, 'consents { state capturedAt }')).toEqual({
      consents: [{ state: 'GRANTED', capturedAt: dayInMarch(8) }],
    });
    expect(await client.consentedChannels(id)).toEqual(['EMAIL']);
  });
});

describe('suppressions', () => {
  const customerId = 'cus_suppress01';
  const email = { customerId, channel: 'EMAIL' };

  it('take a channel from what may be written to, and lifting gives it back', async () => {
    const granted = { ...email, state: 'GRANTED', source: 'form', capturedAt: dayInMarch(1) };
    await client.mutate('captureConsents', 'ConsentInput', [granted]);
    const added = await client.mutate('addSuppressions', 'SuppressionInput', [
      { ...email, reason: 'BOUNCED' },
      { ...email, reason: 'BOUNCED' },
      { ...email, reason: 'COMPLAINT' },
      { ...email, customerId: 'nobody', reason: 'MANUAL' },
    ]);
    expect(codesOf(added)).toEqual(['CREATED', 'UNCHANGED', 'UPDATED', 'INVALID']);
    expect(await client.customer(customerId, 'suppressions { channel reason }')).toEqual({
      suppressions: [{ channel: 'EMAIL', reason: 'COMPLAINT' }],
    });
    expect(await client.consentedChannels(customerId)).toEqual([]);
    const lifted = await client.mutate('liftSuppressions', 'SuppressionKey', [
      email,
      email,
      { ...email, channel: 'SMS' },
    ]);
    expect(codesOf(lifted)).toEqual(['UPDATED', 'NOT_FOUND', 'NOT_FOUND']);
    expect(await client.consentedChannels(customerId)).toEqual(['EMAIL']);
  });

  it('stand for good once the customer is erased', async () => {
    const sms = { customerId, channel: 'SMS' };
    await client.mutate('addSuppressions', 'SuppressionInput', [{ ...sms, reason: 'ERASED' }]);
    const again = await client.mutate('addSuppressions', 'SuppressionInput', [{ ...sms, reason: 'MANUAL' }]);
    expect(codesOf(again)).toEqual(['UNCHANGED']);
    expect(codesOf(await client.mutate('liftSuppressions', 'SuppressionKey', [sms]))).toEqual(['INVALID']);
  });
});

describe('moveMarketing', () => {
  it('makes what a duplicate has that of its keeper, once', async () => {
    const [loser, keeper] = ['cus_duplicate1', 'cus_keeper0001'];
    const campaignId = await client.createCampaign();
    const granted = { channel: 'EMAIL', state: 'GRANTED', source: 'form', capturedAt: dayInMarch(1) };
    await client.mutate('captureConsents', 'ConsentInput', [
      { ...granted, customerId: loser },
      { ...granted, customerId: loser, state: 'WITHDRAWN', capturedAt: dayInMarch(9) },
      { ...granted, customerId: loser, channel: 'SMS' },
      { ...granted, customerId: keeper },
    ]);
    const members = [loser, keeper].map((customerId) => ({ campaignId, customerId }));
    await client.mutate('addCampaignMembers', 'CampaignMemberInput', members);
    await client.mutate('addSuppressions', 'SuppressionInput', [
      { customerId: loser, channel: 'PUSH', reason: 'MANUAL' },
    ]);
    const engaged = { customerId: loser, channel: 'SMS', smsStatus: 'REPLIED', occurredAt: dayInMarch(4) };
    await client.mutate('ingestEngagements', 'EngagementInput', [{ ...engaged, uniqueId: 'moved' }]);
    const figures = { orderCount: 2, lifetimeValueMinor: 5_000, currency: 'EUR', lastOrderAt: dayInMarch(7) };
    await client.mutate('upsertAudienceProfiles', 'AudienceProfileInput', [
      { ...figures, customerId: loser },
      { ...figures, customerId: keeper, lastOrderAt: dayInMarch(3) },
    ]);
    const move = [{ fromCustomerId: loser, toCustomerId: keeper }];
    const [moved] = await client.mutate('moveMarketing', 'MoveInput', move, 'movedCount');
    expect(moved).toEqual({ code: 'UPDATED', message: null, movedCount: 7 });
    expect(
      await client.customer(keeper, 'consents { channel state } suppressions { channel } engagements { id }'),
    ).toEqual({
      consents: [
        { channel: 'EMAIL', state: 'WITHDRAWN' },
        { channel: 'SMS', state: 'GRANTED' },
      ],
      suppressions: [{ channel: 'PUSH' }],
      engagements: [{ id: expect.any(String) as string }],
    });
    const profiles = await client.subgraph.models.audienceProfiles.find({ customerId: { $eq: keeper } }).lean();
    expect(profiles[0]).toMatchObject({ orderCount: 4, lifetimeValueMinor: 10_000, consentedChannels: ['SMS'] });
    expect(profiles[0]?.lastOrderAt).toEqual(new Date(dayInMarch(7)));
    const models = [
      client.subgraph.models.consents,
      client.subgraph.models.campaignMembers,
      client.subgraph.models.engagements,
    ];
    for (const model of [...models, client.subgraph.models.suppressions, client.subgraph.models.audienceProfiles]) {
      expect(await (model as typeof client.subgraph.models.consents).countDocuments({ customerId: loser })).toBe(0);
    }
    const [again, wrong] = await client.mutate(
      'moveMarketing',
      'MoveInput',
      [...move, { fromCustomerId: keeper, toCustomerId: keeper }],
      'movedCount',
    );
    expect(again).toEqual({ code: 'UNCHANGED', message: null, movedCount: 0 });
    expect(wrong?.code).toBe('INVALID');
  });
});
