// A walk through every mutation of the graph, and of which events each of them tells. What a step makes is named, so
// that later steps can speak of it.

/** One mutation. */
export interface Step {
  readonly mutation: string;
  /** Gives the arguments from the ids of what earlier steps made. */
  readonly args: (ids: ReadonlyMap<string, string>) => object;
  /** The types of the events that it tells, in the order of their entities' versions. */
  readonly tells: readonly string[];
  /** Names for the entities of those events. */
  readonly keeps?: readonly string[];
  /** All entity keys of those events. */
  readonly keys?: (ids: ReadonlyMap<string, string>) => string[];
}

type Item = Readonly<Record<string, unknown>>;
type Input = Item | InputOf;
type InputOf = (id: (name: string) => string) => Item;

function isInputOf(input: Input): input is InputOf {
  return typeof input === 'function';
}

function step(mutation: string, tells: string | readonly string[], ...inputs: readonly Input[]): Step {
  return {
    mutation,
    tells: (typeof tells === 'string' ? [tells] : tells).map((name) => `crm.${name}.v1`),
    args: (ids) => ({
      input: inputs.map((input) => (isInputOf(input) ? input((name) => ids.get(name) ?? name) : input)),
    }),
  };
}

function once(mutation: string, tells: string, args: (id: (name: string) => string) => object): Step {
  return { mutation, tells: [`crm.${tells}.v1`], args: (ids) => args((name) => ids.get(name) ?? name) };
}

const DAY = new Date('2026-03-02T12:00:00.000Z');
const of = (name: string, version: number, more: Item = {}): Input => {
  return (id: (name: string) => string) => ({ id: id(name), version, ...more });
};

const company = { source: 'erp', externalId: 'c1', name: 'Acme' };
const ada = { source: 'shop', externalId: 'a1', displayName: 'Ada', email: 'ada@example.com' };
const address = { line1: 'Street 1', city: 'Bonn', postalCode: '53111', countryCode: 'DE' };
const tier = { key: 'tier', label: 'Tier', kind: 'TEXT' };

/** The walk through customers. */
export const CUSTOMERS_STEPS: readonly Step[] = [
  { ...step('createCompanies', 'company.created', company), keeps: ['company'] },
  step('createCompanies', [], company),
  step('updateCompanies', 'company.changed', of('company', 1, { name: 'Acme 2' })),
  step('updateCompanies', [], of('company', 2, { name: 'Acme 2' })),
  step('upsertCompanies', 'company.changed', { ...company, name: 'Acme 3' }),
  step('deleteCompanies', 'company.deleted', of('company', 3)),
  step('deleteCompanies', [], of('company', 4)),
  step('restoreCompanies', 'company.restored', of('company', 4)),
  { ...step('upsertCustomFieldDefinitions', 'customFieldDefinition.created', tier), keeps: ['tier'] },
  step('upsertCustomFieldDefinitions', 'customFieldDefinition.changed', { ...tier, label: 'Level' }),
  step('deleteCustomFieldDefinitions', 'customFieldDefinition.deleted', of('tier', 2)),
  step('upsertCustomFieldDefinitions', 'customFieldDefinition.restored', tier),
  {
    ...step('createCustomers', 'customer.created', (id) => ({
      ...{ ...ada, companyId: id('company'), defaultAddress: address },
      customFields: [{ key: 'tier', text: 'gold' }],
    })),
    keeps: ['ada'],
    keys: (ids) => [`Customer:${ids.get('ada') ?? ''}`, `Company:${ids.get('company') ?? ''}`],
  },
  { ...step('upsertCustomers', 'customer.created', { ...ada, externalId: 'a2' }), keeps: ['double'] },
  step('upsertCustomers', 'customer.changed', { ...ada, externalId: 'a2', phone: '+49 1' }),
  step('upsertCustomers', [], { ...ada, externalId: 'a2', phone: '+49 1' }),
  step(
    'updateCustomers',
    ['customer.changed', 'customer.changed'],
    of('ada', 1, { displayName: 'Ada L.' }),
    of('ada', 2, { displayName: 'Ada Lovelace' }),
  ),
  step('updateCustomers', [], of('ada', 1, { displayName: 'Too late' })),
  step('deleteCustomers', 'customer.deleted', of('ada', 3)),
  step('restoreCustomers', 'customer.restored', of('ada', 4)),
  step('addTimelineEntries', 'timelineEntry.added', (id) => ({
    ...{ customerId: id('ada'), kind: 'CALL', title: 'Called', detail: 'Asked for Ada', occurredAt: DAY },
  })),
  {
    ...once('mergeCustomers', 'customer.merged', (id) => ({ keep: id('ada'), lose: id('double'), version: 5 })),
    keys: (ids) =>
      ['ada', 'double'].map((name) => `Customer:${ids.get(name) ?? ''}`).concat(`Company:${ids.get('company') ?? ''}`),
  },
  once('requestErasure', 'customer.erasureRequested', (id) => ({ customerId: id('ada') })),
  once('exportCustomer', 'customer.exportRequested', (id) => ({ customerId: id('ada') })),
];

