// A collection that holds something of people, as a request to forget or to copy one walks it: page by page by `_id`,
// so that a transaction stays small however much there is of a person.
import type { Model } from 'mongoose';
import type { NewEvent } from '../../../sync/outbox/newEvent.ts';
import type { WriteCall } from '../call.ts';
import { bounded } from '../read/mongo.ts';
import { inList, within } from '../read/operators.ts';
import { emitEvents } from '../write/emitEvents.ts';

/** Documents of one transaction. */
export const PAGE_MAX = 200;

/** The customer that nobody is: what was unlinked from a person refers to it. */
export const NOBODY_ID = 'cus_nobody';

/** The name that a forgotten customer has, with its owner and in every copy. */
export const FORGOTTEN_NAME = 'Forgotten customer';

interface Stored {
  readonly _id: string;
  readonly version?: number;
}

/** What a collection is declared from. */
export interface PersonalDeclaration<D extends Stored> {
  /** Its name in certificates and copies. */
  readonly name: string;
  readonly model: Model<D>;
  /** The field that holds the customer's id, and the index that finds it. */
  readonly customerField: keyof D & string;
  readonly index: string;
  /** What becomes of a document whose person is forgotten: it goes, or these fields of it change. Pure. */
  forget(document: D, now: Date): 'deleted' | Partial<D>;
  /** Whether a copy of what is held has it, too; absent: it has. */
  readonly isCopied?: false;
  /** Gives the event of the change of an entity; absent for what has no events. */
  eventOf?(before: D, after: D): NewEvent;
  /** What must happen in the same transaction, before the documents change. */
  beforeForgetting?(write: WriteCall, documents: readonly D[]): Promise<void>;
}

/** A page of a walk. */
export interface PersonalPage {
  readonly count: number;
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
  /** The documents as a person may have them: dates as text, nothing left out but the tenant. */
  copies(): object[];
  /** Forgets the person in all documents of the page. */
  forget(): Promise<void>;
}

/** A collection that is walked. */
export interface PersonalCollection {
  readonly name: string;
  /** Gives the documents of these customers behind `after`, at most PAGE_MAX. */
  readPage(write: WriteCall, customerIds: readonly string[], after: string | undefined): Promise<PersonalPage>;
}

async function find<D extends Stored>(
  { model, customerField, index }: PersonalDeclaration<D>,
  write: WriteCall,
  customerIds: readonly string[],
  after: string | undefined,
): Promise<D[]> {
  const { tenantId, session } = write;
  const isOwnId = customerField === '_id';
  const ids = isOwnId && after !== undefined ? customerIds.filter((id) => id > after) : customerIds;
  const filter = {
    tenantId,
    [customerField]: inList(ids),
    ...(!isOwnId && after !== undefined && { _id: within({ gt: after }) }),
  };
  const options = { ...bounded(write, index, PAGE_MAX), session, sort: { _id: 1 } as const };
  return model.find(filter as never, undefined, options).lean<D[]>();
}

async function forgetAll<D extends Stored>(
  declaration: PersonalDeclaration<D>,
  write: WriteCall,
  documents: readonly D[],
): Promise<void> {
  const { tenantId, session, now, actor, callId: comment } = write;
  await declaration.beforeForgetting?.(write, documents);
  const events: NewEvent[] = [];
  const operations = documents.map((before) => {
    const filter = { _id: before._id, tenantId };
    const fields = declaration.forget(before, now);
    if (fields === 'deleted') return { deleteOne: { filter } };
    const isEntity = declaration.eventOf !== undefined;
    const stamp = isEntity ? { version: (before.version ?? 0) + 1, updatedAt: now, updatedBy: actor } : {};
    const set = { ...fields, ...stamp };
    if (declaration.eventOf !== undefined) events.push(declaration.eventOf(before, { ...before, ...set }));
    return { updateOne: { filter, update: { $set: set } } };
  });
  // Straight to the driver: every value is made by the subgraph's own code.
  await declaration.model.collection.bulkWrite(operations as never, { session, comment, ordered: true });
  await emitEvents(write, events);
}

/** Takes what a collection is declared from; gives it for walking. */
export function personalCollection<D extends Stored>(declaration: PersonalDeclaration<D>): PersonalCollection {
  return {
    name: declaration.name,
    async readPage(write, customerIds, after) {
      const documents = customerIds.length === 0 ? [] : await find(declaration, write, customerIds, after);
      return {
        count: documents.length,
        next: documents.length < PAGE_MAX ? undefined : documents.at(-1)?._id,
        copies: () =>
          declaration.isCopied === false ? [] : documents.map(({ ...copy }) => ({ ...copy, tenantId: undefined })),
        forget: () => (documents.length === 0 ? Promise.resolve() : forgetAll(declaration, write, documents)),
      };
    },
  };
}
