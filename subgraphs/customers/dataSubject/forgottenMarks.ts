// Who was forgotten must not come back with the next import: what other systems know a person by, and the e-mail address,
// stay as keyed hashes, and no new customer is made of them.
import type { WriteCall } from '../../kit/call.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { fold } from '../../kit/read/filter.ts';
import { inList } from '../../kit/read/operators.ts';
import { externalKeyOf } from '../../kit/read/readReference.ts';
import type { CustomerDocument } from '../model.ts';
import type { KeptKeys } from './keptKeys.ts';
import type { DataSubjectModels } from './models.ts';

/** The part of a customer's input that names a person. */
export interface NamedPerson {
  readonly source?: string | null;
  readonly externalId?: string | null;
  readonly email?: string | null;
}

function namesIn({ source, externalId, email }: NamedPerson): string[] {
  const key = source == null || externalId == null ? [] : [`key:${externalKeyOf({ source, id: externalId })}`];
  return email == null ? key : [...key, `email:${fold(email)}`];
}

/** Marks forgotten people, and finds them again. */
export class ForgottenMarks {
  readonly #models: DataSubjectModels;
  readonly #keys: KeptKeys;

  constructor(models: DataSubjectModels, keys: KeptKeys) {
    this.#models = models;
    this.#keys = keys;
  }

  /** Takes customers that are about to be forgotten; marks them. Those of the CRM's own have no name outside. */
  async mark(write: WriteCall, customers: readonly CustomerDocument[]): Promise<void> {
    const { tenantId, session, now, callId: comment } = write;
    const names = customers.flatMap(({ lookupKeys, emailFolded, externalRef }) => [
      ...lookupKeys.filter((key) => !key.startsWith('cus_') && !key.startsWith('merged:')).map((key) => `key:${key}`),
      ...(externalRef.source === 'crm' ? [] : [`key:${externalKeyOf(externalRef)}`]),
      ...(emailFolded === null ? [] : [`email:${emailFolded}`]),
    ]);
    const ids = await this.#keys.marksOf(tenantId, [...new Set(names)]);
    const operations = ids.map((_id) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: { tenantId, since: now } }, upsert: true },
    }));
    if (operations.length === 0) return;
    await this.#models.marks.collection.bulkWrite(operations as never, { session, comment });
  }

  /** Takes inputs of new or known customers; gives those that name somebody who was forgotten. */
  async findForgotten<I extends NamedPerson>(write: WriteCall, inputs: readonly I[]): Promise<ReadonlySet<I>> {
    const { tenantId, session } = write;
    const named = inputs.flatMap((input) => namesIn(input).map((name) => ({ input, name })));
    if (named.length === 0 || !(await this.#keys.hasMarks())) return new Set();
    const ids = await this.#keys.marksOf(
      tenantId,
      named.map(({ name }) => name),
    );
    const options = { ...bounded(write, '_id_', ids.length), session };
    const found = await this.#models.marks.find({ _id: inList([...new Set(ids)]) }, { _id: 1 }, options);
    const marked = new Set(found.map(({ _id }) => _id));
    return new Set(named.flatMap(({ input }, at) => (marked.has(ids[at] ?? '') ? [input] : [])));
  }
}
