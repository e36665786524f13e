// Queries that together use every read of the subgraphs' stores: each root field, each filter and ordering with an index
// of its own, each field that loads. What a test over them finds holds for all queries that clients can make.
import type { TestGraph } from './testGraph.ts';

/** A query and its variables. */
export interface SentQuery {
  readonly query: string;
  readonly variables?: object;
}

interface Known {
  readonly customer: string;
  readonly company: string;
  readonly order: string;
  readonly number: string;
  readonly sku: string;
  readonly campaign: string;
  readonly segment: string;
  readonly template: string;
  readonly timelineEntry: string;
}

const PAGE = 'edges { cursor node { id } } pageInfo { hasNextPage endCursor } totalCount';

const FIRST_PAGES = `{
  customers(first: 2) { edges { node { id company { id } timeline(first: 1) { edges { node { id } } } } } }
  companies(first: 2) { edges { cursor node { id } } }
  orders(first: 2) { edges { cursor node { id number lines { sku } } } }
  campaigns(first: 2) { edges { cursor node { id } } }
  segments(first: 2) { edges { cursor node { id } } }
  templates(first: 2) { edges { cursor node { id } } }
}`;

interface Edges<N> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
}

function firstOf<N>(list: Edges<N>): N {
  const [edge] = list.edges;
  if (edge === undefined) throw new Error('the sample data lacks an entity');
  return edge.node;
}

/** Finds one entity of each type in the sample data. */
async function findKnown(graph: TestGraph, customer: string): Promise<Known> {
  const { data } = await graph.ask<{
    companies: Edges<{ id: string }>;
    orders: Edges<{ id: string; number: string; lines: { sku: string }[] }>;
    campaigns: Edges<{ id: string }>;
    segments: Edges<{ id: string }>;
    templates: Edges<{ id: string }>;
  }>(FIRST_PAGES);
  const timeline = await graph.ask<{ customer: { timeline: Edges<{ id: string }> } }>(
    'query ($id: ID!) { customer(id: $id) { timeline(first: 1) { edges { node { id } } } } }',
    { id: customer },
  );
  const { id: order, number, lines } = firstOf(data.orders);
  return {
    customer,
    company: firstOf(data.companies).id,
    order,
    number,
    sku: lines[0]?.sku ?? '',
    campaign: firstOf(data.campaigns).id,
    segment: firstOf(data.segments).id,
    template: firstOf(data.templates).id,
    timelineEntry: firstOf(timeline.data.customer.timeline).id,
  };
}

/** The second pages of all lists, in every order that they have. */
const LISTS = [
  ['customers', ['CREATED_AT_ASC', 'CREATED_AT_DESC', 'NAME_ASC', 'NAME_DESC']],
  ['companies', ['NAME_ASC', 'NAME_DESC', 'CREATED_AT_DESC']],
  ['orders', ['PLACED_AT_ASC', 'PLACED_AT_DESC']],
  ['products', ['SKU_ASC', 'NAME_ASC']],
  ['campaigns', ['CREATED_AT_DESC', 'NAME_ASC']],
] as const;

async function secondPages(graph: TestGraph): Promise<SentQuery[]> {
  const pages: SentQuery[] = [];
  for (const [list, orders] of LISTS) {
    for (const order of orders) {
      const query = `query ($after: String) { list: ${list}(first: 2, after: $after, orderBy: [${order}]) { ${PAGE} } }`;
      const { data } = await graph.ask<{ list: { pageInfo: { endCursor: string } } }>(query);
      pages.push({ query }, { query, variables: { after: data.list.pageInfo.endCursor } });
    }
  }
  return pages;
}

const FILTERED = [
  'customers(first: 3, filter: { name: { startsWith: "a" } })',
  'customers(first: 3, filter: { name: { in: ["x", "y"] }, createdAt: { gte: "2020-01-01T00:00:00.000Z" } })',
  'customers(first: 3, filter: { or: [{ name: { eq: "x" } }, { not: { name: { eq: "y" } } }] })',
  'companies(first: 3, filter: { name: { startsWith: "a" } })',
  'orders(first: 3, filter: { status: [PAID] })',
  'orders(first: 3, filter: { status: [PAID, PLACED], placedAt: { gte: "2020-01-01T00:00:00.000Z" } })',
  'products(first: 3, filter: { sku: { startsWith: "A" } })',
  'products(first: 3, filter: { name: { startsWith: "a" } })',
  'campaigns(first: 3, filter: { status: [RUNNING] })',
  'campaigns(first: 3, filter: { channel: [EMAIL] })',
  'campaigns(first: 3, filter: { name: { startsWith: "a" } })',
  'customers(first: 3, includeDeleted: true)',
  'segments(first: 3)',
  'templates(first: 3)',
];

