// The events of marketing: what is told to the other subgraphs and to other systems of each change, and the schemas of
// it. Consents, members, suppressions and figures change in ways that no version of an entity counts: their events are
// in eventsOfCustomers.ts.
import { ANSWERING_EVENTS } from '../kit/dataSubject/dataSubjectEvents.ts';
import { entityKey } from '../../contracts/event.ts';
import {
  channel,
  externalRef,
  id,
  iso,
  momentOrNull,
  refOf,
  stamps,
  stampsOf,
  textOrNull,
  whole,
  z,
} from '../kit/events/eventFields.ts';
import { lifecycle, lifeStepOf, type EventSchema, type NewEvent } from '../kit/events/eventType.ts';
import type { CampaignDocument, SegmentDocument, TemplateDocument } from './documents.ts';
import { EVENTS_OF_CUSTOMERS } from './eventsOfCustomers.ts';

const CAMPAIGN = lifecycle({
  aggregate: 'Campaign',
  word: 'campaign',
  data: {
    externalRef,
    name: z.string(),
    channel,
    status: z.enum(['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED']),
    segmentId: id.nullable(),
    templateId: id.nullable(),
    scheduledAt: momentOrNull,
    startedAt: momentOrNull,
    completedAt: momentOrNull,
    ...stamps,
  },
});

const SEGMENT = lifecycle({
  aggregate: 'Segment',
  word: 'segment',
  data: { externalRef, name: z.string(), memberCount: whole, refreshedAt: momentOrNull, ...stamps },
});

const TEMPLATE = lifecycle({
  aggregate: 'Template',
  word: 'template',
  data: { externalRef, name: z.string(), channel, subject: textOrNull, ...stamps },
});

/** The event types of marketing. */
export const MARKETING_EVENTS: readonly EventSchema[] = [
  ...Object.values(CAMPAIGN),
  ...Object.values(SEGMENT),
  ...Object.values(TEMPLATE),
  ...EVENTS_OF_CUSTOMERS,
  ...ANSWERING_EVENTS,
];

/** Takes a campaign as it was (undefined: not there) and as it is; gives the event of the change. */
export function campaignEvent(before: CampaignDocument | undefined, after: CampaignDocument): NewEvent {
  const { _id, version, name, status, segmentId, templateId, scheduledAt, startedAt, completedAt } = after;
  const times = { scheduledAt: iso(scheduledAt), startedAt: iso(startedAt), completedAt: iso(completedAt) };
  const state = { externalRef: refOf(after), name, channel: after.channel, status, segmentId, templateId, ...times };
  const subject = { id: _id, version, keys: [entityKey('Campaign', _id)] };
  return CAMPAIGN[lifeStepOf(before, after)].make(subject, { data: { ...state, ...stampsOf(after) } });
}

/** Takes a segment as it was (undefined: not there) and as it is; gives the event of the change. */
export function segmentEvent(before: SegmentDocument | undefined, after: SegmentDocument): NewEvent {
  const { _id, version, name, memberCount, refreshedAt } = after;
  const data = { externalRef: refOf(after), name, memberCount, refreshedAt: iso(refreshedAt), ...stampsOf(after) };
  return SEGMENT[lifeStepOf(before, after)].make({ id: _id, version, keys: [entityKey('Segment', _id)] }, { data });
}

/** Takes a template as it was (undefined: not there) and as it is; gives the event of the change. */
export function templateEvent(before: TemplateDocument | undefined, after: TemplateDocument): NewEvent {
  const { _id, version, name, subject } = after;
  const data = { externalRef: refOf(after), name, channel: after.channel, subject, ...stampsOf(after) };
  return TEMPLATE[lifeStepOf(before, after)].make({ id: _id, version, keys: [entityKey('Template', _id)] }, { data });
}
