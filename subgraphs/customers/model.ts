// The shape of what customers keeps, and the indexes that its queries name. Only this subgraph reads these collections.
import mongoose, { type Connection, type Model } from 'mongoose';
import { declareCollection, declareEntity, type EntityDocument } from '../kit/write/entityDocument.ts';
import {
  BY_TENANT,
  BY_TENANT_AND_ID,
  externalRef,
  moment,
  optionalMoment,
  optionalText,
  text,
} from '../kit/write/fields.ts';
import type { ExternalRef } from '../kit/read/readReference.ts';

/** Where parcels and letters go. */
export interface Address {
  readonly line1: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly countryCode: string;
}

/** The value of a custom field as it is kept; its kind stands in the definition. */
export interface CustomFieldEntry {
  readonly key: string;
  readonly value: string | number | boolean | Date;
}

/** A customer. */
export interface CustomerDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  /** All that this customer is found by: its id, its external key, and those of the duplicates merged into it. */
  readonly lookupKeys: readonly string[];
  readonly displayName: string;
  readonly nameFolded: string;
  readonly email: string | null;
  readonly emailFolded: string | null;
  readonly phone: string | null;
  readonly defaultAddress: Address | null;
  readonly companyId: string | null;
  readonly customFields: readonly CustomFieldEntry[];
  readonly mergedInto: string | null;
  /** When the person was forgotten: nothing of who it was is left, and nobody may bring it back. */
  readonly forgottenAt?: Date | null;
  /** How often entries came to its timeline: counted so that a merger at the same moment is a conflict. */
  readonly timelineWrites?: number;
}

/** A company that customers work for. */
export interface CompanyDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  readonly externalKey: string;
  readonly name: string;
  readonly nameFolded: string;
  readonly domain: string | null;
  readonly industry: string | null;
}

/** A field that a tenant added to its customers. */
export interface CustomFieldDefinitionDocument extends EntityDocument {
  readonly key: string;
  readonly label: string;
  readonly kind: 'TEXT' | 'NUMBER' | 'BOOLEAN' | 'DATE';
  readonly indexed: boolean;
}

/** That a duplicate was merged. */
export interface MergeRecordDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly keeperId: string;
  readonly loserId: string;
  readonly mergedAt: Date;
  readonly mergedBy: string;
}

/** What happened to a customer. */
export interface TimelineEntryDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly kind: 'NOTE' | 'CALL' | 'MEETING' | 'EMAIL' | 'SYSTEM';
  readonly title: string;
  readonly detail: string | null;
  readonly occurredAt: Date;
  readonly createdBy: string;
}

/** A person's request to be forgotten, or for a copy of the data. */
export interface DataSubjectRequestDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly kind: 'ERASURE' | 'EXPORT';
  readonly status: 'REQUESTED' | 'RUNNING' | 'DONE';
  readonly requestedAt: Date;
  readonly requestedBy: string;
  /** The ids of the duplicates that were merged into the customer. */
  readonly formerIds?: readonly string[];
  /** How many events of this subgraph tell of it, but for its own answer. */
  readonly eventCount?: number;
  /** When the others were asked last. */
  readonly askedAt?: Date | null;
  /** Of an erasure: when it was done here, and the key of all events was deleted. */
  readonly keysForgottenAt?: Date | null;
  readonly answers?: readonly DataSubjectAnswer[];
  readonly doneAt?: Date | null;
  /** Of an erasure that is done (dataSubject/keptKeys.ts). */
  readonly certificate?: string | null;
}

/** What a subgraph answered to a request: how many documents it forgot or copied, by collection. */
export interface DataSubjectAnswer {
  readonly store: string;
  readonly answeredAt: Date;
  readonly counts: Readonly<Record<string, number>>;
}

