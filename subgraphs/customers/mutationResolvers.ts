// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import type { Load } from '../kit/loader.ts';
import type { ItemResult, VersionedId } from '../kit/writeBatch.ts';
import type { BatchArgs, CustomersCommands } from './commands.ts';
import type { CompanyInput, CompanyPatch } from './companyItems.ts';
import type { CustomerInput, CustomerPatch } from './customerItems.ts';
import type { CustomFieldDefinitionInput } from './definitionItems.ts';
import type { TimelineEntryInput } from './addTimelineEntries.ts';
import type { MergeInput } from './mergeCustomers.ts';
import type { CustomersContext } from './resolvers.ts';

/** Takes a result, the payload's name for the entity and its loader; gives the payload. */
function payload<D>(result: ItemResult, name: string, load: Load<D>): Record<string, unknown> {
  const { id, ...told } = result;
  return { ...told, [name]: () => (id === null ? null : load(id)) };
}

function payloads<D>(results: readonly ItemResult[], name: string, load: Load<D>): Record<string, unknown>[] {
  return results.map((result) => payload(result, name, load));
}

/** Takes the commands; gives the resolvers of `Mutation`. */
export function makeCustomersMutations(commands: CustomersCommands): object {
  type Field<A> = (_: unknown, args: A, context: CustomersContext) => Promise<unknown>;

  const customers =
    <A>(run: (call: CustomersContext['call'], args: A) => Promise<ItemResult[]>): Field<A> =>
    async (_, args, { call, loaders }) =>
      payloads(await run(call, args), 'customer', loaders.customer);
  const companies =
    <A>(run: (call: CustomersContext['call'], args: A) => Promise<ItemResult[]>): Field<A> =>
    async (_, args, { call, loaders }) =>
      payloads(await run(call, args), 'company', loaders.company);
  const definitions =
    <A>(run: (call: CustomersContext['call'], args: A) => Promise<ItemResult[]>): Field<A> =>
    async (_, args, { call, loaders }) => {
      const results = await run(call, args);
      return payloads(results, 'definition', async (id) =>
        (await loaders.definitions('all'))?.find((definition) => definition._id === id),
      );
    };
  const request =
    (kind: 'ERASURE' | 'EXPORT'): Field<{ customerId: string; idempotencyKey: string }> =>
    async (_, args, { call, loaders }) =>
      payload(await commands.recordRequest(call, kind, args), 'request', loaders.request);

  return {
    createCustomers: customers<BatchArgs<CustomerInput>>((call, args) => commands.createCustomers(call, args)),
    updateCustomers: customers<BatchArgs<CustomerPatch>>((call, args) => commands.updateCustomers(call, args)),
    upsertCustomers: customers<BatchArgs<CustomerInput>>((call, args) => commands.upsertCustomers(call, args)),
    deleteCustomers: customers<BatchArgs<VersionedId>>((call, args) => commands.deleteCustomers(call, args, false)),
    restoreCustomers: customers<BatchArgs<VersionedId>>((call, args) => commands.deleteCustomers(call, args, true)),
    async mergeCustomers(
      _: unknown,
      args: MergeInput & { idempotencyKey: string },
      { call, loaders }: CustomersContext,
    ) {
      return payload(await commands.mergeCustomers(call, args), 'customer', loaders.customer);
    },
    createCompanies: companies<BatchArgs<CompanyInput>>((call, args) => commands.createCompanies(call, args, false)),
    updateCompanies: companies<BatchArgs<CompanyPatch>>((call, args) => commands.updateCompanies(call, args)),
    upsertCompanies: companies<BatchArgs<CompanyInput>>((call, args) => commands.createCompanies(call, args, true)),
    deleteCompanies: companies<BatchArgs<VersionedId>>((call, args) => commands.deleteCompanies(call, args, false)),
    restoreCompanies: companies<BatchArgs<VersionedId>>((call, args) => commands.deleteCompanies(call, args, true)),
    upsertCustomFieldDefinitions: definitions<BatchArgs<CustomFieldDefinitionInput>>((call, args) =>
      commands.upsertDefinitions(call, args),
    ),
    deleteCustomFieldDefinitions: definitions<BatchArgs<VersionedId>>((call, args) =>
      commands.deleteDefinitions(call, args),
    ),
    async addTimelineEntries(_: unknown, args: BatchArgs<TimelineEntryInput>, { call, loaders }: CustomersContext) {
      return payloads(await commands.addTimelineEntries(call, args), 'entry', loaders.timelineEntry);
    },
    requestErasure: request('ERASURE'),
    exportCustomer: request('EXPORT'),
  };
}
