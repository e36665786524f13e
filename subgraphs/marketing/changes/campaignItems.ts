// What a campaign's input and patch may hold, the fields they become, and the steps of its life. Pure.
import { checkMoment, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { fold } from '../../kit/read/filter.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import type { CampaignDocument, CampaignStatus, Channel } from '../documents.ts';
import { NO_STATS } from '../rules/engagementKinds.ts';
import type { NaturalInput, NaturalKind, PatchInput } from '../../kit/write/naturalItems.ts';

interface CampaignContent {
  readonly name?: string | null;
  readonly channel?: Channel;
  readonly segmentId?: string | null;
  readonly templateId?: string | null;
}

/** A new or known campaign. */
export interface CampaignInput extends CampaignContent, NaturalInput {
  readonly name: string;
  readonly channel: Channel;
}

/** What to change in a campaign. */
export interface CampaignPatch extends Omit<CampaignContent, 'channel'>, PatchInput {}

/** What the campaigns of a batch may refer to: segments and templates that there are, these with their channel. */
export interface CampaignReferences {
  readonly segmentIds: ReadonlySet<string>;
  readonly templateChannels: ReadonlyMap<string, Channel>;
}

function checkReferences(
  { segmentId, templateId }: CampaignContent,
  channel: Channel | undefined,
  known: CampaignReferences,
): Fault {
  if (segmentId != null && !known.segmentIds.has(segmentId)) return 'There is no such segment.';
  if (templateId == null) return undefined;
  const templateChannel = known.templateChannels.get(templateId);
  if (templateChannel === undefined) return 'There is no such template.';
  return templateChannel === channel ? undefined : `The template is one for ${templateChannel}.`;
}

function checkChannel(channel: Channel | undefined, stored: CampaignDocument | undefined): Fault {
  if (channel === undefined || stored === undefined || channel === stored.channel) return undefined;
  return stored.status === 'DRAFT' ? undefined : 'The channel of a campaign stands when it is no longer a draft.';
}

/** Takes what campaigns may refer to; gives what is particular to them. */
export function campaignKind(known: CampaignReferences): NaturalKind<CampaignDocument, CampaignContent, CampaignInput> {
  return {
    check: (content, stored) =>
      firstFault(
        content.name === undefined ? undefined : checkText('name', content.name, 200),
        checkReferences(content, content.channel ?? stored?.channel, known),
        checkChannel(content.channel, stored),
      ),
    fieldsOf: ({ name, channel, segmentId, templateId }) => ({
      ...(name != null && { name, nameFolded: fold(name) }),
      ...(channel !== undefined && { channel }),
      ...(segmentId !== undefined && { segmentId }),
      ...(templateId !== undefined && { templateId }),
    }),
    first: ({ name, channel, segmentId = null, templateId = null }, key) => ({
      ...key,
      ...{ name, nameFolded: fold(name), channel, segmentId, templateId },
      status: 'DRAFT',
      scheduledAt: null,
      startedAt: null,
      completedAt: null,
      stats: NO_STATS,
    }),
  };
}

/** A step in a campaign's life. */
export interface CampaignStatusInput extends PatchInput {
  readonly to: CampaignStatus;
  readonly scheduledAt?: Date | null;
}

const STEPS: Readonly<Record<CampaignStatus, readonly CampaignStatus[]>> = {
  DRAFT: ['SCHEDULED', 'CANCELLED'],
  SCHEDULED: ['RUNNING', 'CANCELLED'],
  RUNNING: ['PAUSED', 'COMPLETED', 'CANCELLED'],
  PAUSED: ['RUNNING', 'COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
};

function checkStep(stored: CampaignDocument, { to, scheduledAt }: CampaignStatusInput): Fault {
  if (!STEPS[stored.status].includes(to)) return `A campaign does not go from ${stored.status} to ${to}.`;
  if (to !== 'SCHEDULED') return scheduledAt == null ? undefined : 'scheduledAt goes with SCHEDULED alone.';
  return scheduledAt == null ? 'SCHEDULED needs scheduledAt.' : checkMoment('scheduledAt', scheduledAt);
}

/** Takes a step and the time; gives the item. */
export function campaignStatusItem(input: CampaignStatusInput, now: Date): Item<CampaignDocument> {
  const { id, version, to, scheduledAt } = input;
  return {
    key: id,
    version,
    decide(stored): Decision<CampaignDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such campaign.' };
      if (stored.deletedAt !== null) {
        return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
      }
      const fault = checkStep(stored, input);
      if (fault !== undefined) return { do: 'refuse', code: 'INVALID', message: fault };
      const fields: Partial<CampaignDocument> = {
        status: to,
        ...(scheduledAt != null && { scheduledAt }),
        ...(to === 'RUNNING' && stored.startedAt === null && { startedAt: now }),
        ...(to === 'COMPLETED' && { completedAt: now }),
      };
      return { do: 'patch', fields };
    },
  };
}
