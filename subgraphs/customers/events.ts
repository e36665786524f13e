// The events of customers: what is told to the other subgraphs and to other systems of each change, and the schemas of
// it. What is personal stands in `personal`, sealed with the customer's key.
import { isIdOf } from '../../contracts/entityId.ts';
import { entityKey } from '../../contracts/event.ts';
import { ANSWERING_EVENTS, ASKING_EVENTS } from '../kit/dataSubject/dataSubjectEvents.ts';
import {
  externalRef,
  id,
  iso,
  moment,
  refOf,
  stamps,
  stampsOf,
  textOrNull,
  whole,
  z,
} from '../kit/events/eventFields.ts';
import { eventType, lifecycle, lifeStepOf, type EventSchema, type NewEvent } from '../kit/events/eventType.ts';
import type {
  CompanyDocument,
  CustomerDocument,
  CustomFieldDefinitionDocument,
  TimelineEntryDocument,
} from './model.ts';

const customerData = { companyId: id.nullable(), mergedIntoId: id.nullable(), ...stamps };
const customerPersonal = {
  externalRef,
  displayName: z.string(),
  email: textOrNull,
  phone: textOrNull,
  defaultAddress: z
    .object({ line1: textOrNull, city: textOrNull, postalCode: textOrNull, countryCode: z.string() })
    .nullable(),
  customFields: z.array(z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })),
};

const CUSTOMER = lifecycle({
  aggregate: 'Customer',
  word: 'customer',
  data: customerData,
  personal: customerPersonal,
});

const MERGED = eventType({
  type: 'crm.customer.merged.v1',
  aggregate: 'Customer',
  summary:
    'A duplicate was merged into this customer: what belonged to `loserId`, or to those merged into it before (`formerIds`), belongs to the subject from now on.',
  data: { ...customerData, loserId: id, loserVersion: whole, formerIds: z.array(id) },
  personal: customerPersonal,
});

const COMPANY = lifecycle({
  aggregate: 'Company',
  word: 'company',
  data: { externalRef, name: z.string(), domain: textOrNull, industry: textOrNull, ...stamps },
});

const DEFINITION = lifecycle({
  aggregate: 'CustomFieldDefinition',
  word: 'customFieldDefinition',
  data: {
    key: z.string(),
    label: z.string(),
    kind: z.enum(['TEXT', 'NUMBER', 'BOOLEAN', 'DATE']),
    indexed: z.boolean(),
    ...stamps,
  },
});

const TIMELINE_ADDED = eventType({
  type: 'crm.timelineEntry.added.v1',
  aggregate: 'TimelineEntry',
  summary: 'Something was added to the timeline of a customer.',
  data: { customerId: id, kind: z.enum(['NOTE', 'CALL', 'MEETING', 'EMAIL', 'SYSTEM']), occurredAt: moment },
  personal: { title: z.string(), detail: textOrNull },
});

/** The event types of customers. */
export const CUSTOMERS_EVENTS: readonly EventSchema[] = [
  ...Object.values(CUSTOMER),
  MERGED,
  ...Object.values(COMPANY),
  ...Object.values(DEFINITION),
  TIMELINE_ADDED,
  ...ASKING_EVENTS,
  ...ANSWERING_EVENTS,
];

function customerState(customer: CustomerDocument) {
  const { _id: customerId, displayName, email, phone, defaultAddress: address, companyId, mergedInto } = customer;
  const customFields = customer.customFields.map(({ key, value }) => ({
    key,
    value: value instanceof Date ? iso(value) : value,
  }));
  const defaultAddress = address && {
    line1: address.line1,
    city: address.city,
    postalCode: address.postalCode,
    countryCode: address.countryCode,
  };
  const fields = { externalRef: refOf(customer), displayName, email, phone, defaultAddress, customFields };
  return { data: { companyId, mergedIntoId: mergedInto, ...stampsOf(customer) }, personal: { customerId, fields } };
}

function customerKeys(...versions: readonly (CustomerDocument | undefined)[]): string[] {
  return versions.flatMap((customer) => [
    ...(customer === undefined ? [] : [entityKey('Customer', customer._id)]),
    ...(customer?.companyId == null ? [] : [entityKey('Company', customer.companyId)]),
  ]);
}

/** Takes a customer as it was and as it is; gives the event of the change. */
export function customerEvent(before: CustomerDocument | undefined, after: CustomerDocument): NewEvent {
  const { _id, version } = after;
  const subject = { id: _id, version, keys: customerKeys(after, before) };
  return CUSTOMER[lifeStepOf(before, after)].make(subject, customerState(after));
}

/** Takes the keeper of a merger as it is and the loser as it was; gives the one event of both changes. */
export function mergedEvent(keeper: CustomerDocument, loser: CustomerDocument): NewEvent {
  const { data, personal } = customerState(keeper);
  const subject = { id: keeper._id, version: keeper.version, keys: customerKeys(keeper, loser) };
  const formerIds = loser.lookupKeys.filter((key) => isIdOf('cus', key) && key !== loser._id);
  const lost = { loserId: loser._id, loserVersion: loser.version + 1, formerIds };
  return MERGED.make(subject, { data: { ...data, ...lost }, personal });
}

/** Takes a company as it was and as it is; gives the event of the change. */
export function companyEvent(before: CompanyDocument | undefined, after: CompanyDocument): NewEvent {
  const { _id, version, name, domain, industry } = after;
  const data = { externalRef: refOf(after), name, domain, industry, ...stampsOf(after) };
  return COMPANY[lifeStepOf(before, after)].make({ id: _id, version, keys: [entityKey('Company', _id)] }, { data });
}

/** Takes a definition as it was and as it is; gives the event of the change. */
export function definitionEvent(
  before: CustomFieldDefinitionDocument | undefined,
  after: CustomFieldDefinitionDocument,
): NewEvent {
  const { _id, version, key, label, kind, indexed } = after;
  const subject = { id: _id, version, keys: [entityKey('CustomFieldDefinition', _id)] };
  const data = { key, label, kind, indexed, ...stampsOf(after) };
  return DEFINITION[lifeStepOf(before, after)].make(subject, { data });
}

/** Takes an entry that was added; gives its event. */
export function timelineEvent({ _id, customerId, kind, title, detail, occurredAt }: TimelineEntryDocument): NewEvent {
  const keys = [entityKey('TimelineEntry', _id), entityKey('Customer', customerId)];
  const personal = { customerId, fields: { title, detail } };
  const data = { customerId, kind, occurredAt: iso(occurredAt) };
  return TIMELINE_ADDED.make({ id: _id, version: 1, keys }, { data, personal });
}
