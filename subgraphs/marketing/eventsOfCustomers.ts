// The events of what marketing keeps of customers: consents, suppressions, members, engagements, and figures. What is
// only ever added has the version 1; what is added and taken away has 1 and 2; the others count their own changes.
import { entityKey } from '../../contracts/event.ts';
import {
  attributionModel,
  channel,
  id,
  iso,
  moment,
  momentOrNull,
  textOrNull,
  whole,
  z,
} from '../kit/events/eventFields.ts';
import { eventType, type EventSchema, type NewEvent } from '../kit/events/eventType.ts';
import type {
  AttributionDocument,
  AudienceProfileDocument,
  CampaignMemberDocument,
  ConsentDocument,
  EngagementDocument,
  SuppressionDocument,
} from './documents.ts';

const CONSENT_CAPTURED = eventType({
  type: 'crm.consent.captured.v1',
  aggregate: 'Consent',
  summary: 'A statement of a customer about a channel was recorded. The newest of a channel holds.',
  data: {
    customerId: id,
    channel,
    state: z.enum(['GRANTED', 'WITHDRAWN']),
    capturedAt: moment,
    source: z.string(),
  },
});

const suppressionData = {
  customerId: id,
  channel,
  reason: z.enum(['UNSUBSCRIBED', 'BOUNCED', 'COMPLAINT', 'MANUAL', 'ERASED']),
  since: moment,
};
const SUPPRESSION = {
  added: eventType({
    type: 'crm.suppression.added.v1',
    aggregate: 'Suppression',
    summary: 'Nothing may be sent to a customer over a channel from now on.',
    data: suppressionData,
  }),
  changed: eventType({
    type: 'crm.suppression.changed.v1',
    aggregate: 'Suppression',
    summary: 'The reason of a suppression is another.',
    data: suppressionData,
  }),
  lifted: eventType({
    type: 'crm.suppression.lifted.v1',
    aggregate: 'Suppression',
    summary: 'A channel of a customer is no longer suppressed.',
    data: suppressionData,
  }),
};

const memberData = { campaignId: id, customerId: id, addedAt: moment };
const MEMBER = {
  added: eventType({
    type: 'crm.campaignMember.added.v1',
    aggregate: 'CampaignMember',
    summary: 'A campaign goes to a customer.',
    data: memberData,
  }),
  removed: eventType({
    type: 'crm.campaignMember.removed.v1',
    aggregate: 'CampaignMember',
    summary: 'A campaign does not go to a customer any more.',
    data: memberData,
  }),
};

const MEMBERSHIPS_CHANGED = eventType({
  type: 'crm.segmentMembership.changed.v1',
  aggregate: 'SegmentMembership',
  summary: 'Customers joined or left a segment; at most 1,000 of them, the others in events beside it.',
  data: { segmentId: id, segmentVersion: whole, joined: z.array(id), left: z.array(id) },
});

const ENGAGEMENT_RECORDED = eventType({
  type: 'crm.engagement.recorded.v1',
  aggregate: 'Engagement',
  summary: 'A message reached, or did not reach, a customer, and what came of it; of WEB the path is personal.',
  data: { customerId: id, campaignId: id.nullable(), channel, occurredAt: moment, action: textOrNull },
  personal: { uniqueId: z.string(), pagePath: textOrNull },
});

const ATTRIBUTION_RECORDED = eventType({
  type: 'crm.attribution.recorded.v1',
  aggregate: 'Attribution',
  summary: 'An order is credited to a campaign. The subject is the order.',
  data: { orderId: id, campaignId: id, model: attributionModel, touchedAt: moment },
});

const figures = { orderCount: whole, lifetimeValueMinor: whole, currency: textOrNull, lastOrderAt: momentOrNull };
const PROFILE_CHANGED = eventType({
  type: 'crm.audienceProfile.changed.v1',
  aggregate: 'AudienceProfile',
  summary: 'What segments know of the orders of a customer is other. The subject is the customer.',
  data: { customerId: id, ...figures },
});
const PROFILE_MERGED = eventType({
  type: 'crm.audienceProfile.merged.v1',
  aggregate: 'AudienceProfile',
  summary: 'What marketing kept of a merged duplicate is kept of the subject, the customer, from now on.',
  data: { customerId: id, fromCustomerId: id, movedCount: whole },
});

/** The event types of what marketing keeps of customers. */
export const EVENTS_OF_CUSTOMERS: readonly EventSchema[] = [
  CONSENT_CAPTURED,
  ...Object.values(SUPPRESSION),
  ...Object.values(MEMBER),
  MEMBERSHIPS_CHANGED,
  ENGAGEMENT_RECORDED,
  ATTRIBUTION_RECORDED,
  PROFILE_CHANGED,
  PROFILE_MERGED,
];

const CUSTOMERS_AN_EVENT = 1_000;

/** Takes a statement that was recorded; gives its event. */
export function consentEvent(consent: ConsentDocument): NewEvent {
  const { _id, customerId, state, capturedAt, source } = consent;
  const keys = [entityKey('Consent', _id), entityKey('Customer', customerId)];
  const data = { customerId, channel: consent.channel, state, capturedAt: iso(capturedAt), source };
  return CONSENT_CAPTURED.make({ id: _id, version: 1, keys }, { data });
}

