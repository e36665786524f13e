// The loaders of one request to marketing: each batches the loads of a fetch into one query of a store.
import type { Call } from '../kit/call.ts';
import { groupBy, makeListLoader, makeLoader, mapBy, type Load, type LoadList } from '../kit/read/loader.ts';
import { readPage } from '../kit/read/page.ts';
import { CONSENTS_ORDERING, ENGAGEMENTS_ORDERING, type AudienceStore } from './audienceStore.ts';
import { MEMBERS_ORDERING, MEMBERSHIPS_ORDERING, type CampaignStore } from './campaignStore.ts';
import type {
  AttributionDocument,
  CampaignDocument,
  CampaignMemberDocument,
  Channel,
  ConsentDocument,
  EngagementDocument,
  SegmentDocument,
  SegmentMembershipDocument,
  SuppressionDocument,
  TemplateDocument,
} from './documents.ts';

/** The part of a list's arguments that its loader groups by. */
export interface PageKey {
  readonly first: number;
  readonly after: string | null;
}

/** The arguments of a customer's engagements that their loader groups by. */
export interface EngagementsKey {
  readonly first: number;
  readonly channel: Channel | null;
}

/** What the resolvers of marketing load through. */
export interface MarketingLoaders {
  readonly campaign: Load<CampaignDocument>;
  readonly segment: Load<SegmentDocument>;
  readonly template: Load<TemplateDocument>;
  readonly member: Load<CampaignMemberDocument>;
  readonly membersOfCampaign: LoadList<PageKey, CampaignMemberDocument[]>;
  readonly memberCountOfCampaign: Load<number>;
  readonly membersOfSegment: LoadList<PageKey, SegmentMembershipDocument[]>;
  readonly memberCountOfSegment: Load<number>;
  readonly membershipsOfCustomer: LoadList<PageKey, SegmentMembershipDocument[]>;
  readonly consent: Load<ConsentDocument>;
  readonly currentConsents: Load<ConsentDocument[]>;
  readonly consentHistory: LoadList<PageKey, ConsentDocument[]>;
  readonly suppression: Load<SuppressionDocument>;
  readonly suppressionsOfCustomer: Load<SuppressionDocument[]>;
  readonly engagement: Load<EngagementDocument>;
  readonly engagementsOfCustomer: LoadList<EngagementsKey, EngagementDocument[]>;
  readonly attributionOfOrder: Load<AttributionDocument>;
}

/** The stores that loaders read from. */
export interface MarketingStores {
  readonly campaigns: CampaignStore;
  readonly audience: AudienceStore;
}

function byId<D extends { _id: string }>(find: (keys: readonly string[]) => Promise<D[]>): Load<D> {
  return makeLoader(async (ids) => mapBy(await find(ids), ({ _id }) => _id));
}

function byCustomer<D extends { customerId: string }>(find: (ids: readonly string[]) => Promise<D[]>): Load<D[]> {
  return makeLoader(async (ids) => groupBy(await find(ids), ({ customerId }) => customerId));
}

/** Takes the stores and the call; gives the loaders of this request. */
export function makeMarketingLoaders({ campaigns, audience }: MarketingStores, call: Call): MarketingLoaders {
  return {
    campaign: byId((ids) => campaigns.findCampaigns(call, ids)),
    segment: byId((ids) => campaigns.findSegments(call, ids)),
    template: byId((ids) => campaigns.findTemplates(call, ids)),
    member: byId((ids) => campaigns.findMembers(call, ids)),
    membersOfCampaign: makeListLoader((ids, key) => campaigns.listMembers(call, ids, readPage(key, MEMBERS_ORDERING))),
    memberCountOfCampaign: makeLoader((ids) => campaigns.countMembers(call, ids)),
    membersOfSegment: makeListLoader((ids, key) =>
      campaigns.listSegmentMembers(call, ids, readPage(key, MEMBERSHIPS_ORDERING)),
    ),
    memberCountOfSegment: makeLoader((ids) => campaigns.countSegmentMembers(call, ids)),
    membershipsOfCustomer: makeListLoader((ids, key) =>
      campaigns.listMemberships(call, ids, readPage(key, MEMBERSHIPS_ORDERING)),
    ),
    consent: byId((ids) => audience.findConsents(call, ids)),
    currentConsents: byCustomer((ids) => audience.findCurrentConsents(call, ids)),
    consentHistory: makeListLoader((ids, key) => audience.listConsents(call, ids, readPage(key, CONSENTS_ORDERING))),
    suppression: byId((ids) => audience.findSuppressions(call, ids)),
    suppressionsOfCustomer: byCustomer((ids) => audience.findSuppressionsOf(call, ids)),
    engagement: byId((ids) => audience.findEngagements(call, ids)),
    engagementsOfCustomer: makeListLoader((ids, { first, channel }) =>
      audience.listEngagements(call, ids, { page: readPage({ first }, ENGAGEMENTS_ORDERING), channel }),
    ),
    attributionOfOrder: makeLoader(async (ids) =>
      mapBy(await audience.findAttributions(call, ids), ({ orderId }) => orderId),
    ),
  };
}
