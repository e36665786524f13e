// Segments: what a rule selects, and who belongs after a refresh.
import { makeProfile } from '../../../subgraphs/marketing/rules/audienceProfile.ts';
import { dayInMarch, startMarketing, type MarketingClient } from '../../harness/marketingClient.ts';
import { nthId } from '../../harness/ordersData.ts';

let client: MarketingClient;

beforeAll(async () => {
  client = await startMarketing();
});
afterAll(() => client.subgraph.stop());

describe('segments', () => {
  const tenant = 'segments';
  const profile = (at: number) => ({
    ...{ customerId: `cus_segment${String(at).padStart(3, '0')}`, orderCount: at % 5, lifetimeValueMinor: at * 100 },
    ...{ currency: 'EUR', lastOrderAt: at % 5 === 0 ? null : dayInMarch(1 + (at % 28)) },
  });
  async function send<T>(query: string, variables: object): Promise<T> {
    const { data, errors } = await client.subgraph.send<T>(query, { key: client.nextKey(), ...variables }, tenant);
    expect(errors).toEqual([]);
    return data;
  }
  const preview = (rule: object, first = 10) =>
    send<{ previewSegment: { count: number; sample: { id: string }[] } }>(
      'query ($rule: SegmentRule!, $first: Int) { previewSegment(rule: $rule, first: $first) { count sample { id } } }',
      { rule, first },
    );

  beforeAll(async () => {
    const upsert = `mutation ($input: [AudienceProfileInput!]!, $key: ID!) {
      upsertAudienceProfiles(input: $input, idempotencyKey: $key) { code } }`;
    await send(upsert, { input: Array.from({ length: 100 }, (_, at) => profile(at)) });
    const capture = `mutation ($input: [ConsentInput!]!, $key: ID!) {
      captureConsents(input: $input, idempotencyKey: $key) { code } }`;
    const granted = { channel: 'EMAIL', state: 'GRANTED', capturedAt: dayInMarch(1), source: 'form' };
    await send(capture, {
      input: Array.from({ length: 50 }, (_, at) => ({ ...granted, customerId: profile(at * 2).customerId })),
    });
  });

  const all = Array.from({ length: 100 }, (_, at) => ({ ...profile(at), isGranted: at % 2 === 0 }));
  it.each([
    [{ lifetimeValueMinorGte: 5_000 }, all.filter((one) => one.lifetimeValueMinor >= 5_000).length],
    [{ consent: 'EMAIL' }, 50],
    [{ consent: 'SMS' }, 0],
    [{ not: { consent: 'EMAIL' } }, 50],
    [{ consent: 'EMAIL', orderCountGte: 3 }, all.filter((one) => one.isGranted && one.orderCount >= 3).length],
    [
      { lastOrderBefore: dayInMarch(10) },
      all.filter((one) => one.lastOrderAt !== null && one.lastOrderAt < dayInMarch(10)).length,
    ],
    [
      { lastOrderSince: dayInMarch(10) },
      all.filter((one) => one.lastOrderAt !== null && one.lastOrderAt >= dayInMarch(10)).length,
    ],
    [
      { or: [{ orderCountGte: 4 }, { and: [{ consent: 'EMAIL' }, { lifetimeValueMinorGte: 9_000 }] }] },
      all.filter((one) => one.orderCount >= 4 || (one.isGranted && one.lifetimeValueMinor >= 9_000)).length,
    ],
  ])('previews %j as %d customers', async (rule, count) => {
    const { previewSegment } = await preview(rule);
    expect(previewSegment.count).toBe(count);
    expect(new Set(previewSegment.sample.map(({ id }) => id)).size).toBe(Math.min(10, count));
  });

  it('previews by one command, and within the page size', async () => {
    const query = 'query ($first: Int) { previewSegment(rule: { orderCountGte: 1 }, first: $first) { count } }';
    const { commands } = await client.subgraph.send(query, { first: 100 }, tenant);
    expect(commands.map(({ command, collection }) => [command, collection])).toEqual([
      ['aggregate', 'audience_profiles'],
    ]);
    for (const first of [-1, 0, 101]) {
      const { errors } = await client.subgraph.send(query, { first }, tenant);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['PAGE_TOO_LARGE']);
    }
    const { errors } = await client.subgraph.send('{ previewSegment(rule: {}) { count } }', {}, tenant);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it('are refreshed: members come and go, and those who stay keep their time', async () => {
    type Segments = { results: { code: string; segment: { id: string; memberCount: number; version: number } }[] };
    const create = `mutation ($input: [SegmentInput!]!, $key: ID!) {
      results: createSegments(input: $input, idempotencyKey: $key) { code segment { id memberCount version } } }`;
    const rule = { lifetimeValueMinorGte: 9_000 };
    const [created] = (await send<Segments>(create, { input: [{ name: 'Best', rule }] })).results;
    const id = created?.segment.id ?? '';
    const refresh = `mutation ($input: [VersionedId!]!, $key: ID!) {
      results: refreshSegments(input: $input, idempotencyKey: $key) { code segment { id memberCount version } } }`;
    const first = await send<Segments>(refresh, { input: [{ id, version: 1 }] });
    expect(first.results).toEqual([{ code: 'UPDATED', segment: { id, memberCount: 10, version: 2 } }]);
    const before = await client.subgraph.models.segmentMemberships.find({ segmentId: id }).lean();
    const upsert = `mutation ($input: [AudienceProfileInput!]!, $key: ID!) {
      upsertAudienceProfiles(input: $input, idempotencyKey: $key) { code } }`;
    const input = [
      { ...profile(95), lifetimeValueMinor: 0 },
      { ...profile(1), lifetimeValueMinor: 9_000 },
      { ...profile(2), lifetimeValueMinor: 9_000 },
    ];
    await send(upsert, { input });
    const stale = [{ id, version: 1 }];
    expect((await send<Segments>(refresh, { input: stale })).results[0]?.code).toBe('CONFLICT');
    const second = await send<Segments>(refresh, { input: [{ id, version: 2 }] });
    expect(second.results[0]?.segment).toEqual({ id, memberCount: 11, version: 3 });
    const after = await client.subgraph.models.segmentMemberships.find({ segmentId: id }).lean();
    const stayed = before.filter(({ customerId }) => customerId !== profile(95).customerId);
    expect(after).toHaveLength(11);
    expect(after).toEqual(expect.arrayContaining(stayed));
    const members = `query ($id: ID!) { segment(id: $id) { members(first: 3) {
      totalCount pageInfo { hasNextPage } edges { node { customer { id } } } } } }`;
    const { data } = await client.subgraph.send<{ segment: object }>(members, { id }, tenant);
    expect(data.segment).toHaveProperty('members.totalCount', 11);
    expect(data.segment).toHaveProperty('members.pageInfo.hasNextPage', true);
  });

  it('are not refreshed when the rule selects more than 10,000 customers', async () => {
    const parts = { tenantId: 'many', consents: [], suppressions: [], updatedAt: new Date() };
    const orders = { orderCount: 1, lifetimeValueMinor: 100, currency: 'EUR', lastOrderAt: new Date() };
    const profiles = Array.from({ length: 10_001 }, (_, n) =>
      makeProfile({ ...parts, customerId: nthId('cus', n), orders }),
    );
    await client.subgraph.models.audienceProfiles.collection.insertMany(profiles as never);
    const create = `mutation ($input: [SegmentInput!]!) {
      results: createSegments(input: $input, idempotencyKey: "create") { segment { id } } }`;
    type Created = { results: { segment: { id: string } }[] };
    const input = [{ name: 'Everyone', rule: { orderCountGte: 1 } }];
    const created = await client.subgraph.send<Created>(create, { input }, 'many');
    const refresh = `mutation ($input: [VersionedId!]!) {
      results: refreshSegments(input: $input, idempotencyKey: "refresh") { code message segment { version } } }`;
    const segments = [{ id: created.data.results[0]?.segment.id, version: 1 }];
    const { data } = await client.subgraph.send(refresh, { input: segments }, 'many');
    const message = 'The rule selects more than 10000 customers.';
    expect(data).toEqual({ results: [{ code: 'INVALID', message, segment: { version: 1 } }] });
  });
});
