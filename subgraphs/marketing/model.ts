// The shape of what marketing keeps, and the indexes that its queries name. Only this subgraph reads these collections.
import mongoose, { type Connection, type Model } from 'mongoose';
import { declareCollection, declareEntity } from '../kit/write/entityDocument.ts';
import {
  BY_TENANT,
  BY_TENANT_AND_ID,
  externalRef,
  moment,
  optionalMoment,
  optionalText,
  text,
  whole,
} from '../kit/write/fields.ts';
import type {
  AttributionDocument,
  AudienceProfileDocument,
  CampaignDocument,
  CampaignMemberDocument,
  ConsentDocument,
  EngagementDocument,
  OrderFigureDocument,
  SegmentDocument,
  SegmentMembershipDocument,
  SuppressionDocument,
  TemplateDocument,
} from './documents.ts';

const EXTERNAL_KEY = { name: 'externalKey', keys: { tenantId: 1, externalKey: 1 }, unique: true } as const;
const BY_CREATED_AT = { name: 'byCreatedAt', keys: { tenantId: 1, createdAt: 1, _id: 1 } } as const;

const campaignSchema = declareEntity<CampaignDocument>({
  collection: 'campaigns',
  shardKey: BY_TENANT,
  fields: {
    externalRef,
    externalKey: text,
    name: text,
    nameFolded: text,
    channel: text,
    status: text,
    segmentId: optionalText,
    templateId: optionalText,
    scheduledAt: optionalMoment,
    startedAt: optionalMoment,
    completedAt: optionalMoment,
    stats: { sent: whole, opened: whole, clicked: whole, unsubscribed: whole, _id: false },
  },
  indexes: [
    EXTERNAL_KEY,
    BY_CREATED_AT,
    { name: 'byName', keys: { tenantId: 1, nameFolded: 1, _id: 1 } },
    { name: 'byStatus', keys: { tenantId: 1, status: 1, createdAt: 1, _id: 1 } },
    { name: 'byChannel', keys: { tenantId: 1, channel: 1, createdAt: 1, _id: 1 } },
  ],
});

/** Counts the changes of what is no entity; absent where there was none since it is counted. */
const count = { type: Number } as const;

const campaignMemberSchema = declareCollection<CampaignMemberDocument>({
  collection: 'campaign_members',
  shardKey: BY_TENANT,
  fields: { _id: text, tenantId: text, campaignId: text, customerId: text, addedAt: moment, addedBy: text },
  indexes: [
    { name: 'byPair', keys: { tenantId: 1, campaignId: 1, customerId: 1 }, unique: true },
    { name: 'byCampaign', keys: { tenantId: 1, campaignId: 1, addedAt: -1, _id: -1 } },
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1 } },
  ],
});

const segmentSchema = declareEntity<SegmentDocument>({
  collection: 'segments',
  shardKey: BY_TENANT,
  fields: {
    externalRef,
    externalKey: text,
    name: text,
    rule: { type: mongoose.Schema.Types.Mixed, required: true },
    memberCount: whole,
    refreshedAt: optionalMoment,
  },
  indexes: [EXTERNAL_KEY, BY_CREATED_AT],
});

const segmentMembershipSchema = declareCollection<SegmentMembershipDocument>({
  collection: 'segment_memberships',
  shardKey: BY_TENANT,
  fields: { _id: text, tenantId: text, segmentId: text, customerId: text, since: moment },
  indexes: [
    { name: 'byPair', keys: { tenantId: 1, segmentId: 1, customerId: 1 }, unique: true },
    { name: 'bySegment', keys: { tenantId: 1, segmentId: 1, since: -1, _id: -1 } },
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1, since: -1, _id: -1 } },
  ],
});

const templateSchema = declareEntity<TemplateDocument>({
  collection: 'templates',
  shardKey: BY_TENANT,
  fields: { externalRef, externalKey: text, name: text, channel: text, subject: optionalText, body: text },
  indexes: [EXTERNAL_KEY, BY_CREATED_AT],
});

const consentSchema = declareCollection<ConsentDocument>({
  collection: 'consents',
  shardKey: BY_TENANT,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    channel: text,
    state: text,
    capturedAt: moment,
    source: text,
    current: { type: Boolean, required: true },
    recordedAt: moment,
    recordedBy: text,
  },
  indexes: [
    {
      name: 'naturalKey',
      keys: { tenantId: 1, customerId: 1, channel: 1, capturedAt: 1, source: 1, state: 1 },
      unique: true,
    },
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1, capturedAt: -1, _id: -1 } },
    { name: 'current', keys: { tenantId: 1, customerId: 1, current: 1, channel: 1 } },
  ],
});