const customerSchema = declareEntity<CustomerDocument>({
  collection: 'customers',
  shardKey: BY_TENANT,
  fields: {
    externalRef,
    lookupKeys: { type: [String], required: true },
    displayName: text,
    nameFolded: text,
    email: optionalText,
    emailFolded: optionalText,
    phone: optionalText,
    defaultAddress: { type: mongoose.Schema.Types.Mixed, default: null },
    companyId: optionalText,
    customFields: { type: [{ key: text, value: mongoose.Schema.Types.Mixed, _id: false }], default: [] },
    mergedInto: optionalText,
    forgottenAt: optionalMoment,
    timelineWrites: { type: Number },
  },
  indexes: [
    { name: 'lookupKeys', keys: { tenantId: 1, lookupKeys: 1 }, unique: true },
    { name: 'byEmail', keys: { tenantId: 1, emailFolded: 1 } },
    { name: 'byCreatedAt', keys: { tenantId: 1, createdAt: 1, _id: 1 } },
    { name: 'byName', keys: { tenantId: 1, nameFolded: 1, _id: 1 } },
    { name: 'byCompany', keys: { tenantId: 1, companyId: 1, nameFolded: 1, _id: 1 } },
    { name: 'byCustomField', keys: { tenantId: 1, 'customFields.key': 1, 'customFields.value': 1 } },
  ],
});

const companySchema = declareEntity<CompanyDocument>({
  collection: 'companies',
  shardKey: BY_TENANT,
  fields: {
    externalRef,
    externalKey: text,
    name: text,
    nameFolded: text,
    domain: optionalText,
    industry: optionalText,
  },
  indexes: [
    { name: 'externalKey', keys: { tenantId: 1, externalKey: 1 }, unique: true },
    { name: 'byCreatedAt', keys: { tenantId: 1, createdAt: 1, _id: 1 } },
    { name: 'byName', keys: { tenantId: 1, nameFolded: 1, _id: 1 } },
  ],
});

const definitionSchema = declareEntity<CustomFieldDefinitionDocument>({
  collection: 'custom_field_definitions',
  shardKey: BY_TENANT,
  fields: { key: text, label: text, kind: text, indexed: { type: Boolean, required: true } },
  indexes: [{ name: 'byKey', keys: { tenantId: 1, key: 1 }, unique: true }],
});

const mergeRecordSchema = declareCollection<MergeRecordDocument>({
  collection: 'merge_records',
  shardKey: BY_TENANT_AND_ID,
  fields: { _id: text, tenantId: text, keeperId: text, loserId: text, mergedAt: moment, mergedBy: text },
  indexes: [{ name: 'byKeeper', keys: { tenantId: 1, keeperId: 1, mergedAt: -1, _id: -1 } }],
});

const timelineSchema = declareCollection<TimelineEntryDocument>({
  collection: 'timeline_entries',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    kind: text,
    title: text,
    detail: optionalText,
    occurredAt: moment,
    createdBy: text,
  },
  indexes: [{ name: 'byCustomer', keys: { tenantId: 1, customerId: 1, occurredAt: -1, _id: -1 } }],
});

const requestSchema = declareCollection<DataSubjectRequestDocument>({
  collection: 'data_subject_requests',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    kind: text,
    status: text,
    requestedAt: moment,
    requestedBy: text,
    formerIds: { type: [String], default: [] },
    eventCount: { type: Number, default: 1 },
    askedAt: optionalMoment,
    keysForgottenAt: optionalMoment,
    answers: { type: mongoose.Schema.Types.Mixed, default: [] },
    doneAt: optionalMoment,
    certificate: optionalText,
  },
  indexes: [
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1, requestedAt: -1 } },
    { name: 'byStatus', keys: { status: 1, askedAt: 1 } },
  ],
});

/** The collections of customers on one connection. */
export interface CustomersModels {
  readonly customers: Model<CustomerDocument>;
  readonly companies: Model<CompanyDocument>;
  readonly definitions: Model<CustomFieldDefinitionDocument>;
  readonly mergeRecords: Model<MergeRecordDocument>;
  readonly timeline: Model<TimelineEntryDocument>;
  readonly requests: Model<DataSubjectRequestDocument>;
}

/** Takes an open connection; gives the collections of customers on it. */
export function customersModels(connection: Connection): CustomersModels {
  return {
    customers: connection.model<CustomerDocument>('Customer', customerSchema),
    companies: connection.model<CompanyDocument>('Company', companySchema),
    definitions: connection.model<CustomFieldDefinitionDocument>('CustomFieldDefinition', definitionSchema),
    mergeRecords: connection.model<MergeRecordDocument>('MergeRecord', mergeRecordSchema),
    timeline: connection.model<TimelineEntryDocument>('TimelineEntry', timelineSchema),
    requests: connection.model<DataSubjectRequestDocument>('DataSubjectRequest', requestSchema),
  };
}
