// What marketers write: campaigns, segments and templates, through a real marketing process.
import { marketingModels, type MarketingModels } from '../../../subgraphs/marketing/model.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

interface Result {
  readonly code: string;
  readonly message: string | null;
  readonly currentVersion: number | null;
  readonly entity: { id: string; version: number; name: string; deletedAt: string | null } | null;
}
interface Entity {
  readonly type: string;
  readonly field: string;
  readonly input: Record<string, unknown>;
  /** A part of an input that is INVALID. */
  readonly fault: Record<string, unknown>;
}

const ENTITIES: readonly Entity[] = [
  { type: 'Campaign', field: 'campaign', input: { channel: 'EMAIL' }, fault: { name: ' ' } },
  { type: 'Segment', field: 'segment', input: { rule: { orderCountGte: 2 } }, fault: { rule: {} } },
  { type: 'Template', field: 'template', input: { channel: 'EMAIL', body: 'Hello' }, fault: { body: '' } },
];

let marketing: TestSubgraph<MarketingModels>;
let keys = 0;

beforeAll(async () => {
  marketing = await startTestSubgraph('marketing', marketingModels);
});
afterAll(() => marketing.stop());

function nextKey(): string {
  keys += 1;
  return `key ${keys}`;
}

/** Sends a mutation of one kind of entity; the payload's entity comes as `entity`. */
async function mutate(mutation: string, type: string, input: readonly object[], key = nextKey()): Promise<Result[]> {
  const field = /(Campaign|Segment|Template)s?(Status)?$/.exec(mutation)?.[1]?.toLowerCase() ?? '';
  const { data, errors } = await marketing.send<{ results: Result[] }>(
    `mutation ($input: [${type}!]!, $key: ID!) { results: ${mutation}(input: $input, idempotencyKey: $key) {
      code message currentVersion entity: ${field} { id version name deletedAt } } }`,
    { input, key },
  );
  expect(errors).toEqual([]);
  return data.results;
}

async function createOne(mutation: string, type: string, input: object): Promise<NonNullable<Result['entity']>> {
  const [result] = await mutate(mutation, type, [input]);
  if (result?.entity == null) throw new Error(`not created: ${String(result?.message)}`);
  return result.entity;
}

const codes = (results: readonly Result[]): string[] => results.map(({ code }) => code);