/** Takes what became of a suppression, it as it is or was, and the version after that; gives the event. */
export function suppressionEvent(
  step: keyof typeof SUPPRESSION,
  suppression: SuppressionDocument,
  version: number,
): NewEvent {
  const { _id, customerId, reason, since } = suppression;
  const keys = [entityKey('Suppression', _id), entityKey('Customer', customerId)];
  const data = { customerId, channel: suppression.channel, reason, since: iso(since) };
  return SUPPRESSION[step].make({ id: _id, version, keys }, { data });
}

/** Takes whether a member came or went, and the member; gives the event. */
export function memberEvent(step: keyof typeof MEMBER, member: CampaignMemberDocument): NewEvent {
  const { _id, campaignId, customerId, addedAt } = member;
  const keys = [entityKey('CampaignMember', _id), entityKey('Campaign', campaignId), entityKey('Customer', customerId)];
  const subject = { id: _id, version: step === 'added' ? 1 : 2, keys };
  return MEMBER[step].make(subject, { data: { campaignId, customerId, addedAt: iso(addedAt) } });
}

/** Who joined and left a segment by one change of it; `membershipId` is drawn anew for each event. */
export interface MembershipsChange {
  readonly segmentId: string;
  readonly segmentVersion: number;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  drawMembershipId(): string;
}

/** Takes who joined and left a segment; gives the events, as many as it takes. */
export function membershipEvents(change: MembershipsChange): NewEvent[] {
  const { segmentId, segmentVersion, joined, left } = change;
  const all = [
    ...joined.map((customer) => ({ customer, isNew: true })),
    ...left.map((customer) => ({ customer, isNew: false })),
  ];
  const chunks = Array.from({ length: Math.ceil(all.length / CUSTOMERS_AN_EVENT) }, (_, at) =>
    all.slice(at * CUSTOMERS_AN_EVENT, (at + 1) * CUSTOMERS_AN_EVENT),
  );
  return chunks.map((chunk) => {
    const of = (isNew: boolean): string[] => chunk.filter((one) => one.isNew === isNew).map(({ customer }) => customer);
    const keys = [entityKey('Segment', segmentId), ...chunk.map(({ customer }) => entityKey('Customer', customer))];
    const data = { segmentId, segmentVersion, joined: of(true), left: of(false) };
    return MEMBERSHIPS_CHANGED.make({ id: change.drawMembershipId(), version: 1, keys }, { data });
  });
}

/** Takes an engagement that was recorded; gives its event. */
export function engagementEvent(engagement: EngagementDocument): NewEvent {
  const { _id, uniqueId, customerId, campaignId, occurredAt, action } = engagement;
  const keys = [
    entityKey('Engagement', _id),
    entityKey('Customer', customerId),
    ...(campaignId === null ? [] : [entityKey('Campaign', campaignId)]),
  ];
  const isWeb = engagement.channel === 'WEB';
  const data = { customerId, campaignId, channel: engagement.channel, occurredAt: iso(occurredAt) };
  return ENGAGEMENT_RECORDED.make(
    { id: _id, version: 1, keys },
    {
      data: { ...data, action: isWeb ? null : action },
      personal: { customerId, fields: { uniqueId, pagePath: isWeb ? action : null } },
    },
  );
}

/** Takes an attribution as it is, its version, and the campaign that had the credit before; gives the event. */
export function attributionEvent(
  attribution: Omit<AttributionDocument, '_id' | 'tenantId'>,
  campaignBefore: string | undefined,
): NewEvent {
  const { orderId, campaignId, model, touchedAt, version = 1 } = attribution;
  const keys = [
    entityKey('Order', orderId),
    entityKey('Campaign', campaignId),
    ...(campaignBefore === undefined ? [] : [entityKey('Campaign', campaignBefore)]),
  ];
  const data = { orderId, campaignId, model, touchedAt: iso(touchedAt) };
  return ATTRIBUTION_RECORDED.make({ id: orderId, version, keys }, { data });
}

/** Takes the figures of a customer as they are and their version; gives the event. */
export function profileEvent(
  profile: Pick<AudienceProfileDocument, 'customerId' | 'version' | keyof typeof figures>,
): NewEvent {
  const { customerId, orderCount, lifetimeValueMinor, currency, lastOrderAt, version = 1 } = profile;
  const data = { customerId, orderCount, lifetimeValueMinor, currency, lastOrderAt: iso(lastOrderAt) };
  return PROFILE_CHANGED.make({ id: customerId, version, keys: [entityKey('Customer', customerId)] }, { data });
}

/** Takes a move, how much was moved, and the version of the keeper's profile after it; gives the event. */
export function marketingMovedEvent(
  move: { readonly fromCustomerId: string; readonly toCustomerId: string },
  movedCount: number,
  version: number,
): NewEvent {
  const { fromCustomerId, toCustomerId: customerId } = move;
  const keys = [entityKey('Customer', customerId), entityKey('Customer', fromCustomerId)];
  return PROFILE_MERGED.make({ id: customerId, version, keys }, { data: { customerId, fromCustomerId, movedCount } });
}
