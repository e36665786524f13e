import { changeTotals, emptyTotals } from '../../subgraphs/orders/rules/rollups.ts';
import { makeChunk, makeSetting, type ChunkDocuments } from './makeChunk.ts';
import { addSums, NO_SUMS, statsOfCampaign, sumChunk, type Sums } from './sums.ts';
import { DEFAULT_UNTIL, makeWorld } from './world.ts';

const setting = makeSetting(makeWorld('main', 1, Date.parse(DEFAULT_UNTIL)), 900);
const whole = makeChunk(setting, { from: 0, to: 900 });

function sumsOf(bounds: readonly number[]): Sums {
  return bounds.slice(1).reduce((sums, to, at) => {
    const chunk: ChunkDocuments = makeChunk(setting, { from: bounds[at] ?? 0, to });
    return addSums(sums, sumChunk('main', chunk));
  }, NO_SUMS);
}

function byId<T extends { readonly _id: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((left, right) => (left._id < right._id ? -1 : 1));
}

describe('sums of ranges', () => {
  it('come to the same however the customers are split', () => {
    const [one, other] = [sumsOf([0, 900]), sumsOf([0, 300, 500, 600, 899, 900])];
    expect(byId(other.totals)).toEqual(byId(one.totals));
    expect(new Map(other.members.map((entry) => [entry.segmentId, entry.count]))).toEqual(
      new Map(one.members.map((entry) => [entry.segmentId, entry.count])),
    );
    for (const { document } of setting.campaigns) {
      expect(statsOfCampaign(other, document._id)).toEqual(statsOfCampaign(one, document._id));
    }
  });

  it('give each campaign the totals that orders makes of the same orders one by one', () => {
    const { totals } = sumsOf([0, 400, 900]);
    expect(totals.length).toBeGreaterThan(20);
    for (const { campaignId, credits, newest, orderCount } of totals) {
      const expected = whole.orders
        .filter((order) => order.campaignIds.includes(campaignId))
        .reduce((sum, order) => changeTotals(sum, undefined, order), emptyTotals('main', campaignId));
      expect({ newest, orderCount }).toEqual({ newest: expected.newest, orderCount: expected.orderCount });
      expect(new Set(credits.map((credit) => JSON.stringify(credit)))).toEqual(
        new Set(expected.credits.map((credit) => JSON.stringify(credit))),
      );
    }
  });

  it('count for each campaign the messages that stand in the engagements', () => {
    const sums = sumsOf([0, 400, 900]);
    for (const { document } of setting.campaigns) {
      const mine = whole.engagements.filter(({ campaignId }) => campaignId === document._id);
      const count = (action: string): number => mine.filter((engagement) => engagement.action === action).length;
      expect(statsOfCampaign(sums, document._id)).toEqual({
        sent: count('SENT'),
        opened: count('OPENED'),
        clicked: count('CLICKED'),
        unsubscribed: count('UNSUBSCRIBED'),
      });
    }
  });
});
