// What subgraphs tell each other while a person is forgotten or copied: the customers subgraph asks, every subgraph that
// holds something of people answers. The subject of all of them is the request.
import { entityKey } from '../../../contracts/event.ts';
import { id, iso, moment, whole, z } from '../events/eventFields.ts';
import { eventType, type EventSchema, type NewEvent } from '../events/eventType.ts';

/** Whose data, in all the ids that the person ever had. */
const person = { customerId: id, formerIds: z.array(id) };

/** A customer is to be forgotten: the customers subgraph itself begins. */
export const ERASURE_REQUESTED = eventType({
  type: 'crm.customer.erasureRequested.v1',
  aggregate: 'DataSubjectRequest',
  summary: 'A customer is to be forgotten everywhere. The subject is the request.',
  data: { ...person, requestedAt: moment },
});

/** The customers subgraph has forgotten a customer, and the key of all events: now every other one is to. */
export const ERASED = eventType({
  type: 'crm.customer.erased.v1',
  aggregate: 'DataSubjectRequest',
  summary:
    'A customer was forgotten where customers are owned, and no sealed field of its events can be read any more: every other system is to forget it now. The subject is the request.',
  data: { ...person, erasedAt: moment },
});

/** A customer asks for a copy. */
export const EXPORT_REQUESTED = eventType({
  type: 'crm.customer.exportRequested.v1',
  aggregate: 'DataSubjectRequest',
  summary: 'A customer asks for a copy of all data. The subject is the request.',
  data: { ...person, requestedAt: moment },
});

/** Some documents of a copy. */
export const COPIED = eventType({
  type: 'crm.dataSubjectRequest.copied.v1',
  aggregate: 'DataSubjectRequest',
  summary: 'Some of the documents that a subgraph holds of a customer who asked for a copy.',
  data: { customerId: id, store: z.string(), collection: z.string() },
  personal: { documents: z.string() },
});

/** A subgraph is done with a request. */
export const ANSWERED = eventType({
  type: 'crm.dataSubjectRequest.answered.v1',
  aggregate: 'DataSubjectRequest',
  summary:
    'A subgraph has forgotten a customer, or copied all that it holds of one: how many documents, by collection.',
  data: { customerId: id, store: z.string(), answeredAt: moment, counts: z.record(z.string(), whole) },
});

/** What the customers subgraph asks. */
export const ASKING_EVENTS: readonly EventSchema[] = [ERASURE_REQUESTED, ERASED, EXPORT_REQUESTED];
/** What every subgraph answers. */
export const ANSWERING_EVENTS: readonly EventSchema[] = [COPIED, ANSWERED];

/** A request as events tell of it. */
export interface AskedPerson {
  readonly requestId: string;
  /** Rises with each event of the request from one subgraph. */
  readonly version: number;
  readonly customerId: string;
  readonly formerIds: readonly string[];
}

/** Takes the kind of event, the request and the time that it tells; gives the event. */
export function askingEvent(kind: 'ERASURE' | 'ERASED' | 'EXPORT', asked: AskedPerson, at: Date): NewEvent {
  const { requestId, version, customerId } = asked;
  const keys = [entityKey('DataSubjectRequest', requestId), entityKey('Customer', customerId)];
  const subject = { id: requestId, version, keys };
  const data = { customerId, formerIds: [...asked.formerIds] };
  if (kind === 'ERASED') return ERASED.make(subject, { data: { ...data, erasedAt: iso(at) } });
  const type = kind === 'ERASURE' ? ERASURE_REQUESTED : EXPORT_REQUESTED;
  return type.make(subject, { data: { ...data, requestedAt: iso(at) } });
}

/** Takes a request, who answers and a page of copies as JSON; gives the event. */
export function copiedEvent(
  { requestId, version, customerId }: AskedPerson,
  from: { readonly store: string; readonly collection: string },
  documents: string,
): NewEvent {
  const subject = { id: requestId, version, keys: [entityKey('DataSubjectRequest', requestId)] };
  return COPIED.make(subject, { data: { customerId, ...from }, personal: { customerId, fields: { documents } } });
}

/** Takes a request, who answers, when and with which counts; gives the event. */
export function answeredEvent(
  { requestId, version, customerId }: AskedPerson,
  answer: { readonly store: string; readonly at: Date; readonly counts: Readonly<Record<string, number>> },
): NewEvent {
  const subject = { id: requestId, version, keys: [entityKey('DataSubjectRequest', requestId)] };
  const { store, at, counts } = answer;
  return ANSWERED.make(subject, { data: { customerId, store, answeredAt: iso(at), counts: { ...counts } } });
}
