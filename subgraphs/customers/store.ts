// Every read of customers' collections, each with the index it uses. Writes are in commands.ts, inside transactions.
import type { Call } from '../kit/call.ts';
import { asksFor, dateField, fold, idField, readFilter, textField } from '../kit/read/filter.ts';
import { bounded } from '../kit/read/mongo.ts';
import { someElement, type Condition } from '../kit/read/operators.ts';
import type { Ordering, PageRequest } from '../kit/read/page.ts';
import {
  countRows,
  countRowsPerParent,
  readByKeys,
  readRows,
  readRowsPerParent,
  unlessDeleted,
  type Selection,
} from '../kit/read/readPages.ts';
import type {
  CompanyDocument,
  CustomerDocument,
  CustomersModels,
  CustomFieldDefinitionDocument,
  DataSubjectRequestDocument,
  MergeRecordDocument,
  TimelineEntryDocument,
} from './model.ts';

const DEFINITIONS_MAX = 200;
const SAME_EMAIL_MAX = 20;

/** The orders that customers can be listed in. */
export const CUSTOMER_ORDERINGS = {
  CREATED_AT_ASC: { name: 'c+', field: 'createdAt', direction: 1, kind: 'date', index: 'byCreatedAt' },
  CREATED_AT_DESC: { name: 'c-', field: 'createdAt', direction: -1, kind: 'date', index: 'byCreatedAt' },
  NAME_ASC: { name: 'n+', field: 'nameFolded', direction: 1, kind: 'text', index: 'byName' },
  NAME_DESC: { name: 'n-', field: 'nameFolded', direction: -1, kind: 'text', index: 'byName' },
} as const satisfies Record<string, Ordering>;

/** The orders that companies can be listed in. */
export const COMPANY_ORDERINGS = {
  NAME_ASC: { name: 'n+', field: 'nameFolded', direction: 1, kind: 'text', index: 'byName' },
  NAME_DESC: { name: 'n-', field: 'nameFolded', direction: -1, kind: 'text', index: 'byName' },
  CREATED_AT_DESC: { name: 'c-', field: 'createdAt', direction: -1, kind: 'date', index: 'byCreatedAt' },
} as const satisfies Record<string, Ordering>;

/** The order of a customer's timeline. */
export const TIMELINE_ORDERING: Ordering = {
  name: 't-',
  field: 'occurredAt',
  direction: -1,
  kind: 'date',
  index: 'byCustomer',
};

const COMPANY_FIELDS = { name: textField('nameFolded', fold), createdAt: dateField('createdAt') };

function readCustomField(value: unknown): Condition {
  const { key, text, number, boolean, date } = value as Record<string, string | number | boolean | Date | null>;
  return { customFields: someElement({ key, value: text ?? number ?? boolean ?? date ?? null }) };
}

const CUSTOMER_FIELDS = {
  ...COMPANY_FIELDS,
  companyId: idField('companyId', 'com'),
  customField: readCustomField,
};

/** What a client lists: a filter as it came in, and whether deleted ones are wanted. */
export interface Listing {
  readonly filter?: object | null;
  readonly includeDeleted?: boolean | null;
}

function selectCustomers({ filter, includeDeleted }: Listing, orderingIndex: string): Selection {
  const conditions = [...unlessDeleted(includeDeleted), readFilter(filter, CUSTOMER_FIELDS)];
  if (asksFor(filter, 'customField')) return { conditions, index: 'byCustomField' };
  if (asksFor(filter, 'companyId')) return { conditions, index: 'byCompany' };
  return { conditions, index: asksFor(filter, 'name') ? 'byName' : orderingIndex };
}

function selectCompanies({ filter, includeDeleted }: Listing, orderingIndex: string): Selection {
  const conditions = [...unlessDeleted(includeDeleted), readFilter(filter, COMPANY_FIELDS)];
  return { conditions, index: asksFor(filter, 'name') ? 'byName' : orderingIndex };
}

/** The reads of the customers subgraph. Every method costs one database query. */
export class CustomersStore {
  readonly #models: CustomersModels;

  constructor(models: CustomersModels) {
    this.#models = models;
  }

