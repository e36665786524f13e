// Makes what marketing has of a merged duplicate its keeper's: what the mutation `moveMarketing` does, and the orders
// behind the profile.
import type { WriteCall } from '../../kit/call.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import { losersOf, MERGED, MERGER } from '../../kit/follow/readMerger.ts';
import { timeLeftMs } from '../../kit/read/mongo.ts';
import { bulkWrite, readByIds } from '../changes/batchReads.ts';
import { moveMarketing, type MoveInput } from '../changes/moveMarketing.ts';
import type { StatedFigures } from '../documents.ts';
import type { MarketingModels } from '../model.ts';
import { addFigures, keyInTenant } from '../rules/audienceProfile.ts';
import { keepMemberships } from './keepMemberships.ts';
import { keepProfiles } from './keepProfiles.ts';
import { stateOldFigures } from './stateOldFigures.ts';

/** Gives what was stated of both together. */
function joinStated(
  keeper: StatedFigures | null | undefined,
  loser: StatedFigures | null | undefined,
): StatedFigures | undefined {
  if (keeper == null || loser == null) return keeper ?? loser ?? undefined;
  const by = keeper.by ?? loser.by;
  const at = keeper.at > loser.at ? keeper.at : loser.at;
  return { ...addFigures(keeper, loser), at, ...(by !== undefined && { by }) };
}

async function moveOne(models: MarketingModels, write: WriteCall, move: MoveInput): Promise<void> {
  const { tenantId, session, callId: comment } = write;
  const { fromCustomerId, toCustomerId } = move;
  const ids = [toCustomerId, fromCustomerId].map((id) => keyInTenant(tenantId, id));
  const before = await readByIds(models.audienceProfiles, write, ids);
  // Nothing is left of who was forgotten, and nothing comes to them.
  if (before.some(({ forgottenAt }) => forgottenAt != null)) return;
  await stateOldFigures(models, write, before);
  const profiles = new Map((await readByIds(models.audienceProfiles, write, ids)).map((one) => [one.customerId, one]));
  const stated = joinStated(profiles.get(toCustomerId)?.stated, profiles.get(fromCustomerId)?.stated);
  await moveMarketing(models, write, [move]);
  const filter = { _id: keyInTenant(tenantId, toCustomerId) };
  if (stated !== undefined) {
    await bulkWrite(models.audienceProfiles, write, [{ updateOne: { filter, update: { $set: { stated } } } }]);
  }
  await models.orderFigures.updateMany(
    { tenantId, customerId: fromCustomerId },
    { $set: { customerId: toCustomerId } },
    { session, comment, hint: 'byCustomer', maxTimeMS: timeLeftMs(write) },
  );
  await keepProfiles(models, write, [toCustomerId]);
  // Its channels may be other although its figures are not.
  await keepMemberships(models, write, await readByIds(models.audienceProfiles, write, [filter._id]));
}

/** Takes the collections of marketing; gives the follower. */
export function mergedCustomers(models: MarketingModels): Follower {
  return {
    name: 'marketing.mergedCustomers',
    entities: ['Customer'],
    types: { [MERGED]: MERGER },
    async apply(write, events) {
      for (const event of events) {
        for (const fromCustomerId of losersOf(event))
          await moveOne(models, write, { fromCustomerId, toCustomerId: event.subject });
      }
      return [];
    },
  };
}
