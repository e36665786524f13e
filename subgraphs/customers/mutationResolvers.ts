// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import { fieldsWith, payloadOf, type MutationField } from '../kit/write/mutationFields.ts';
import type { VersionedId } from '../kit/write/writeBatch.ts';
import type { CustomersCommands } from './commands.ts';
import type { CompanyInput, CompanyPatch } from './changes/companyItems.ts';
import type { CustomerInput, CustomerPatch } from './changes/customerItems.ts';
import type { CustomFieldDefinitionInput } from './changes/definitionItems.ts';
import type { TimelineEntryInput } from './changes/addTimelineEntries.ts';
import type { CustomersLoaders } from './loaders.ts';
import type { MergeInput } from './changes/mergeCustomers.ts';
import type { CustomersContext } from './resolvers.ts';

const customers = fieldsWith('customer', ({ customer }: CustomersLoaders) => customer);
const companies = fieldsWith('company', ({ company }: CustomersLoaders) => company);
const entries = fieldsWith('entry', ({ timelineEntry }: CustomersLoaders) => timelineEntry);
const definitions = fieldsWith('definition', (loaders: CustomersLoaders) => async (id: string) => {
  const all = await loaders.definitions('all');
  return all?.find((definition) => definition._id === id);
});

/** Takes the commands; gives the resolvers of `Mutation`. */
export function makeCustomersMutations(commands: CustomersCommands): object {
  const request =
    (kind: 'ERASURE' | 'EXPORT'): MutationField<{ customerId: string; idempotencyKey: string }, CustomersLoaders> =>
    async (_, args, { call, loaders }) =>
      payloadOf(await commands.recordRequest(call, kind, args), 'request', loaders.request);

  return {
    createCustomers: customers<CustomerInput>((call, args) => commands.createCustomers(call, args)),
    updateCustomers: customers<CustomerPatch>((call, args) => commands.updateCustomers(call, args)),
    upsertCustomers: customers<CustomerInput>((call, args) => commands.upsertCustomers(call, args)),
    deleteCustomers: customers<VersionedId>((call, args) => commands.deleteCustomers(call, args, false)),
    restoreCustomers: customers<VersionedId>((call, args) => commands.deleteCustomers(call, args, true)),
    async mergeCustomers(
      _: unknown,
      args: MergeInput & { idempotencyKey: string },
      { call, loaders }: CustomersContext,
    ) {
      return payloadOf(await commands.mergeCustomers(call, args), 'customer', loaders.customer);
    },
    createCompanies: companies<CompanyInput>((call, args) => commands.createCompanies(call, args, false)),
    updateCompanies: companies<CompanyPatch>((call, args) => commands.updateCompanies(call, args)),
    upsertCompanies: companies<CompanyInput>((call, args) => commands.createCompanies(call, args, true)),
    deleteCompanies: companies<VersionedId>((call, args) => commands.deleteCompanies(call, args, false)),
    restoreCompanies: companies<VersionedId>((call, args) => commands.deleteCompanies(call, args, true)),
    upsertCustomFieldDefinitions: definitions<CustomFieldDefinitionInput>((call, args) =>
      commands.upsertDefinitions(call, args),
    ),
    deleteCustomFieldDefinitions: definitions<VersionedId>((call, args) => commands.deleteDefinitions(call, args)),
    addTimelineEntries: entries<TimelineEntryInput>((call, args) => commands.addTimelineEntries(call, args)),
    requestErasure: request('ERASURE'),
    exportCustomer: request('EXPORT'),
  };
}
