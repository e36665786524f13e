// What a range of customers adds to what stands once for all: statistics and order totals of campaigns, members of
// segments. Ranges are summed alone and then added up, so that a repeated seed needs no document of the ranges it skips.
import type { CampaignCredit, CampaignTotalsDocument, OrderDocument } from '../../subgraphs/orders/model.ts';
import { changeTotals, emptyTotals, NEWEST_MAX } from '../../subgraphs/orders/rules/rollups.ts';
import type { CampaignStats } from '../../subgraphs/marketing/documents.ts';
import { countStats, NO_STATS } from '../../subgraphs/marketing/rules/engagementKinds.ts';
import type { ChunkDocuments } from './makeChunk.ts';

/** What customers add to campaigns and segments; lists have one entry for each campaign or segment. */
export interface Sums {
  readonly stats: readonly { readonly campaignId: string; readonly stats: CampaignStats }[];
  readonly totals: readonly CampaignTotalsDocument[];
  readonly members: readonly { readonly segmentId: string; readonly count: number }[];
}

/** The sums of no customers. */
export const NO_SUMS: Sums = { stats: [], totals: [], members: [] };

/** Most orders first, as rollups.ts has them; the model last, so that the order of adding up leaves no trace. */
function sortCredits(credits: Iterable<CampaignCredit>): CampaignCredit[] {
  return [...credits].sort(
    (left, right) =>
      right.orderCount - left.orderCount ||
      compareTexts(left.currency, right.currency) ||
      compareTexts(left.model, right.model),
  );
}

function compareTexts(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function totalsOf(tenantId: string, orders: readonly OrderDocument[]): CampaignTotalsDocument[] {
  const byCampaign = new Map<string, CampaignTotalsDocument>();
  for (const order of orders) {
    for (const campaignId of order.campaignIds) {
      const totals = byCampaign.get(campaignId) ?? emptyTotals(tenantId, campaignId);
      byCampaign.set(campaignId, changeTotals(totals, undefined, order));
    }
  }
  return Array.from(byCampaign.values(), (totals) => ({ ...totals, credits: sortCredits(totals.credits) }));
}

/** Takes the tenant and the documents of a range; gives its sums. */
export function sumChunk(tenantId: string, chunk: ChunkDocuments): Sums {
  const members = new Map<string, number>();
  for (const { segmentId } of chunk.segmentMemberships) members.set(segmentId, (members.get(segmentId) ?? 0) + 1);
  return {
    stats: Array.from(countStats(chunk.engagements), ([campaignId, stats]) => ({ campaignId, stats })),
    totals: totalsOf(tenantId, chunk.orders),
    members: Array.from(members, ([segmentId, count]) => ({ segmentId, count })),
  };
}

function addStats(left: CampaignStats, right: CampaignStats): CampaignStats {
  return {
    sent: left.sent + right.sent,
    opened: left.opened + right.opened,
    clicked: left.clicked + right.clicked,
    unsubscribed: left.unsubscribed + right.unsubscribed,
  };
}

function addCredits(left: readonly CampaignCredit[], right: readonly CampaignCredit[]): CampaignCredit[] {
  const byKey = new Map<string, CampaignCredit>();
  for (const credit of [...left, ...right]) {
    const { model, currency, amountMinor, orderCount } = credit;
    const known = byKey.get(`${model} ${currency}`) ?? { model, currency, amountMinor: 0, orderCount: 0 };
    byKey.set(`${model} ${currency}`, {
      ...known,
      amountMinor: known.amountMinor + amountMinor,
      orderCount: known.orderCount + orderCount,
    });
  }
  return sortCredits(byKey.values());
}

function addTotals(left: CampaignTotalsDocument, right: CampaignTotalsDocument): CampaignTotalsDocument {
  const newest = [...left.newest, ...right.newest].sort(
    (one, other) => other.placedAt.getTime() - one.placedAt.getTime() || (one.orderId < other.orderId ? 1 : -1),
  );
  return {
    ...left,
    orderCount: left.orderCount + right.orderCount,
    credits: addCredits(left.credits, right.credits),
    newest: newest.slice(0, NEWEST_MAX),
  };
}

function addBy<T>(all: readonly T[], keyOf: (entry: T) => string, add: (left: T, right: T) => T): T[] {
  const byKey = new Map<string, T>();
  for (const entry of all) {
    const known = byKey.get(keyOf(entry));
    byKey.set(keyOf(entry), known === undefined ? entry : add(known, entry));
  }
  return [...byKey.values()];
}

/** Takes the sums of two ranges; gives those of both. */
export function addSums(left: Sums, right: Sums): Sums {
  return {
    stats: addBy(
      [...left.stats, ...right.stats],
      ({ campaignId }) => campaignId,
      (one, other) => ({ campaignId: one.campaignId, stats: addStats(one.stats, other.stats) }),
    ),
    totals: addBy([...left.totals, ...right.totals], ({ campaignId }) => campaignId, addTotals),
    members: addBy(
      [...left.members, ...right.members],
      ({ segmentId }) => segmentId,
      (one, other) => ({ segmentId: one.segmentId, count: one.count + other.count }),
    ),
  };
}

/** Takes sums and a campaign; gives its statistics. */
export function statsOfCampaign(sums: Sums, campaignId: string): CampaignStats {
  return sums.stats.find((entry) => entry.campaignId === campaignId)?.stats ?? NO_STATS;
}
