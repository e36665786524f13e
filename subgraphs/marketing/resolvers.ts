// Field → loader for what marketing owns: campaigns, segments and templates. No database here but through the stores.
import type { SubgraphContext } from '../kit/call.ts';
import { makeConnection, readFirst, readOrdering, readPage, type PageArgs } from '../kit/read/page.ts';
import { readId } from '../kit/read/readReference.ts';
import { refuse } from '../kit/refuse.ts';
import { SafeInt } from '../kit/serve/scalars.ts';
import type { Resolvers } from '../kit/serve/startSubgraph.ts';
import {
  CAMPAIGN_ORDERINGS,
  MEMBERS_ORDERING,
  MEMBERSHIPS_ORDERING,
  NEWEST_FIRST,
  type Listing,
} from './campaignStore.ts';
import { CUSTOMER_RESOLVERS } from './customerResolvers.ts';
import type { CampaignDocument, SegmentDocument } from './documents.ts';
import type { MarketingLoaders, MarketingStores } from './loaders.ts';
import { checkRule, storedRule, type SegmentRuleInput } from './rules/segmentRule.ts';

/** What a resolver of marketing gets as its context. */
export type MarketingContext = SubgraphContext<MarketingLoaders>;

type Reference = Record<string, unknown>;
interface CampaignsArgs extends Listing, PageArgs {
  readonly orderBy?: readonly (keyof typeof CAMPAIGN_ORDERINGS)[] | null;
}
interface ListArgs extends Listing, PageArgs {}

const id = ({ _id }: { _id: string }): string => _id;
/** A customer as a reference: what it has here and elsewhere is loaded by its id. */
const customer = ({ customerId }: { customerId: string }): { id: string } => ({ id: customerId });

function makeQuery({ campaigns, audience }: MarketingStores): object {
  return {
    campaign: (_: unknown, args: { id: string }, { loaders }: MarketingContext) =>
      loaders.campaign(readId('cmp', args.id)),
    async campaigns(_: unknown, args: CampaignsArgs, { call }: MarketingContext) {
      const page = readPage(args, readOrdering(args.orderBy, CAMPAIGN_ORDERINGS, 'CREATED_AT_DESC'));
      const rows = await campaigns.listCampaigns(call, args, page);
      return makeConnection(page, rows, () => campaigns.countCampaigns(call, args));
    },
    segment: (_: unknown, args: { id: string }, { loaders }: MarketingContext) =>
      loaders.segment(readId('seg', args.id)),
    async segments(_: unknown, args: ListArgs, { call }: MarketingContext) {
      const page = readPage(args, NEWEST_FIRST);
      const rows = await campaigns.listSegments(call, args, page);
      return makeConnection(page, rows, () => campaigns.countSegments(call, args));
    },
    template: (_: unknown, args: { id: string }, { loaders }: MarketingContext) =>
      loaders.template(readId('tpl', args.id)),
    async templates(_: unknown, args: ListArgs, { call }: MarketingContext) {
      const page = readPage(args, NEWEST_FIRST);
      const rows = await campaigns.listTemplates(call, args, page);
      return makeConnection(page, rows, () => campaigns.countTemplates(call, args));
    },
    async previewSegment(
      _: unknown,
      args: { rule: SegmentRuleInput; first?: number | null },
      { call }: MarketingContext,
    ) {
      const sampleSize = readFirst(args.first ?? 10);
      const fault = checkRule(args.rule);
      if (fault !== undefined) throw refuse('BAD_USER_INPUT', fault);
      const { count, sample } = await audience.previewRule(call, storedRule(args.rule), sampleSize);
      return { count, sample: sample.map((customerId) => ({ id: customerId })) };
    },
  };
}

const Campaign = {
  id,
  __resolveReference: (reference: Reference, { loaders }: MarketingContext) =>
    loaders.campaign(readId('cmp', reference['id'])),
  segment: ({ segmentId }: CampaignDocument, _: unknown, { loaders }: MarketingContext) =>
    segmentId === null ? null : loaders.segment(segmentId),
  template: ({ templateId }: CampaignDocument, _: unknown, { loaders }: MarketingContext) =>
    templateId === null ? null : loaders.template(templateId),
  async members(campaign: CampaignDocument, args: PageArgs, { loaders }: MarketingContext) {
    const page = readPage(args, MEMBERS_ORDERING);
    const rows = await loaders.membersOfCampaign(campaign._id, { first: page.first, after: args.after ?? null });
    return makeConnection(page, rows ?? [], async () => (await loaders.memberCountOfCampaign(campaign._id)) ?? 0);
  },
};

const Segment = {
  id,
  __resolveReference: (reference: Reference, { loaders }: MarketingContext) =>
    loaders.segment(readId('seg', reference['id'])),
  ruleText: ({ rule }: SegmentDocument) => JSON.stringify(rule),
  async members(segment: SegmentDocument, args: PageArgs, { loaders }: MarketingContext) {
    const page = readPage(args, MEMBERSHIPS_ORDERING);
    const rows = await loaders.membersOfSegment(segment._id, { first: page.first, after: args.after ?? null });
    return makeConnection(page, rows ?? [], async () => (await loaders.memberCountOfSegment(segment._id)) ?? 0);
  },
};

/** Takes the stores, which root lists are read from directly since no list stands under them; gives the resolvers. */
export function makeMarketingResolvers(stores: MarketingStores): Resolvers {
  return {
    SafeInt,
    Query: makeQuery(stores),
    Campaign,
    CampaignMember: { id, customer },
    Segment,
    SegmentMembership: { id, customer },
    Template: {
      id,
      __resolveReference: (reference: Reference, { loaders }: MarketingContext) =>
        loaders.template(readId('tpl', reference['id'])),
    },
    ...CUSTOMER_RESOLVERS,
  };
}