const touches = [{ campaignId: 'cmp_touched1', engagementId: 'eng_touched1', touchedAt: DAY }];
const order = {
  ...{ source: 'shop', externalId: 'o1', customerId: 'cus_buyer001', customerDisplayName: 'Ada', placedAt: DAY },
  ...{ currency: 'EUR', lines: [{ sku: 'tea', quantity: 2, priceMinor: 500 }], touches },
};
const ofOrder = (version: number, more: Item, name = 'order'): Input => {
  return (id) => ({ orderId: id(name), version, ...more });
};
const amount = { amountMinor: 1_000, currency: 'EUR' };
const lines = [{ sku: 'tea', quantity: 2 }];
const tea = { sku: 'tea', name: 'Tea', price: { amountMinor: 500, currency: 'EUR' } };

/** The walk through orders. */
export const ORDERS_STEPS: readonly Step[] = [
  { ...step('createProducts', 'product.created', tea), keeps: ['product'] },
  step('createProducts', [], tea),
  step('upsertProducts', 'product.changed', { ...tea, name: 'Green tea' }),
  step('updateProducts', 'product.changed', of('product', 2, { active: false })),
  step('deleteProducts', 'product.deleted', of('product', 3)),
  step('restoreProducts', 'product.restored', of('product', 4)),
  {
    ...step('placeOrders', 'order.placed', order),
    keeps: ['order'],
    keys: (ids) => [
      ...[`Order:${ids.get('order') ?? ''}`, 'Customer:cus_buyer001'],
      ...['Campaign:cmp_touched1', 'Engagement:eng_touched1'],
    ],
  },
  step('placeOrders', [], order),
  step('payOrders', 'order.changed', ofOrder(1, { amount, method: 'CARD', paidAt: DAY })),
  step('payOrders', [], ofOrder(1, { amount, method: 'CARD', paidAt: DAY })),
  step('fulfilOrders', 'order.changed', ofOrder(2, { lines, carrier: 'DHL', trackingCode: 'T1' })),
  step('returnOrders', 'order.changed', ofOrder(3, { lines, reason: 'Too green' })),
  step('refundOrders', 'order.changed', ofOrder(4, { amount, reason: 'Came back' })),
  step('deleteOrders', 'order.deleted', of('order', 5)),
  step('restoreOrders', 'order.restored', of('order', 6)),
  { ...step('placeOrders', 'order.placed', { ...order, externalId: 'o2' }), keeps: ['second'] },
  step('cancelOrders', 'order.changed', ofOrder(1, { reason: 'Never mind' }, 'second')),
  {
    ...step('moveOrders', ['order.changed', 'order.changed'], {
      fromCustomerId: 'cus_buyer001',
      toCustomerId: 'cus_keeper01',
    }),
    keys: (ids) => [
      ...[`Order:${ids.get('order') ?? ''}`, `Order:${ids.get('second') ?? ''}`, 'Customer:cus_buyer001'],
      ...['Customer:cus_keeper01', 'Campaign:cmp_touched1', 'Engagement:eng_touched1'],
    ],
  },
  step('moveOrders', [], { fromCustomerId: 'cus_buyer001', toCustomerId: 'cus_keeper01' }),
];

