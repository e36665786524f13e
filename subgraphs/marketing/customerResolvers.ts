// Field → loader for what marketing adds to customers and orders, and for engagements. A reference to a customer or an
// order is checked and answered without a query: only its fields cost one.
import type { SubgraphContext } from '../kit/call.ts';
import { readPage, type PageArgs } from '../kit/read/page.ts';
import { readId } from '../kit/read/readReference.ts';
import { refuse } from '../kit/refuse.ts';
import type { Resolvers } from '../kit/serve/startSubgraph.ts';
import { CONSENTS_ORDERING, ENGAGEMENTS_ORDERING } from './audienceStore.ts';
import type { AttributionDocument, Channel, EngagementDocument } from './documents.ts';
import { ENGAGEMENT_KINDS } from './rules/engagementKinds.ts';
import type { MarketingLoaders } from './loaders.ts';
import { readOrderStats, rfmOf, type RfmScore } from './rules/rfm.ts';

type Context = SubgraphContext<MarketingLoaders>;
type Reference = Record<string, unknown>;

/** A customer of whom nothing but the id is known here, and what the gateway hands over for `rfm`. */
interface CustomerReference {
  readonly id: string;
  readonly orderStats?: unknown;
}
interface EngagementsArgs extends PageArgs {
  readonly channel?: Channel | null;
}

const SEGMENTS_MAX = 100;

const id = ({ _id }: { _id: string }): string => _id;

const Customer = {
  __resolveReference: (reference: Reference): CustomerReference => ({
    id: readId('cus', reference['id']),
    orderStats: reference['orderStats'],
  }),
  async consents(customer: CustomerReference, _: unknown, { loaders }: Context) {
    const current = (await loaders.currentConsents(customer.id)) ?? [];
    return current.toSorted((left, right) => (left.channel < right.channel ? -1 : 1));
  },
  async consentHistory(customer: CustomerReference, args: PageArgs, { loaders }: Context) {
    const { first } = readPage({ first: args.first ?? null }, CONSENTS_ORDERING);
    const rows = await loaders.consentHistory(customer.id, { first, after: null });
    return rows?.slice(0, first) ?? [];
  },
  suppressions: async (customer: CustomerReference, _: unknown, { loaders }: Context) =>
    (await loaders.suppressionsOfCustomer(customer.id)) ?? [],
  async segments(customer: CustomerReference, _: unknown, { loaders }: Context) {
    const rows = await loaders.membershipsOfCustomer(customer.id, { first: SEGMENTS_MAX, after: null });
    const segments = await Promise.all((rows ?? []).map(({ segmentId }) => loaders.segment(segmentId)));
    return segments.filter((segment) => segment?.deletedAt === null);
  },
  async engagements(customer: CustomerReference, args: EngagementsArgs, { loaders }: Context) {
    const { first } = readPage({ first: args.first ?? null }, ENGAGEMENTS_ORDERING);
    const rows = await loaders.engagementsOfCustomer(customer.id, { first, channel: args.channel ?? null });
    return rows?.slice(0, first) ?? [];
  },
  rfm({ orderStats }: CustomerReference, _: unknown, { call }: Context): RfmScore {
    if (orderStats === null) throw refuse('SUBGRAPH_UNAVAILABLE', 'rfm needs the order statistics, which are away.');
    const stats = readOrderStats(orderStats);
    if (stats === undefined) throw refuse('BAD_USER_INPUT', 'rfm needs the order statistics of the customer.');
    return rfmOf(stats, call.now);
  },
};

const Order = {
  __resolveReference: (reference: Reference) => ({ id: readId('ord', reference['id']) }),
  attribution: (order: { id: string }, _: unknown, { loaders }: Context) => loaders.attributionOfOrder(order.id),
};

const engagementFields = {
  id,
  customer: ({ customerId }: EngagementDocument) => ({ id: customerId }),
  campaign: ({ campaignId }: EngagementDocument, _: unknown, { loaders }: Context) =>
    campaignId === null ? null : loaders.campaign(campaignId),
};

async function loadEngagement(reference: Reference, { loaders }: Context): Promise<EngagementDocument | null> {
  return (await loaders.engagement(readId('eng', reference['id']))) ?? null;
}

/** The resolvers of one type of engagement; an engagement of another channel is none of this type. */
function engagementType(channel: Channel): object {
  return {
    ...engagementFields,
    async __resolveReference(reference: Reference, context: Context) {
      const found = await loadEngagement(reference, context);
      return found?.channel === channel ? found : null;
    },
    [ENGAGEMENT_KINDS[channel].actionField]: ({ action }: EngagementDocument) => action,
  };
}

/** The resolvers of customers, orders and engagements. */
export const CUSTOMER_RESOLVERS: Resolvers = {
  Customer,
  Consent: { id },
  Suppression: { id },
  Order,
  Attribution: {
    campaign: ({ campaignId }: AttributionDocument, _: unknown, { loaders }: Context) => loaders.campaign(campaignId),
  },
  Engagement: {
    __resolveReference: loadEngagement,
    __resolveType: ({ channel }: EngagementDocument) => ENGAGEMENT_KINDS[channel].type,
  },
  EmailEngagement: engagementType('EMAIL'),
  SmsEngagement: engagementType('SMS'),
  PushEngagement: engagementType('PUSH'),
  WebEngagement: engagementType('WEB'),
};
