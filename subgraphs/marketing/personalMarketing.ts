// What marketing holds of a person, and what is left when the person is forgotten: what campaigns came to, unlinked from
// whom they went to. That the person is not written to again is seen to where customers are made (forgottenMarks.ts).
import type { Connection } from 'mongoose';
import type { DataSubjectStore } from '../kit/dataSubject/answerRequests.ts';
import { ERASED } from '../kit/dataSubject/dataSubjectEvents.ts';
import { NOBODY_ID, personalCollection } from '../kit/dataSubject/personalCollection.ts';
import { stepsModel } from '../kit/dataSubject/steps.ts';
import type {
  CampaignMemberDocument,
  ConsentDocument,
  EngagementDocument,
  OrderFigureDocument,
  SegmentMembershipDocument,
  SuppressionDocument,
} from './documents.ts';
import { leaveSegments } from './follow/keepMemberships.ts';
import { personalProfiles } from './forgetProfiles.ts';
import type { MarketingModels } from './model.ts';

const BY_CUSTOMER = { customerField: 'customerId', index: 'byCustomer' } as const;

/** Takes the connection and the collections of marketing; gives what marketing holds of people. */
export function personalMarketing(connection: Connection, models: MarketingModels): DataSubjectStore {
  return {
    store: 'marketing',
    steps: stepsModel(connection),
    forgetsAt: ERASED.type,
    collections: [
      personalProfiles(models),
      personalCollection<EngagementDocument>({
        ...{ name: 'engagements', model: models.engagements, ...BY_CUSTOMER },
        // The sender's id and a page's path can name somebody.
        forget: ({ _id, channel, action }) => ({
          customerId: NOBODY_ID,
          uniqueId: `forgotten:${_id}`,
          action: channel === 'WEB' ? '/' : action,
        }),
      }),
      personalCollection<CampaignMemberDocument>({
        ...{ name: 'campaign_members', model: models.campaignMembers, ...BY_CUSTOMER },
        forget: () => 'deleted',
      }),
      personalCollection<SegmentMembershipDocument>({
        ...{ name: 'segment_memberships', model: models.segmentMemberships, ...BY_CUSTOMER },
        beforeForgetting: (write, memberships) => leaveSegments(models, write, memberships),
        forget: () => 'deleted',
      }),
      personalCollection<ConsentDocument>({
        ...{ name: 'consents', model: models.consents, ...BY_CUSTOMER },
        forget: () => 'deleted',
      }),
      personalCollection<SuppressionDocument>({
        ...{ name: 'suppressions', model: models.suppressions, customerField: 'customerId', index: 'naturalKey' },
        forget: () => 'deleted',
      }),
      personalCollection<OrderFigureDocument>({
        ...{ name: 'order_figures', model: models.orderFigures, ...BY_CUSTOMER },
        forget: () => 'deleted',
      }),
    ],
  };
}
