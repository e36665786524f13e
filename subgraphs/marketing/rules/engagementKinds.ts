// The four kinds of engagement: which type and which action a channel has, and what an action counts for in the
// statistics of its campaign. Pure: the ingest, the resolvers and the seed agree by it.
import type { CampaignStats, Channel, EngagementDocument } from '../documents.ts';

/** The fields of an engagement's input that hold an action. */
export type ActionField = 'emailAction' | 'smsStatus' | 'pushAction' | 'pagePath';

/** By channel: the GraphQL type of its engagements, and the field that holds the action. */
export const ENGAGEMENT_KINDS = {
  EMAIL: { type: 'EmailEngagement', actionField: 'emailAction' },
  SMS: { type: 'SmsEngagement', actionField: 'smsStatus' },
  PUSH: { type: 'PushEngagement', actionField: 'pushAction' },
  WEB: { type: 'WebEngagement', actionField: 'pagePath' },
} as const satisfies Record<Channel, { type: string; actionField: ActionField }>;

const COUNTED: Readonly<Record<string, keyof CampaignStats>> = {
  'EMAIL SENT': 'sent',
  'SMS SENT': 'sent',
  'PUSH SENT': 'sent',
  'EMAIL OPENED': 'opened',
  'PUSH OPENED': 'opened',
  'EMAIL CLICKED': 'clicked',
  'EMAIL UNSUBSCRIBED': 'unsubscribed',
};

/** The statistics of a campaign that nothing was sent of. */
export const NO_STATS: CampaignStats = { sent: 0, opened: 0, clicked: 0, unsubscribed: 0 };

/** Takes engagements; gives what they add to the statistics of each campaign that is named. */
export function countStats(
  engagements: readonly Pick<EngagementDocument, 'campaignId' | 'channel' | 'action'>[],
): Map<string, CampaignStats> {
  const byCampaign = new Map<string, CampaignStats>();
  for (const { campaignId, channel, action } of engagements) {
    const counter = channel === 'WEB' ? undefined : COUNTED[`${channel} ${action}`];
    if (campaignId === null || counter === undefined) continue;
    const stats = byCampaign.get(campaignId) ?? NO_STATS;
    byCampaign.set(campaignId, { ...stats, [counter]: stats[counter] + 1 });
  }
  return byCampaign;
}