const suppressionSchema = declareCollection<SuppressionDocument>({
  collection: 'suppressions',
  shardKey: BY_TENANT,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    channel: text,
    reason: text,
    since: moment,
    addedBy: text,
    version: count,
  },
  indexes: [{ name: 'naturalKey', keys: { tenantId: 1, customerId: 1, channel: 1 }, unique: true }],
});

const engagementSchema = declareCollection<EngagementDocument>({
  collection: 'engagements',
  shardKey: BY_TENANT,
  fields: {
    _id: text,
    tenantId: text,
    uniqueId: text,
    customerId: text,
    campaignId: optionalText,
    channel: text,
    occurredAt: moment,
    action: text,
  },
  indexes: [
    { name: 'uniqueId', keys: { tenantId: 1, uniqueId: 1 }, unique: true },
    { name: 'byCustomer', keys: { tenantId: 1, customerId: 1, occurredAt: -1, _id: -1 } },
    { name: 'byCustomerChannel', keys: { tenantId: 1, customerId: 1, channel: 1, occurredAt: -1, _id: -1 } },
  ],
});

const attributionSchema = declareCollection<AttributionDocument>({
  collection: 'attributions',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    orderId: text,
    campaignId: text,
    model: text,
    touchedAt: moment,
    version: count,
  },
  indexes: [],
});

const orderFigureSchema = declareCollection<OrderFigureDocument>({
  collection: 'order_figures',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    orderId: text,
    customerId: text,
    currency: text,
    amountMinor: whole,
    placedAt: moment,
    createdAt: moment,
    isCounted: { type: Boolean, required: true },
  },
  indexes: [{ name: 'byCustomer', keys: { tenantId: 1, customerId: 1 } }],
});

const audienceProfileSchema = declareCollection<AudienceProfileDocument>({
  collection: 'audience_profiles',
  shardKey: BY_TENANT_AND_ID,
  fields: {
    _id: text,
    tenantId: text,
    customerId: text,
    orderCount: whole,
    lifetimeValueMinor: whole,
    currency: optionalText,
    lastOrderAt: optionalMoment,
    consentedChannels: { type: [String], default: [] },
    updatedAt: moment,
    stated: { type: mongoose.Schema.Types.Mixed, default: null },
    version: count,
    forgottenAt: optionalMoment,
  },
  indexes: [
    { name: 'byLifetimeValue', keys: { tenantId: 1, lifetimeValueMinor: 1, _id: 1 } },
    { name: 'byLastOrder', keys: { tenantId: 1, lastOrderAt: 1, _id: 1 } },
    { name: 'byOrderCount', keys: { tenantId: 1, orderCount: 1, _id: 1 } },
    { name: 'byConsent', keys: { tenantId: 1, consentedChannels: 1, lifetimeValueMinor: 1, _id: 1 } },
  ],
});

/** The collections of marketing on one connection. */
export interface MarketingModels {
  readonly campaigns: Model<CampaignDocument>;
  readonly campaignMembers: Model<CampaignMemberDocument>;
  readonly segments: Model<SegmentDocument>;
  readonly segmentMemberships: Model<SegmentMembershipDocument>;
  readonly templates: Model<TemplateDocument>;
  readonly consents: Model<ConsentDocument>;
  readonly suppressions: Model<SuppressionDocument>;
  readonly engagements: Model<EngagementDocument>;
  readonly attributions: Model<AttributionDocument>;
  readonly audienceProfiles: Model<AudienceProfileDocument>;
  readonly orderFigures: Model<OrderFigureDocument>;
}

/** Takes an open connection; gives the collections of marketing on it. */
export function marketingModels(connection: Connection): MarketingModels {
  return {
    campaigns: connection.model<CampaignDocument>('Campaign', campaignSchema),
    campaignMembers: connection.model<CampaignMemberDocument>('CampaignMember', campaignMemberSchema),
    segments: connection.model<SegmentDocument>('Segment', segmentSchema),
    segmentMemberships: connection.model<SegmentMembershipDocument>('SegmentMembership', segmentMembershipSchema),
    templates: connection.model<TemplateDocument>('Template', templateSchema),
    consents: connection.model<ConsentDocument>('Consent', consentSchema),
    suppressions: connection.model<SuppressionDocument>('Suppression', suppressionSchema),
    engagements: connection.model<EngagementDocument>('Engagement', engagementSchema),
    attributions: connection.model<AttributionDocument>('Attribution', attributionSchema),
    audienceProfiles: connection.model<AudienceProfileDocument>('AudienceProfile', audienceProfileSchema),
    orderFigures: connection.model<OrderFigureDocument>('OrderFigure', orderFigureSchema),
  };
}
