// What a source may be written to: the upsert and ingest mutations of the subgraphs, by the name that a configuration
// uses. Only mutations that change nothing when they are repeated stand here.

/** A mutation that takes records. */
export interface Target {
  readonly subgraph: 'customers' | 'orders' | 'marketing';
  readonly mutation: string;
  /** The type of one item of its input. */
  readonly inputType: string;
  /** The field of the input that names the record within its source. */
  readonly keyField: string;
  /** The field of the input that names the source, where it has one that is a part of the key. */
  readonly sourceField?: 'source';
}

function natural(subgraph: Target['subgraph'], mutation: string, inputType: string): Target {
  return { subgraph, mutation, inputType, keyField: 'externalId', sourceField: 'source' };
}

/** Every target by its name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  customers: natural('customers', 'upsertCustomers', 'CustomerInput'),
  companies: natural('customers', 'upsertCompanies', 'CompanyInput'),
  customFields: {
    subgraph: 'customers',
    mutation: 'upsertCustomFieldDefinitions',
    inputType: 'CustomFieldDefinitionInput',
    keyField: 'key',
  },
  products: { subgraph: 'orders', mutation: 'upsertProducts', inputType: 'ProductInput', keyField: 'sku' },
  orders: natural('orders', 'placeOrders', 'OrderInput'),
  campaigns: natural('marketing', 'upsertCampaigns', 'CampaignInput'),
  segments: natural('marketing', 'upsertSegments', 'SegmentInput'),
  templates: natural('marketing', 'upsertTemplates', 'TemplateInput'),
  engagements: {
    subgraph: 'marketing',
    mutation: 'ingestEngagements',
    inputType: 'EngagementInput',
    keyField: 'uniqueId',
  },
  consents: { subgraph: 'marketing', mutation: 'captureConsents', inputType: 'ConsentInput', keyField: 'customerId' },
  suppressions: {
    subgraph: 'marketing',
    mutation: 'addSuppressions',
    inputType: 'SuppressionInput',
    keyField: 'customerId',
  },
};
