// What customers hold of a person, and what is left when the person is forgotten: a deleted record with its id, so that
// references keep their meaning, and nothing of who it was.
import type { WriteCall } from '../../kit/call.ts';
import type { DataSubjectStore } from '../../kit/dataSubject/answerRequests.ts';
import { ERASURE_REQUESTED } from '../../kit/dataSubject/dataSubjectEvents.ts';
import {
  FORGOTTEN_NAME,
  personalCollection,
  type PersonalCollection,
} from '../../kit/dataSubject/personalCollection.ts';
import type { DataSubjectStep } from '../../kit/dataSubject/steps.ts';
import { fold } from '../../kit/read/filter.ts';
import { bounded } from '../../kit/read/mongo.ts';
import { customerEvent } from '../events.ts';
import type { CustomerDocument, CustomersModels, TimelineEntryDocument } from '../model.ts';
import type { ForgottenMarks } from './forgottenMarks.ts';
import type { CopyPieceDocument, DataSubjectModels } from './models.ts';
import type { Model } from 'mongoose';

function forgottenFields({ _id, mergedInto, deletedAt }: CustomerDocument, now: Date): Partial<CustomerDocument> {
  return {
    externalRef: { source: 'crm', id: _id },
    lookupKeys: mergedInto === null ? [_id] : [`merged:${_id}`],
    displayName: FORGOTTEN_NAME,
    nameFolded: fold(FORGOTTEN_NAME),
    email: null,
    emailFolded: null,
    phone: null,
    defaultAddress: null,
    companyId: null,
    customFields: [],
    deletedAt: deletedAt ?? now,
    forgottenAt: now,
  };
}

function collectionsOf(
  models: CustomersModels,
  { pieces }: DataSubjectModels,
  marks: ForgottenMarks,
): PersonalCollection[] {
  return [
    personalCollection<CustomerDocument>({
      ...{ name: 'customers', model: models.customers, customerField: '_id', index: '_id_' },
      forget: forgottenFields,
      eventOf: customerEvent,
      beforeForgetting: (write, customers) => marks.mark(write, customers),
    }),
    personalCollection<TimelineEntryDocument>({
      ...{ name: 'timeline_entries', model: models.timeline, customerField: 'customerId', index: 'byCustomer' },
      forget: () => 'deleted',
    }),
    personalCollection<CopyPieceDocument>({
      ...{ name: 'copy_pieces', model: pieces, customerField: 'customerId', index: 'byCustomer' },
      // Copies of copies would grow with each.
      isCopied: false,
      forget: () => 'deleted',
    }),
  ];
}

/** What the store of customers is made of. */
export interface PersonalCustomersParts {
  readonly models: CustomersModels;
  readonly requestModels: DataSubjectModels;
  readonly steps: Model<DataSubjectStep>;
  readonly marks: ForgottenMarks;
}

/**
 * Gives what customers hold of people. They are forgotten here first, and the key of their events with them: from then on
 * no event that is still on its way can bring a name back to a subgraph that has forgotten it.
 */
export function personalCustomers({ models, requestModels, steps, marks }: PersonalCustomersParts): DataSubjectStore {
  return {
    store: 'customers',
    steps,
    collections: collectionsOf(models, requestModels, marks),
    forgetsAt: ERASURE_REQUESTED.type,
    // What is forgotten here cannot be brought back: an event alone is no reason.
    async isAsked(write, requestId, customerId) {
      const { tenantId, session } = write;
      const options = { ...bounded(write, '_id_', 1), session };
      return (await models.requests.findOne({ _id: requestId, tenantId, customerId }, { _id: 1 }, options)) !== null;
    },
    async afterForgetting(write: WriteCall, requestId, customerIds) {
      const { tenantId, session, now, callId: comment } = write;
      for (const customerId of customerIds) await write.outbox.keys.forget(tenantId, customerId);
      await models.requests.updateOne(
        { _id: requestId, tenantId, keysForgottenAt: null },
        { $set: { keysForgottenAt: now, status: 'RUNNING' } },
        { session, comment },
      );
    },
  };
}