describe.each(ENTITIES)('$type', ({ type, field, input, fault }) => {
  it('is created item by item: a wrong one is INVALID and the others stand', async () => {
    const name = `First ${type}`;
    const results = await mutate(`create${type}s`, `${type}Input`, [
      { ...input, name },
      { ...input, name: 'wrong', ...fault },
      { ...input, name: 'half a key', source: 'shop' },
      { ...input, name: 'whole key', source: 'shop', externalId: 'create-1' },
      { ...input, name: 'same key', source: 'shop', externalId: 'create-1' },
    ]);
    expect(codes(results)).toEqual(['CREATED', 'INVALID', 'INVALID', 'CREATED', 'CONFLICT']);
    expect(results[0]?.entity).toMatchObject({ version: 1, name });
    expect(results[1]?.message).toEqual(expect.any(String));
  });

  it('is upserted by source and externalId', async () => {
    const item = { ...input, source: 'shop', externalId: 'upsert-1' };
    expect(codes(await mutate(`upsert${type}s`, `${type}Input`, [{ ...item, name: 'A' }]))).toEqual(['CREATED']);
    expect(codes(await mutate(`upsert${type}s`, `${type}Input`, [{ ...item, name: 'A' }]))).toEqual(['UNCHANGED']);
    const [updated] = await mutate(`upsert${type}s`, `${type}Input`, [{ ...item, name: 'B' }]);
    expect(updated).toMatchObject({ code: 'UPDATED', currentVersion: 2, entity: { name: 'B', version: 2 } });
    const [stale] = await mutate(`upsert${type}s`, `${type}Input`, [{ ...item, name: 'C', version: 1 }]);
    expect(stale).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
  });

  it('is patched only in the version that the caller knows', async () => {
    const { id } = await createOne(`create${type}s`, `${type}Input`, { ...input, name: 'before' });
    const results = await mutate(`update${type}s`, `${type}Patch`, [
      { id, version: 1, name: 'after' },
      { id, version: 1, name: 'too late' },
      { id, version: 2, name: 'after' },
      { id, version: 2, name: null },
      { id: `${id.slice(0, 4)}${'0'.repeat(26)}`, version: 1, name: 'nobody' },
      { id: 'cus_0000000000', version: 1, name: 'of another type' },
    ]);
    expect(codes(results)).toEqual(['UPDATED', 'CONFLICT', 'UNCHANGED', 'INVALID', 'NOT_FOUND', 'INVALID']);
    expect(results[1]?.currentVersion).toBe(2);
  });

  it('is deleted softly, hidden, and brought back', async () => {
    const { id } = await createOne(`create${type}s`, `${type}Input`, { ...input, name: 'deleted soon' });
    const [deleted] = await mutate(`delete${type}s`, 'VersionedId', [{ id, version: 1 }]);
    expect(deleted).toMatchObject({ code: 'UPDATED', currentVersion: 2 });
    expect(deleted?.entity?.deletedAt).toEqual(expect.any(String));
    const list = `{ shown: ${field}s(first: 100) { edges { node { id } } }
      all: ${field}s(first: 100, includeDeleted: true) { edges { node { id } } } }`;
    type Page = { edges: { node: { id: string } }[] };
    const { data } = await marketing.send<{ shown: Page; all: Page }>(list);
    expect(data.shown.edges.some(({ node }) => node.id === id)).toBe(false);
    expect(data.all.edges.some(({ node }) => node.id === id)).toBe(true);
    expect(codes(await mutate(`update${type}s`, `${type}Patch`, [{ id, version: 2, name: 'x' }]))).toEqual([
      'CONFLICT',
    ]);
    const [restored] = await mutate(`restore${type}s`, 'VersionedId', [{ id, version: 2 }]);
    expect(restored).toMatchObject({ code: 'UPDATED', entity: { deletedAt: null, version: 3 } });
  });

  it('answers the same key with the first result and has one effect', async () => {
    const items = [{ ...input, name: `once ${type}` }];
    const [first] = await mutate(`create${type}s`, `${type}Input`, items, `once ${type}`);
    const [second] = await mutate(`create${type}s`, `${type}Input`, items, `once ${type}`);
    expect(second).toEqual(first);
    const query = `mutation ($input: [${type}Input!]!, $key: ID!) {
      create${type}s(input: $input, idempotencyKey: $key) { code } }`;
    const other = { input: [{ ...input, name: 'other input' }], key: `once ${type}` };
    const { errors } = await marketing.send(query, other);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  });

  it('takes 1 to 100 items a batch', async () => {
    const items = Array.from({ length: 101 }, (_, at) => ({ ...input, name: `many ${at}` }));
    expect(await mutate(`create${type}s`, `${type}Input`, items.slice(1))).toHaveLength(100);
    const query = `mutation ($input: [${type}Input!]!) { create${type}s(input: $input, idempotencyKey: "k") { code } }`;
    for (const input of [items, []]) {
      const { errors } = await marketing.send(query, { input });
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    }
  });

  it('has cursors that stand whatever is inserted before them', async () => {
    const page = `query ($after: String) { page: ${field}s(first: 5, after: $after) {
      edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`;
    type Page = { page: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } } };
    const first = (await marketing.send<Page>(page)).data.page;
    const before = (await marketing.send<Page>(page, { after: first.pageInfo.endCursor })).data.page;
    await createOne(`create${type}s`, `${type}Input`, { ...input, name: 'comes before all' });
    const after = (await marketing.send<Page>(page, { after: first.pageInfo.endCursor })).data.page;
    expect(after.edges).toEqual(before.edges);
    const { errors } = await marketing.send(page, { after: 'not a cursor' });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INVALID_CURSOR']);
  });
});

