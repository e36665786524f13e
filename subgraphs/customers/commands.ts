// The mutations of customers: check, change, answer for each item. All of a batch runs in one transaction with the
// record of its idempotency key; what it read before it wrote is read inside that transaction too.
import { Batches, writeItems, type BatchArgs, type WriteBase } from '../kit/write/batches.ts';
import type { Call } from '../kit/call.ts';
import { naturalItem, naturalPatchItem } from '../kit/write/naturalItems.ts';
import type { EntityKind, ItemResult, VersionedId } from '../kit/write/writeBatch.ts';
import { addTimelineEntries, type TimelineEntryInput } from './changes/addTimelineEntries.ts';
import { COMPANY_KIND, type CompanyInput, type CompanyPatch } from './changes/companyItems.ts';
import type { ForgottenMarks } from './dataSubject/forgottenMarks.ts';
import { customerKind, customerPatchItem, type CustomerInput, type CustomerPatch } from './changes/customerItems.ts';
import { definitionItem, type CustomFieldDefinitionInput } from './changes/definitionItems.ts';
import { companyEvent, customerEvent, definitionEvent } from './events.ts';
import { mergeCustomers, type MergeInput } from './changes/mergeCustomers.ts';
import type { CompanyDocument, CustomerDocument, CustomersModels, CustomFieldDefinitionDocument } from './model.ts';
import { readReferences } from './changes/readReferences.ts';
import { recordRequest } from './changes/recordRequest.ts';

/** The writes of the customers subgraph. Every method gives one result an item, in the items' order. */
export class CustomersCommands {
  readonly #batches: Batches;
  readonly #models: CustomersModels;
  readonly #marks: ForgottenMarks;
  readonly #customers: EntityKind<CustomerDocument>;
  readonly #companies: EntityKind<CompanyDocument>;
  readonly #companiesById: EntityKind<CompanyDocument>;
  readonly #definitions: EntityKind<CustomFieldDefinitionDocument>;
  readonly #definitionsById: EntityKind<CustomFieldDefinitionDocument>;

  constructor(base: WriteBase, models: CustomersModels, marks: ForgottenMarks) {
    this.#batches = new Batches(base);
    this.#models = models;
    this.#marks = marks;
    this.#customers = {
      ...{ model: models.customers, prefix: 'cus', keyField: 'lookupKeys', index: 'lookupKeys' },
      eventOf: customerEvent,
      refuseRestore: ({ forgottenAt }) => (forgottenAt == null ? undefined : 'This customer was forgotten for good.'),
    };
    this.#companies = {
      ...{ model: models.companies, prefix: 'com', keyField: 'externalKey', index: 'externalKey' },
      eventOf: companyEvent,
    };
    this.#companiesById = { ...this.#companies, keyField: '_id', index: '_id_' };
    this.#definitions = {
      ...{ model: models.definitions, prefix: 'cfd', keyField: 'key', index: 'byKey' },
      eventOf: definitionEvent,
    };
    this.#definitionsById = { ...this.#definitions, keyField: '_id', index: '_id_' };
  }

  /** Creates customers; a known (source, externalId) is CONFLICT. */
  createCustomers(call: Call, args: BatchArgs<CustomerInput>): Promise<ItemResult[]> {
    return this.#writeCustomers(call, 'createCustomers', args, false);
  }

  /** Creates or updates customers by (source, externalId). */
  upsertCustomers(call: Call, args: BatchArgs<CustomerInput>): Promise<ItemResult[]> {
    return this.#writeCustomers(call, 'upsertCustomers', args, true);
  }

  /** Changes customers by id and version. */
  updateCustomers(call: Call, args: BatchArgs<CustomerPatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateCustomers', args, async (write) => {
      const known = await readReferences(this.#models, write, args.input);
      return writeItems(
        this.#customers,
        write,
        args.input.map((patch) => customerPatchItem(patch, known)),
      );
    });
  }

  /** Deletes customers softly, or brings them back. */
  deleteCustomers(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#customers, { entities: 'Customers', isRestore }, args);
  }

  /** Merges one customer into another. */
  async mergeCustomers(call: Call, args: MergeInput & { idempotencyKey: string }): Promise<ItemResult> {
    const { idempotencyKey, ...input } = args;
    const once = { mutation: 'mergeCustomers', idempotencyKey, input };
    return this.#batches.once.run(call, once, (write) => mergeCustomers(this.#models, write, input));
  }

  /** Creates companies, or creates and updates them by (source, externalId). */
  createCompanies(call: Call, args: BatchArgs<CompanyInput>, isUpsert: boolean): Promise<ItemResult[]> {
    const mutation = isUpsert ? 'upsertCompanies' : 'createCompanies';
    return this.#batches.run(call, mutation, args, (write) =>
      writeItems(
        this.#companies,
        write,
        args.input.map((input, at) => naturalItem(COMPANY_KIND, input, { at, isUpsert })),
      ),
    );
  }

  /** Changes companies by id and version. */
  updateCompanies(call: Call, args: BatchArgs<CompanyPatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateCompanies', args, (write) =>
      writeItems(
        this.#companiesById,
        write,
        args.input.map((patch) => naturalPatchItem(COMPANY_KIND, patch)),
      ),
    );
  }

  /** Deletes companies softly, or brings them back. */
  deleteCompanies(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#companiesById, { entities: 'Companies', isRestore }, args);
  }

  /** Creates or updates custom field definitions by key. */
  upsertDefinitions(call: Call, args: BatchArgs<CustomFieldDefinitionInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'upsertCustomFieldDefinitions', args, (write) =>
      writeItems(this.#definitions, write, args.input.map(definitionItem)),
    );
  }

  /** Deletes custom field definitions softly. */
  deleteDefinitions(call: Call, args: BatchArgs<VersionedId>): Promise<ItemResult[]> {
    return this.#batches.softDelete(
      call,
      this.#definitionsById,
      { entities: 'CustomFieldDefinitions', isRestore: false },
      args,
    );
  }

  /** Adds entries to customers' timelines. */
  addTimelineEntries(call: Call, args: BatchArgs<TimelineEntryInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'addTimelineEntries', args, (write) =>
      addTimelineEntries(this.#models, write, args.input),
    );
  }

  /** Records that a person asks to be forgotten, or for a copy. */
  recordRequest(
    call: Call,
    kind: 'ERASURE' | 'EXPORT',
    args: { customerId: string; idempotencyKey: string },
  ): Promise<ItemResult> {
    const once = { mutation: kind, idempotencyKey: args.idempotencyKey, input: args.customerId };
    return this.#batches.once.run(call, once, (write) => recordRequest(this.#models, write, kind, args.customerId));
  }

  #writeCustomers(
    call: Call,
    mutation: string,
    args: BatchArgs<CustomerInput>,
    isUpsert: boolean,
  ): Promise<ItemResult[]> {
    return this.#batches.run(call, mutation, args, async (write) => {
      const known = await readReferences(this.#models, write, args.input);
      const kind = customerKind(known, await this.#marks.findForgotten(write, args.input));
      const items = args.input.map((input, at) => naturalItem(kind, input, { at, isUpsert }));
      return writeItems(this.#customers, write, items);
    });
  }
}