const customerId = 'cus_reader01';
const campaign = { source: 'crm2', externalId: 'k1', name: 'Spring', channel: 'EMAIL' };
const segment = { source: 'crm2', externalId: 's1', name: 'Buyers', rule: { orderCountGte: 1 } };
const template = { source: 'crm2', externalId: 't1', name: 'Hello', channel: 'EMAIL', subject: 'Hi', body: 'Dear you' };
const member: Input = (id) => ({ campaignId: id('campaign'), customerId });
const consent = { customerId, channel: 'EMAIL', state: 'GRANTED', capturedAt: DAY, source: 'form' };
const sent: Input = (id) => ({
  ...{ uniqueId: 'u1', customerId, campaignId: id('campaign'), channel: 'EMAIL', occurredAt: DAY },
  emailAction: 'SENT',
});
const credit = (model: string): Input => {
  return (id) => ({ orderId: 'ord_credited1', campaignId: id('campaign'), model, touchedAt: DAY });
};
const profile = { customerId, orderCount: 2, lifetimeValueMinor: 3_000, currency: 'EUR', lastOrderAt: DAY };
const suppression = { customerId, channel: 'SMS', reason: 'MANUAL' };

function lifeOf(plural: string, word: string, input: Item): Step[] {
  const name = plural.toLowerCase();
  return [
    { ...step(`create${plural}`, `${word}.created`, input), keeps: [name] },
    step(`create${plural}`, [], input),
    step(`upsert${plural}`, `${word}.changed`, { ...input, name: 'Another' }),
    step(`update${plural}`, `${word}.changed`, of(name, 2, { name: 'A third' })),
    step(`delete${plural}`, `${word}.deleted`, of(name, 3)),
    step(`restore${plural}`, `${word}.restored`, of(name, 4)),
  ];
}

/** The walk through marketing. */
export const MARKETING_STEPS: readonly Step[] = [
  ...lifeOf('Segments', 'segment', segment),
  ...lifeOf('Templates', 'template', template),
  ...lifeOf('Campaigns', 'campaign', campaign),
  { ...step('createCampaigns', 'campaign.created', { ...campaign, externalId: 'k2' }), keeps: ['campaign'] },
  step('changeCampaignStatus', 'campaign.changed', of('campaign', 1, { to: 'SCHEDULED', scheduledAt: DAY })),
  step('addCampaignMembers', 'campaignMember.added', member),
  step('addCampaignMembers', [], member),
  step('removeCampaignMembers', 'campaignMember.removed', member),
  step('captureConsents', 'consent.captured', consent),
  step('captureConsents', [], consent),
  step('addSuppressions', 'suppression.added', suppression),
  step('addSuppressions', [], suppression),
  step('addSuppressions', 'suppression.changed', { ...suppression, reason: 'COMPLAINT' }),
  step('liftSuppressions', 'suppression.lifted', { customerId, channel: 'SMS' }),
  { ...step('ingestEngagements', 'engagement.recorded', sent), keeps: ['engagement'], keys: engagementKeys },
  step('ingestEngagements', [], sent),
  step('ingestEngagements', 'engagement.recorded', {
    ...{ uniqueId: 'u2', customerId, channel: 'WEB', occurredAt: DAY, pagePath: '/account/ada' },
  }),
  step('recordAttributions', 'attribution.recorded', credit('LINEAR')),
  step('recordAttributions', 'attribution.recorded', credit('FIRST_TOUCH')),
  step('recordAttributions', [], credit('FIRST_TOUCH')),
  step('upsertAudienceProfiles', 'audienceProfile.changed', profile),
  step('upsertAudienceProfiles', [], profile),
  step('refreshSegments', ['segmentMembership.changed', 'segment.changed'], of('segments', 5)),
  step('moveMarketing', 'audienceProfile.merged', { fromCustomerId: customerId, toCustomerId: 'cus_keeper01' }),
  step('moveMarketing', [], { fromCustomerId: customerId, toCustomerId: 'cus_keeper01' }),
];

function engagementKeys(ids: ReadonlyMap<string, string>): string[] {
  return [
    `Engagement:${ids.get('engagement') ?? ''}`,
    `Customer:${customerId}`,
    `Campaign:${ids.get('campaign') ?? ''}`,
  ];
}