  /** Takes ids and external keys; gives the customers that have one of them, merged duplicates as their keepers. */
  findCustomers(call: Call, keys: readonly string[]): Promise<CustomerDocument[]> {
    return readByKeys(this.#models.customers, call, { field: 'lookupKeys', keys, index: 'lookupKeys' });
  }

  /** Takes an e-mail address; gives at most 20 customers with it, case ignored. */
  async findByEmail(call: Call, email: string): Promise<CustomerDocument[]> {
    const filter = { tenantId: call.tenantId, emailFolded: fold(email), deletedAt: null };
    return this.#models.customers.find(filter, undefined, bounded(call, 'byEmail', SAME_EMAIL_MAX)).lean();
  }

  /** Gives a page of customers. */
  listCustomers(call: Call, listing: Listing, page: PageRequest): Promise<CustomerDocument[]> {
    return readRows(this.#models.customers, call, selectCustomers(listing, page.ordering.index), page);
  }

  /** Counts the customers of a listing. */
  countCustomers(call: Call, listing: Listing): Promise<number> {
    return countRows(this.#models.customers, call, selectCustomers(listing, 'byCreatedAt'));
  }

  /** Gives companies by their ids. */
  findCompanies(call: Call, ids: readonly string[]): Promise<CompanyDocument[]> {
    return readByKeys(this.#models.companies, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives a page of companies. */
  listCompanies(call: Call, listing: Listing, page: PageRequest): Promise<CompanyDocument[]> {
    return readRows(this.#models.companies, call, selectCompanies(listing, page.ordering.index), page);
  }

  /** Counts the companies of a listing. */
  countCompanies(call: Call, listing: Listing): Promise<number> {
    return countRows(this.#models.companies, call, selectCompanies(listing, 'byName'));
  }

  /** Gives a page of the customers of each company. */
  listByCompany(call: Call, parentIds: readonly string[], page: PageRequest): Promise<Map<string, CustomerDocument[]>> {
    const by = { parentField: 'companyId', conditions: unlessDeleted(false), index: 'byCompany' };
    return readRowsPerParent(this.#models.customers, call, { ...by, parentIds, page });
  }

  /** Counts the customers of each company. */
  countByCompany(call: Call, parentIds: readonly string[]): Promise<Map<string, number>> {
    const by = { parentField: 'companyId', conditions: unlessDeleted(false), index: 'byCompany' };
    return countRowsPerParent(this.#models.customers, call, { ...by, parentIds });
  }

  /** Gives a page of the timeline of each customer. */
  listTimeline(
    call: Call,
    parentIds: readonly string[],
    page: PageRequest,
  ): Promise<Map<string, TimelineEntryDocument[]>> {
    const by = { parentField: 'customerId', conditions: [], index: 'byCustomer' };
    return readRowsPerParent(this.#models.timeline, call, { ...by, parentIds, page });
  }

  /** Counts the timeline entries of each customer. */
  countTimeline(call: Call, parentIds: readonly string[]): Promise<Map<string, number>> {
    const by = { parentField: 'customerId', conditions: [], index: 'byCustomer' };
    return countRowsPerParent(this.#models.timeline, call, { ...by, parentIds });
  }

  /** Gives timeline entries by their ids. */
  findTimelineEntries(call: Call, ids: readonly string[]): Promise<TimelineEntryDocument[]> {
    return readByKeys(this.#models.timeline, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives the newest merges into each customer. */
  listMerges(call: Call, parentIds: readonly string[], page: PageRequest): Promise<Map<string, MergeRecordDocument[]>> {
    const by = { parentField: 'keeperId', conditions: [], index: 'byKeeper' };
    return readRowsPerParent(this.#models.mergeRecords, call, { ...by, parentIds, page });
  }

  /** Gives merge records by their ids. */
  findMergeRecords(call: Call, ids: readonly string[]): Promise<MergeRecordDocument[]> {
    return readByKeys(this.#models.mergeRecords, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives data-subject requests by their ids. */
  findRequests(call: Call, ids: readonly string[]): Promise<DataSubjectRequestDocument[]> {
    return readByKeys(this.#models.requests, call, { field: '_id', keys: ids, index: '_id_' });
  }

  /** Gives the tenant's custom field definitions that are not deleted, by key. */
  async listDefinitions(call: Call): Promise<CustomFieldDefinitionDocument[]> {
    const filter = { tenantId: call.tenantId, deletedAt: null };
    return this.#models.definitions.find(filter, undefined, bounded(call, 'byKey', DEFINITIONS_MAX)).lean();
  }
}
