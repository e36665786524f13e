// Field → loader: no database here. What a field answers stands in schema.graphql, and nothing more is decided here.
import type { DataSubjects } from './dataSubject/openDataSubjects.ts';
import { prefixOf, TYPE_OF_PREFIX, type IdPrefix } from '../../contracts/entityId.ts';
import type { SubgraphContext } from '../kit/call.ts';
import { makeConnection, readPage, readOrdering, type Connection, type PageArgs } from '../kit/read/page.ts';
import { externalKeyOf, readExternalRef, readId, readKeyText } from '../kit/read/readReference.ts';
import { refuse } from '../kit/refuse.ts';
import type { Resolvers } from '../kit/serve/startSubgraph.ts';
import { MERGES_ORDERING, type CustomersLoaders } from './loaders.ts';
import type {
  CompanyDocument,
  CustomerDocument,
  CustomFieldEntry,
  DataSubjectRequestDocument,
  MergeRecordDocument,
  TimelineEntryDocument,
} from './model.ts';
import {
  COMPANY_ORDERINGS,
  CUSTOMER_ORDERINGS,
  TIMELINE_ORDERING,
  type CustomersStore,
  type Listing,
} from './store.ts';

/** What a resolver of customers gets as its context. */
export type CustomersContext = SubgraphContext<CustomersLoaders>;

const id = ({ _id }: { _id: string }): string => _id;

interface CustomersArgs extends Listing, PageArgs {
  readonly orderBy?: readonly (keyof typeof CUSTOMER_ORDERINGS)[] | null;
}
interface CompaniesArgs extends Listing, PageArgs {
  readonly orderBy?: readonly (keyof typeof COMPANY_ORDERINGS)[] | null;
}

/** Loads an entity of this subgraph by the prefix of its id; others are named for their owner to answer. */
async function loadNode(nodeId: string, { loaders }: CustomersContext): Promise<object | null> {
  const prefix = prefixOf(nodeId);
  if (prefix === undefined) return null;
  const own: Partial<Record<IdPrefix, (key: string) => Promise<object | undefined>>> = {
    cus: loaders.customer,
    com: loaders.company,
    mrg: loaders.mergeRecord,
    tml: loaders.timelineEntry,
    dsr: loaders.request,
    cfd: async (key) => (await loaders.definitions('all'))?.find(({ _id }) => _id === key),
  };
  const __typename = TYPE_OF_PREFIX[prefix];
  const load = own[prefix];
  if (load !== undefined) {
    const found = await load(nodeId);
    return found === undefined ? null : { ...found, __typename };
  }
  return ELSEWHERE.has(__typename) ? { __typename, _id: nodeId } : null;
}

/** The types of other subgraphs that `node` can name: they stand in schema.graphql as stubs. */
const ELSEWHERE: ReadonlySet<string> = new Set(['Order', 'Product', 'Campaign', 'Segment', 'Template']);

interface FieldFilter {
  readonly customField?: { readonly key: string } | null;
  readonly and?: readonly FieldFilter[] | null;
  readonly or?: readonly FieldFilter[] | null;
  readonly not?: FieldFilter | null;
}

function customFieldKeys(filter: FieldFilter | null | undefined): string[] {
  if (filter == null) return [];
  const own = filter.customField == null ? [] : [filter.customField.key];
  const nested = [...(filter.and ?? []), ...(filter.or ?? []), filter.not];
  return [...own, ...nested.flatMap(customFieldKeys)];
}

/** Refuses a filter on a custom field whose definition does not say that there is an index for it. */
async function requireIndexed(filter: FieldFilter | null | undefined, loaders: CustomersLoaders): Promise<void> {
  const keys = customFieldKeys(filter);
  if (keys.length === 0) return;
  const definitions = (await loaders.definitions('all')) ?? [];
  const indexed = new Set(definitions.filter((definition) => definition.indexed).map(({ key }) => key));
  if (keys.every((key) => indexed.has(key))) return;
  throw refuse('BAD_USER_INPUT', 'customField asks for a field whose definition does not say indexed.');
}

function fieldValue({ key, value }: CustomFieldEntry): Record<string, unknown> {
  return {
    key,
    text: typeof value === 'string' ? value : null,
    number: typeof value === 'number' ? value : null,
    boolean: typeof value === 'boolean' ? value : null,
    date: value instanceof Date ? value : null,
  };
}

