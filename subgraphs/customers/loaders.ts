// The loaders of one request to customers: each batches the loads of a fetch into one query of the store.
import type { Call } from '../kit/call.ts';
import { makeListLoader, makeLoader, mapBy, type Load, type LoadList } from '../kit/read/loader.ts';
import { readPage, type Ordering } from '../kit/read/page.ts';
import type {
  CompanyDocument,
  CustomerDocument,
  CustomFieldDefinitionDocument,
  DataSubjectRequestDocument,
  MergeRecordDocument,
  TimelineEntryDocument,
} from './model.ts';
import { CUSTOMER_ORDERINGS, TIMELINE_ORDERING, type CustomersStore } from './store.ts';

/** The part of a connection's arguments that its loader groups by. */
export interface PageKey {
  readonly first: number;
  readonly after: string | null;
}

/** The order of a customer's merge records. */
export const MERGES_ORDERING: Ordering = {
  name: 'm-',
  field: 'mergedAt',
  direction: -1,
  kind: 'date',
  index: 'byKeeper',
};

/** What the resolvers of customers load through. */
export interface CustomersLoaders {
  /** By id or external key; the keeper answers for its merged duplicates. */
  readonly customer: Load<CustomerDocument>;
  readonly company: Load<CompanyDocument>;
  readonly customersOfCompany: LoadList<PageKey, CustomerDocument[]>;
  readonly customerCountOfCompany: Load<number>;
  readonly timeline: LoadList<PageKey, TimelineEntryDocument[]>;
  readonly timelineCount: Load<number>;
  readonly timelineEntry: Load<TimelineEntryDocument>;
  readonly merges: LoadList<PageKey, MergeRecordDocument[]>;
  readonly mergeRecord: Load<MergeRecordDocument>;
  readonly request: Load<DataSubjectRequestDocument>;
  /** All definitions of the tenant, under the one key `all`. */
  readonly definitions: Load<CustomFieldDefinitionDocument[]>;
}

function byId<D extends { _id: string }>(find: (keys: readonly string[]) => Promise<D[]>): Load<D> {
  return makeLoader(async (ids) => mapBy(await find(ids), ({ _id }) => _id));
}

/** Takes the store and the call; gives the loaders of this request. */
export function makeCustomersLoaders(store: CustomersStore, call: Call): CustomersLoaders {
  return {
    customer: makeLoader(async (keys) => {
      const found = await store.findCustomers(call, keys);
      return new Map(found.flatMap((customer) => customer.lookupKeys.map((key) => [key, customer])));
    }),
    company: byId((ids) => store.findCompanies(call, ids)),
    customersOfCompany: makeListLoader((ids, key) =>
      store.listByCompany(call, ids, readPage(key, CUSTOMER_ORDERINGS.NAME_ASC)),
    ),
    customerCountOfCompany: makeLoader((ids) => store.countByCompany(call, ids)),
    timeline: makeListLoader((ids, key) => store.listTimeline(call, ids, readPage(key, TIMELINE_ORDERING))),
    timelineCount: makeLoader((ids) => store.countTimeline(call, ids)),
    timelineEntry: byId((ids) => store.findTimelineEntries(call, ids)),
    merges: makeListLoader((ids, key) => store.listMerges(call, ids, readPage(key, MERGES_ORDERING))),
    mergeRecord: byId((ids) => store.findMergeRecords(call, ids)),
    request: byId((ids) => store.findRequests(call, ids)),
    definitions: makeLoader(async () => new Map([['all', await store.listDefinitions(call)]])),
  };
}
