// References to marketing's entities over HTTP: what they cost in database commands, whatever the number, and keys from
// outside that are none.
import { marketingModels, type MarketingModels } from '../../../subgraphs/marketing/model.ts';
import { writeMarketingData } from '../../harness/marketingData.ts';
import { nthId } from '../../harness/ordersData.ts';
import { startTestSubgraph, type SubgraphAnswer, type TestSubgraph } from '../../harness/subgraphClient.ts';

const SIZE = { customers: 300, campaigns: 120 };

interface Entities<T> {
  readonly _entities: (T | null)[];
}

let subgraph: TestSubgraph<MarketingModels>;

beforeAll(async () => {
  subgraph = await startTestSubgraph('marketing', marketingModels);
  await writeMarketingData(subgraph.models, SIZE);
});
afterAll(() => subgraph.stop());

function entities<T>(representations: object[], fragment: string): Promise<SubgraphAnswer<Entities<T>>> {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ${fragment} } }`;
  return subgraph.send<Entities<T>>(query, { of: representations });
}

/** Gives how many commands a request sent, by collection. */
function countByCollection(answer: SubgraphAnswer<unknown>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { collection } of answer.commands) counts[collection] = (counts[collection] ?? 0) + 1;
  return counts;
}

const ENGAGEMENT = `id occurredAt customer { id } campaign { name } ... on EmailEngagement { emailAction }
  ... on SmsEngagement { smsStatus } ... on PushEngagement { pushAction } ... on WebEngagement { pagePath }`;
const EACH_ENGAGEMENT = { engagements: 1, campaigns: 1 };
const STATS = { orderCount: 6, lastOrderAt: null, lifetimeValue: { amountMinor: 60_000, currency: 'EUR' } };

describe('the database commands of one fetch', () => {
  it.each([
    ['Customer.consents', 'Customer', 'cus', 'consents { id state }', { consents: 1 }],
    ['Customer.consentHistory', 'Customer', 'cus', 'consentHistory(first: 2) { id }', { consents: 1 }],
    ['Customer.suppressions', 'Customer', 'cus', 'suppressions { id reason }', { suppressions: 1 }],
    ['Customer.segments', 'Customer', 'cus', 'segments { name }', { segment_memberships: 1, segments: 1 }],
    ['Customer.engagements', 'Customer', 'cus', `engagements(first: 3) { ${ENGAGEMENT} }`, EACH_ENGAGEMENT],
    [
      'Customer.engagements of a channel',
      'Customer',
      'cus',
      `engagements(first: 3, channel: WEB) { ${ENGAGEMENT} }`,
      EACH_ENGAGEMENT,
    ],
    ['Customer.rfm', 'Customer', 'cus', 'rfm { recency frequency monetary }', {}],
    [
      'a Customer 360',
      'Customer',
      'cus',
      `consents { state } suppressions { reason } segments { name } rfm { monetary } engagements(first: 5) { id }`,
      { consents: 1, suppressions: 1, segment_memberships: 1, segments: 1, engagements: 1 },
    ],
    ['Order.attribution', 'Order', 'ord', 'attribution { model campaign { name } }', { attributions: 1, campaigns: 1 }],
    [
      'Campaign',
      'Campaign',
      'cmp',
      'name segment { name } template { body } members(first: 2) { edges { node { customer { id } } } }',
      { campaigns: 1, segments: 1, templates: 1, campaign_members: 1 },
    ],
    ['Campaign.members counted', 'Campaign', 'cmp', 'members { totalCount }', { campaigns: 1, campaign_members: 2 }],
    [
      'Segment',
      'Segment',
      'seg',
      'name members(first: 2) { edges { node { since } } }',
      { segments: 1, segment_memberships: 1 },
    ],
    ['Template', 'Template', 'tpl', 'name body', { templates: 1 }],
    ['Engagement', 'Engagement', 'eng', ENGAGEMENT, EACH_ENGAGEMENT],
  ])(
    'are at most one for each collection, and equal for 1, 10 and 100 references: %s',
    async (_, type, prefix, fields, expected) => {
      for (const count of [1, 10, 100]) {
        const references = Array.from({ length: count }, (_each, n) => {
          return { __typename: type, id: nthId(prefix, n), ...(type === 'Customer' ? { orderStats: STATS } : {}) };
        });
        const answer = await entities(references, `... on ${type} { ${fields} }`);
        expect(answer.errors).toEqual([]);
        expect(answer.data._entities.filter((entity) => entity !== null)).toHaveLength(count);
        expect(countByCollection(answer)).toEqual(expected);
      }
    },
  );

  it('are one for each collection of a list, whatever its length', async () => {
    for (const first of [1, 10, 100]) {
      const query = `query ($first: Int) { campaigns(first: $first) { edges { node {
        name segment { name } template { name } members(first: 2) { edges { node { id } } } } } } }`;
      const answer = await subgraph.send<{ campaigns: { edges: unknown[] } }>(query, { first });
      expect(answer.data.campaigns.edges).toHaveLength(first);
      expect(countByCollection(answer)).toEqual({ campaigns: 1, segments: 1, templates: 1, campaign_members: 1 });
    }
  });
});

describe('references', () => {
  it('find an engagement by its interface and by its own type, and by no other', async () => {
    const types = ['Engagement', 'EmailEngagement', 'SmsEngagement', 'WebEngagement'];
    const references = types.map((__typename) => ({ __typename, id: nthId('eng', 1) }));
    const fragments = types.slice(1).map((type) => `... on ${type} { __typename id }`);
    const { data, errors } = await entities(
      [...references, { __typename: 'Engagement', id: nthId('eng', 999_999) }],
      `... on Engagement { __typename id } ${fragments.join(' ')}`,
    );
    const found = { __typename: 'SmsEngagement', id: nthId('eng', 1) };
    expect(errors).toEqual([]);
    expect(data._entities).toEqual([found, null, found, null, null]);
  });

  it('give each engagement the action of its channel', async () => {
    const references = [0, 1, 2, 3].map((n) => ({ __typename: 'Engagement', id: nthId('eng', n) }));
    const { data } = await entities(references, `... on Engagement { ${ENGAGEMENT.replace(/^.*?\}.*?\}/s, '')} }`);
    const actions = [{ emailAction: 'OPENED' }, { smsStatus: 'REPLIED' }, { pushAction: 'DISMISSED' }];
    expect(data._entities).toEqual([...actions, { pagePath: '/shoes' }]);
  });

  it('to customers and orders cost no query by themselves', async () => {
    const references = [
      { __typename: 'Customer', id: nthId('cus', 1) },
      { __typename: 'Order', id: nthId('ord', 1) },
    ];
    const answer = await entities(references, '... on Customer { id } ... on Order { id }');
    expect(answer.data._entities).toEqual(references.map(({ id }) => ({ id })));
    expect(answer.commands).toEqual([]);
  });

  it('that are no keys are an error for themselves alone', async () => {
    const bad = [{ $gt: '' }, ['cmp_00000001'], 7, '', 'cus_00000001', null, `cmp_${'0'.repeat(60)}`];
    const references = [...bad, nthId('cmp', 1)].map((id) => ({ __typename: 'Campaign', id }));
    const { data, errors } = await entities<{ name: string }>(references, '... on Campaign { name }');
    expect(data._entities).toEqual([...bad.map(() => null), { name: 'Campaign 1' }]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(bad.map(() => 'INVALID_ID'));
    const types = ['Segment', 'Template', 'Customer', 'Order', 'Engagement', 'EmailEngagement'];
    const others = await entities(
      types.map((__typename) => ({ __typename, id: { $ne: null } })),
      '... on Segment { name } ... on Template { name } ... on Customer { id } ... on Order { id } ... on Engagement { id }',
    );
    expect(others.data._entities).toEqual(types.map(() => null));
    expect(others.errors.map(({ extensions }) => extensions.code)).toEqual(types.map(() => 'INVALID_ID'));
    expect(others.commands).toEqual([]);
  });

  it('bring the statistics that rfm is told from, and wrong ones are refused', async () => {
    const lastOrderAt = new Date().toISOString();
    const stats = [{ ...STATS, lastOrderAt }, STATS, undefined, { ...STATS, orderCount: { $gt: 0 } }];
    const references = stats.map((orderStats, n) => ({ __typename: 'Customer', id: nthId('cus', n), orderStats }));
    const { data, errors } = await entities(references, '... on Customer { rfm { recency frequency monetary } }');
    expect(data._entities).toEqual([
      { rfm: { recency: 5, frequency: 3, monetary: 3 } },
      { rfm: { recency: 1, frequency: 1, monetary: 1 } },
      { rfm: null },
      { rfm: null },
    ]);
    expect(errors.map(({ path, extensions }) => [path?.[1], extensions.code])).toEqual([
      [2, 'BAD_USER_INPUT'],
      [3, 'BAD_USER_INPUT'],
    ]);
  });

  it('of another tenant find nothing', async () => {
    const query = `query ($of: [_Any!]!) { campaigns { edges { node { id } } } _entities(representations: $of) {
      ... on Customer { consents { id } engagements { id } segments { id } } } }`;
    const of = [{ __typename: 'Customer', id: nthId('cus', 1) }];
    const { data } = await subgraph.send(query, { of }, 'other');
    expect(data).toEqual({ campaigns: { edges: [] }, _entities: [{ consents: [], engagements: [], segments: [] }] });
  });
});

describe('lists of a customer', () => {
  it('are newest first, of one channel if asked, and of 1 to 100', async () => {
    const customer = [{ __typename: 'Customer', id: nthId('cus', 2) }];
    const { data } = await entities(
      customer,
      '... on Customer { all: engagements(first: 3) { id } web: engagements(channel: WEB) { id } segments { name } }',
    );
    expect(data._entities).toEqual([
      {
        all: [23, 22, 21].map((n) => ({ id: nthId('eng', n) })),
        web: [23, 19].map((n) => ({ id: nthId('eng', n) })),
        segments: [{ name: 'Segment 3' }, { name: 'Segment 2' }],
      },
    ]);
    for (const field of ['engagements(first: 101)', 'engagements(first: -1)', 'consentHistory(first: 0)']) {
      const { errors } = await entities(customer, `... on Customer { ${field} { id } }`);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['PAGE_TOO_LARGE']);
    }
  });
});
