// Brings campaigns, their order totals and segments in step with the customers that are stored. Leaves versions alone:
// what is counted is no change of a campaign.
import type { Stores } from './stores.ts';
import { readSums, recordSummed } from './progress.ts';
import { statsOfCampaign } from '../make/sums.ts';
import type { Setting } from '../make/makeChunk.ts';

/** Takes the stores and what all customers share; writes the sums of everything that is stored. */
export async function writeSums(stores: Stores, { world, campaigns, segments }: Setting): Promise<void> {
  const { sums, summedCount } = await readSums(stores, world);
  const { tenantId } = world;
  const setOf = (_id: string, fields: object) => ({
    updateOne: { filter: { _id, tenantId }, update: { $set: fields } },
  });
  const campaignWrites = campaigns.map(({ document: { _id } }) => setOf(_id, { stats: statsOfCampaign(sums, _id) }));
  const totalsWrites = sums.totals.map((totals) => ({
    replaceOne: { filter: { _id: totals._id }, replacement: totals, upsert: true },
  }));
  const segmentWrites = segments.map(({ _id }) => {
    const memberCount = sums.members.find(({ segmentId }) => segmentId === _id)?.count ?? 0;
    return setOf(_id, { memberCount });
  });
  await stores.marketing.campaigns.collection.bulkWrite(campaignWrites as never);
  await stores.marketing.segments.collection.bulkWrite(segmentWrites as never);
  if (totalsWrites.length > 0) await stores.orders.totals.collection.bulkWrite(totalsWrites as never);
  await recordSummed(stores, world, summedCount);
}