describe('a campaign', () => {
  async function draft(): Promise<string> {
    return (await createOne('createCampaigns', 'CampaignInput', { name: 'Spring', channel: 'EMAIL' })).id;
  }
  const step = (id: string, version: number, to: string, scheduledAt?: string) =>
    mutate('changeCampaignStatus', 'CampaignStatusInput', [
      { id, version, to, ...(scheduledAt === undefined ? {} : { scheduledAt }) },
    ]);

  it('goes from draft to its end step by step, and each step has its time', async () => {
    const id = await draft();
    const at = '2026-05-01T08:00:00.000Z';
    expect(codes(await step(id, 1, 'SCHEDULED', at))).toEqual(['UPDATED']);
    expect(codes(await step(id, 2, 'RUNNING'))).toEqual(['UPDATED']);
    expect(codes(await step(id, 3, 'PAUSED'))).toEqual(['UPDATED']);
    const times = `query ($id: ID!) { campaign(id: $id) { status scheduledAt startedAt completedAt } }`;
    type Times = { campaign: { status: string; startedAt: string } };
    const paused = (await marketing.send<Times>(times, { id })).data.campaign;
    expect(codes(await step(id, 4, 'RUNNING'))).toEqual(['UPDATED']);
    expect(codes(await step(id, 5, 'COMPLETED'))).toEqual(['UPDATED']);
    const ended = (await marketing.send<Times>(times, { id })).data.campaign;
    expect(paused).toMatchObject({ status: 'PAUSED', scheduledAt: at, completedAt: null });
    expect(ended).toMatchObject({ status: 'COMPLETED', startedAt: paused.startedAt });
    expect(ended).toHaveProperty('completedAt', expect.any(String));
  });

  it('refuses another step and says from which to which', async () => {
    const id = await draft();
    const [running] = await step(id, 1, 'RUNNING');
    expect(running).toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('from DRAFT to RUNNING') as string,
    });
    expect(codes(await step(id, 1, 'SCHEDULED'))).toEqual(['INVALID']);
    expect(codes(await step(id, 1, 'CANCELLED'))).toEqual(['UPDATED']);
    expect(codes(await step(id, 2, 'SCHEDULED', '2026-05-01T08:00:00.000Z'))).toEqual(['INVALID']);
  });

  it('refers only to segments and templates that there are, these of its channel', async () => {
    const segment = await createOne('createSegments', 'SegmentInput', { name: 'S', rule: { consent: 'EMAIL' } });
    const email = { name: 'T', channel: 'EMAIL', body: 'Hi' };
    const template = await createOne('createTemplates', 'TemplateInput', email);
    const base = { name: 'C', channel: 'EMAIL' };
    const results = await mutate('createCampaigns', 'CampaignInput', [
      { ...base, segmentId: segment.id, templateId: template.id },
      { ...base, segmentId: 'seg_00000000' },
      { ...base, templateId: template.id, channel: 'SMS' },
    ]);
    expect(codes(results)).toEqual(['CREATED', 'INVALID', 'INVALID']);
    const { data } = await marketing.send<{ campaign: unknown }>(
      `query ($id: ID!) { campaign(id: $id) { segment { name ruleText } template { name body } stats { sent } } }`,
      { id: results[0]?.entity?.id },
    );
    expect(data.campaign).toEqual({
      segment: { name: 'S', ruleText: '{"consent":"EMAIL"}' },
      template: { name: 'T', body: 'Hi' },
      stats: { sent: 0 },
    });
  });

  it('gets and loses members', async () => {
    const campaignId = await draft();
    const member = (customerId: string) => ({ campaignId, customerId });
    const send = async (mutation: string, input: object[]) => {
      const query = `mutation ($input: [CampaignMemberInput!]!, $key: ID!) { results: ${mutation}(input: $input,
        idempotencyKey: $key) { code member { customer { id } } } }`;
      return (await marketing.send<{ results: { code: string }[] }>(query, { input, key: nextKey() })).data.results;
    };
    const added = await send('addCampaignMembers', [
      member('cus_member01'),
      member('cus_member02'),
      member('cus_member01'),
      member('no id'),
      { campaignId: 'cmp_00000000', customerId: 'cus_member01' },
    ]);
    expect(added.map(({ code }) => code)).toEqual(['CREATED', 'CREATED', 'UNCHANGED', 'INVALID', 'NOT_FOUND']);
    expect(added[0]).toHaveProperty('member.customer.id', 'cus_member01');
    const removed = await send('removeCampaignMembers', [member('cus_member01'), member('cus_member03')]);
    expect(removed.map(({ code }) => code)).toEqual(['UPDATED', 'NOT_FOUND']);
    const { data } = await marketing.send<{ campaign: unknown }>(
      `query ($id: ID!) { campaign(id: $id) { members(first: 5) { totalCount edges { node { customer { id } } } } } }`,
      { id: campaignId },
    );
    expect(data.campaign).toEqual({
      members: { totalCount: 1, edges: [{ node: { customer: { id: 'cus_member02' } } }] },
    });
  });

  it('is found by status, channel and the beginning of its name', async () => {
    await mutate('createCampaigns', 'CampaignInput', [
      { name: 'Zebra One', channel: 'PUSH' },
      { name: 'zebra two', channel: 'PUSH' },
      { name: 'Zebra three', channel: 'SMS' },
    ]);
    const query = `query ($filter: CampaignFilter) { campaigns(filter: $filter, orderBy: [NAME_ASC]) {
      totalCount edges { node { name } } } }`;
    const names = async (filter: object) => {
      type Page = { campaigns: { totalCount: number; edges: { node: { name: string } }[] } };
      const { campaigns } = (await marketing.send<Page>(query, { filter })).data;
      expect(campaigns.totalCount).toBe(campaigns.edges.length);
      return campaigns.edges.map(({ node }) => node.name);
    };
    const zebra = { name: { startsWith: 'ZEBRA' } };
    expect(await names(zebra)).toEqual(['Zebra One', 'Zebra three', 'zebra two']);
    expect(await names({ ...zebra, channel: ['PUSH'], status: ['DRAFT'] })).toEqual(['Zebra One', 'zebra two']);
    expect(await names({ channel: ['PUSH'], not: { name: { eq: 'zebra one' } } })).toEqual(['zebra two']);
    expect(await names({ ...zebra, status: ['RUNNING', 'PAUSED'] })).toEqual([]);
    expect(await names({ name: { startsWith: '.*' } })).toEqual([]);
  });
});
