// What orders hold of a person, and what is left when the person is forgotten: numbers, amounts and dates, which books
// need, without names and without words that somebody wrote.
import type { Connection } from 'mongoose';
import type { DataSubjectStore } from '../kit/dataSubject/answerRequests.ts';
import { ERASED } from '../kit/dataSubject/dataSubjectEvents.ts';
import { FORGOTTEN_NAME, personalCollection } from '../kit/dataSubject/personalCollection.ts';
import { stepsModel } from '../kit/dataSubject/steps.ts';
import { orderEvent } from './events.ts';
import type { OrderDocument, OrdersModels } from './model.ts';

function forgottenFields({ refunds, fulfilments, returns }: OrderDocument): Partial<OrderDocument> {
  return {
    customerDisplayName: FORGOTTEN_NAME,
    cancelReason: null,
    refunds: refunds.map((refund) => ({ ...refund, reason: null })),
    returns: returns.map((each) => ({ ...each, reason: null })),
    // It leads to the address that the parcel went to.
    fulfilments: fulfilments.map((fulfilment) => ({ ...fulfilment, trackingCode: null })),
  };
}

/** Takes the connection and the collections of orders; gives what orders hold of people. */
export function personalOrders(connection: Connection, models: OrdersModels): DataSubjectStore {
  return {
    store: 'orders',
    steps: stepsModel(connection),
    forgetsAt: ERASED.type,
    collections: [
      personalCollection<OrderDocument>({
        ...{ name: 'orders', model: models.orders, customerField: 'customerId', index: 'byCustomer' },
        forget: forgottenFields,
        eventOf: orderEvent,
      }),
    ],
  };
}