/** Takes the store, which lists are read from, directly since no list stands under another; gives the resolvers. */
export function makeCustomersResolvers(store: CustomersStore, requests: DataSubjects): Resolvers {
  const Query = {
    node: (_: unknown, args: { id: string }, context: CustomersContext) => loadNode(args.id, context),
    customer: (_: unknown, args: { id: string }, { loaders }: CustomersContext) =>
      loaders.customer(readId('cus', args.id)),
    customerByExternalRef: (_: unknown, args: { source: string; id: string }, { loaders }: CustomersContext) =>
      loaders.customer(externalKeyOf(readExternalRef(args))),
    customerByEmail: (_: unknown, args: { email: string }, { call }: CustomersContext) =>
      store.findByEmail(call, readKeyText('email', args.email)),
    async customers(
      _: unknown,
      args: CustomersArgs,
      { call, loaders }: CustomersContext,
    ): Promise<Connection<CustomerDocument>> {
      await requireIndexed(args.filter, loaders);
      const page = readPage(args, readOrdering(args.orderBy, CUSTOMER_ORDERINGS, 'CREATED_AT_DESC'));
      return makeConnection(page, await store.listCustomers(call, args, page), () => store.countCustomers(call, args));
    },
    company: (_: unknown, args: { id: string }, { loaders }: CustomersContext) =>
      loaders.company(readId('com', args.id)),
    async companies(_: unknown, args: CompaniesArgs, { call }: CustomersContext): Promise<Connection<CompanyDocument>> {
      const page = readPage(args, readOrdering(args.orderBy, COMPANY_ORDERINGS, 'NAME_ASC'));
      return makeConnection(page, await store.listCompanies(call, args, page), () => store.countCompanies(call, args));
    },
    customFieldDefinitions: (_: unknown, _args: unknown, { loaders }: CustomersContext) => loaders.definitions('all'),
    dataSubjectRequest: (_: unknown, args: { id: string }, { loaders }: CustomersContext) =>
      loaders.request(readId('dsr', args.id)),
  };

  const Customer = {
    id,
    __resolveReference(reference: Record<string, unknown>, { loaders }: CustomersContext) {
      if (reference['id'] !== undefined) return loaders.customer(readId('cus', reference['id']));
      return loaders.customer(externalKeyOf(readExternalRef(reference['externalRef'])));
    },
    company: ({ companyId }: CustomerDocument, _: unknown, { loaders }: CustomersContext) =>
      companyId === null ? null : loaders.company(companyId),
    customFields({ customFields }: CustomerDocument, { keys }: { keys?: readonly string[] | null }) {
      return customFields.filter(({ key }) => keys?.includes(key) ?? true).map(fieldValue);
    },
    async timeline(customer: CustomerDocument, args: PageArgs, { loaders }: CustomersContext) {
      const page = readPage(args, TIMELINE_ORDERING);
      const rows = await loaders.timeline(customer._id, { first: page.first, after: args.after ?? null });
      return makeConnection(page, rows ?? [], async () => (await loaders.timelineCount(customer._id)) ?? 0);
    },
    async mergeRecords(customer: CustomerDocument, args: PageArgs, { loaders }: CustomersContext) {
      const page = readPage(args, MERGES_ORDERING);
      const rows = await loaders.merges(customer._id, { first: page.first, after: null });
      return rows?.slice(0, page.first) ?? [];
    },
    mergedInto: ({ mergedInto }: CustomerDocument, _: unknown, { loaders }: CustomersContext) =>
      mergedInto === null ? null : loaders.customer(mergedInto),
  };

  const Company = {
    id,
    __resolveReference: (reference: Record<string, unknown>, { loaders }: CustomersContext) =>
      loaders.company(readId('com', reference['id'])),
    async customers(company: CompanyDocument, args: PageArgs, { loaders }: CustomersContext) {
      const page = readPage(args, CUSTOMER_ORDERINGS.NAME_ASC);
      const rows = await loaders.customersOfCompany(company._id, { first: page.first, after: args.after ?? null });
      return makeConnection(page, rows ?? [], async () => (await loaders.customerCountOfCompany(company._id)) ?? 0);
    },
  };

  return {
    Query,
    Customer,
    Company,
    Node: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    CustomFieldDefinition: {
      id,
      async __resolveReference(reference: Record<string, unknown>, { loaders }: CustomersContext) {
        const known = await loaders.definitions('all');
        return known?.find(({ _id }) => _id === readId('cfd', reference['id'])) ?? null;
      },
    },
    MergeRecord: {
      id,
      __resolveReference: (reference: Record<string, unknown>, { loaders }: CustomersContext) =>
        loaders.mergeRecord(readId('mrg', reference['id'])),
      keeper: ({ keeperId }: MergeRecordDocument, _: unknown, { loaders }: CustomersContext) =>
        loaders.customer(keeperId),
    },
    TimelineEntry: {
      id,
      __resolveReference: (reference: Record<string, unknown>, { loaders }: CustomersContext) =>
        loaders.timelineEntry(readId('tml', reference['id'])),
      customer: ({ customerId }: TimelineEntryDocument, _: unknown, { loaders }: CustomersContext) =>
        loaders.customer(customerId),
    },
    DataSubjectRequest: {
      id,
      __resolveReference: (reference: Record<string, unknown>, { loaders }: CustomersContext) =>
        loaders.request(readId('dsr', reference['id'])),
      customer: ({ customerId }: DataSubjectRequestDocument, _: unknown, { loaders }: CustomersContext) =>
        loaders.customer(customerId),
      answers: ({ answers = [] }: DataSubjectRequestDocument) =>
        answers.map(({ counts, ...answer }) => ({
          ...answer,
          counts: Object.entries(counts).map(([collection, count]) => ({ collection, count })),
        })),
      async pieces(request: DataSubjectRequestDocument, args: PageArgs, { call }: CustomersContext) {
        const { first } = readPage({ first: args.first ?? null }, TIMELINE_ORDERING);
        const rows = await requests.listPieces(call, request._id, { first, after: args.after ?? undefined });
        return rows.map((row) => ({ ...row, cursor: row._id, collection: row.collectionName }));
      },
    },
    Order: { id },
    Product: { id },
    Campaign: { id },
    Segment: { id },
    Template: { id },
  };
}
