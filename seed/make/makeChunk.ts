// All documents of a range of customers, and what they add to campaigns and segments. Pure: the same range gives the same
// documents, whatever was made before, which is why a seed can be stopped, repeated and extended.
import type { CompanyDocument, CustomerDocument, TimelineEntryDocument } from '../../subgraphs/customers/model.ts';
import type { OrderDocument, OrderStatsDocument } from '../../subgraphs/orders/model.ts';
import { statsOf } from '../../subgraphs/orders/rules/rollups.ts';
import {
  keyInTenant,
  makeProfile,
  NO_ORDERS,
  type OrderFigures,
} from '../../subgraphs/marketing/rules/audienceProfile.ts';
import { orderFigureOf } from '../../subgraphs/marketing/rules/orderFigures.ts';
import type {
  AttributionDocument,
  AudienceProfileDocument,
  OrderFigureDocument,
  CampaignMemberDocument,
  ConsentDocument,
  EngagementDocument,
  SegmentDocument,
  SegmentMembershipDocument,
  SuppressionDocument,
} from '../../subgraphs/marketing/documents.ts';
import { campaignCount, makeCampaigns, type SeedCampaign } from './campaigns.ts';
import { makeShelves, type Shelf } from './catalogue.ts';
import { CUSTOMERS_PER_COMPANY, makeCompany } from './companies.ts';
import { beginConsents } from './consents.ts';
import { makePerson, makeTimeline } from './customers.ts';
import { makeMessages } from './messages.ts';
import { makeOrders } from './orders.ts';
import { planPurchases } from './purchases.ts';
import { makeMemberships, makeSegments } from './segments.ts';
import { drawFor, type World } from './world.ts';

/** The documents of a range of customers, by the collection they stand in. */
export interface ChunkDocuments {
  readonly companies: CompanyDocument[];
  readonly customers: CustomerDocument[];
  readonly timeline: TimelineEntryDocument[];
  readonly orders: OrderDocument[];
  readonly stats: OrderStatsDocument[];
  readonly campaignMembers: CampaignMemberDocument[];
  readonly segmentMemberships: SegmentMembershipDocument[];
  readonly consents: ConsentDocument[];
  readonly suppressions: SuppressionDocument[];
  readonly engagements: EngagementDocument[];
  readonly attributions: AttributionDocument[];
  readonly audienceProfiles: AudienceProfileDocument[];
  readonly orderFigures: OrderFigureDocument[];
}

/** What all customers share. */
export interface Setting {
  readonly world: World;
  readonly shelves: readonly Shelf[];
  readonly segments: readonly SegmentDocument[];
  readonly campaigns: readonly SeedCampaign[];
}

/** Takes the world and how many customers there will be; gives what they share. */
export function makeSetting(world: World, customerCount: number): Setting {
  const campaigns = makeCampaigns(world, campaignCount(customerCount));
  return { world, shelves: makeShelves(world), segments: makeSegments(world), campaigns };
}

function figuresOf({ orderCount, lastOrderAt, values: [value] }: OrderStatsDocument): OrderFigures {
  if (value === undefined) return NO_ORDERS;
  return { orderCount, lifetimeValueMinor: value.amountMinor, currency: value.currency, lastOrderAt };
}

/** An order is credited to the last campaign that touched it. */
function attributionsOf({ tenantId }: World, orders: readonly OrderDocument[]): AttributionDocument[] {
  return orders.flatMap(({ _id: orderId, touches }) => {
    const last = touches.at(-1);
    if (last === undefined) return [];
    const { campaignId, touchedAt } = last;
    return [{ _id: keyInTenant(tenantId, orderId), tenantId, orderId, campaignId, model: 'LAST_TOUCH', touchedAt }];
  });
}

function addCustomer(setting: Setting, number: number, chunk: ChunkDocuments): void {
  const { world, shelves, segments } = setting;
  const { tenantId } = world;
  const person = makePerson(world, number, drawFor(world, 'cus', number));
  const customerId = person.document._id;
  const record = beginConsents(world, person);
  const purchases = planPurchases(world, shelves, person);
  // A customer knows the campaigns that a shop of its size had, so that more customers later change nothing here.
  const campaigns = setting.campaigns.slice(0, campaignCount(number));
  const messages = makeMessages(world, { campaigns, person, record, purchases });
  const orders = makeOrders(world, person, { purchases, touches: messages.touches });
  const stats = statsOf(tenantId, customerId, orders);
  const [consents, suppressions] = [record.consents(world, person), record.suppressions(world, person)];
  const updatedAt = new Date(world.untilMs);
  const profile = makeProfile({ tenantId, customerId, orders: figuresOf(stats), consents, suppressions, updatedAt });
  chunk.customers.push(person.document);
  chunk.timeline.push(...makeTimeline(world, person));
  chunk.orders.push(...orders);
  if (orders.length > 0) chunk.stats.push(stats);
  chunk.campaignMembers.push(...messages.members);
  chunk.segmentMemberships.push(...makeMemberships(world, segments, { number, profile }));
  chunk.consents.push(...consents);
  chunk.suppressions.push(...suppressions);
  chunk.engagements.push(...messages.engagements);
  chunk.attributions.push(...attributionsOf(world, orders));
  chunk.audienceProfiles.push(profile);
  chunk.orderFigures.push(...orders.map((order) => orderFigureOf(tenantId, order._id, order)));
}

/** Takes what all share and a range of customers, `to` not included; gives all their documents. */
export function makeChunk(setting: Setting, { from, to }: { from: number; to: number }): ChunkDocuments {
  const chunk: ChunkDocuments = {
    companies: [],
    customers: [],
    timeline: [],
    orders: [],
    stats: [],
    campaignMembers: [],
    segmentMemberships: [],
    consents: [],
    suppressions: [],
    engagements: [],
    attributions: [],
    audienceProfiles: [],
    orderFigures: [],
  };
  for (let number = from; number < to; number += 1) {
    if (number % CUSTOMERS_PER_COMPANY === 0) {
      chunk.companies.push(makeCompany(setting.world, number / CUSTOMERS_PER_COMPANY).document);
    }
    addCustomer(setting, number, chunk);
  }
  return chunk;
}