const RULES = [
  '{ lifetimeValueMinorGte: 50000 }',
  '{ orderCountGte: 3 }',
  '{ lastOrderBefore: "2026-01-01T00:00:00.000Z" }',
  '{ lastOrderSince: "2026-01-01T00:00:00.000Z", lifetimeValueMinorGte: 1000 }',
  '{ consent: EMAIL, lifetimeValueMinorGte: 1000 }',
  '{ or: [{ consent: SMS }, { not: { orderCountGte: 2 } }] }',
];

const CUSTOMER_PARTS = `id company { name customers(first: 2) { ${PAGE} } } timeline(first: 2) { ${PAGE} } mergeRecords(first: 2) { id }
  orders(first: 2, status: [PAID, SHIPPED]) { ${PAGE} } all: orders(first: 2) { edges { node { attribution { campaign { name } } lines { product { name } } } } totalCount }
  orderStats { orderCount } consents { channel } consentHistory(first: 3) { channel } suppressions { channel } segments { name } rfm { recency }
  engagements(first: 2) { id campaign { name } attributedOrder { id } } mail: engagements(first: 2, channel: EMAIL) { id }`;

const CAMPAIGN_PARTS = `id segment { name } template { name } members(first: 2) { edges { node { id } } totalCount }
  attributedOrders(first: 2) { ${PAGE} } attributedRevenue { amountMinor }`;

function byId(known: Known): SentQuery[] {
  const one = (field: string, selection: string): SentQuery => ({ query: `{ ${field} { ${selection} } }` });
  return [
    one(`customer(id: "${known.customer}")`, CUSTOMER_PARTS),
    one('customers(first: 3)', `edges { node { ${CUSTOMER_PARTS} } }`),
    one('customerByExternalRef(source: "x", id: "y")', 'id'),
    one('customerByEmail(email: "nobody@example.org")', 'id'),
    one('customFieldDefinitions', 'id'),
    one(`customers(filter: { companyId: { eq: "${known.company}" } })`, PAGE),
    one(`company(id: "${known.company}")`, `customers(first: 2) { ${PAGE} }`),
    one(
      `order(id: "${known.order}")`,
      'customer { displayName email } attribution { campaign { id name } } lines { product { id } }',
    ),
    one(`orderByNumber(number: "${known.number}")`, 'id'),
    one(`orders(filter: { customerId: { eq: "${known.customer}" } })`, PAGE),
    one(`product(sku: "${known.sku}")`, 'id'),
    one(`campaign(id: "${known.campaign}")`, CAMPAIGN_PARTS),
    one('campaigns(first: 3)', `edges { node { ${CAMPAIGN_PARTS} } }`),
    one(
      `segment(id: "${known.segment}")`,
      'members(first: 2) { edges { node { customer { displayName } } } totalCount }',
    ),
    one('segments(first: 3)', 'edges { node { members(first: 2) { edges { node { id } } totalCount } } }'),
    one(`template(id: "${known.template}")`, 'name'),
    one(`node(id: "${known.timelineEntry}")`, '... on TimelineEntry { customer { displayName } }'),
    one('dataSubjectRequest(id: "dsr_aaaaaaaa")', 'id'),
    ...['mrg_aaaaaaaa', known.order, known.campaign, known.segment, known.template, known.company].map((id) =>
      one(
        `node(id: "${id}")`,
        'id ... on Order { number } ... on Campaign { name } ... on Segment { name } ... on Template { name }',
      ),
    ),
  ];
}

/** Takes a graph with sample data and a customer of it; gives queries that use every read of the stores. */
export async function everyQuery(graph: TestGraph, customer: string): Promise<SentQuery[]> {
  const known = await findKnown(graph, customer);
  return [
    ...(await secondPages(graph)),
    ...FILTERED.map((field) => ({ query: `{ list: ${field} { ${PAGE} } }` })),
    ...RULES.map((rule) => ({ query: `{ previewSegment(rule: ${rule}, first: 3) { count sample { id } } }` })),
    ...byId(known),
  ];
}
