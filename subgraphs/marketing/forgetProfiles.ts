// The profiles of forgotten customers: emptied and marked, and made where there were none. Orders stay, and go on telling
// of their changes: without the mark the next one would make profile, figures and memberships anew. It is the first that
// is walked, and it is the document that every change of figures writes, so that none passes the mark by unseen.
import type { PersonalCollection } from '../kit/dataSubject/personalCollection.ts';
import { PAGE_MAX } from '../kit/dataSubject/personalCollection.ts';
import { bulkWrite, readByIds } from './changes/batchReads.ts';
import type { MarketingModels } from './model.ts';
import { keyInTenant, NO_ORDERS } from './rules/audienceProfile.ts';

/** Takes the collections of marketing; gives the profiles for walking. */
export function personalProfiles({ audienceProfiles }: MarketingModels): PersonalCollection {
  return {
    name: 'audience_profiles',
    async readPage(write, customerIds, after) {
      const { tenantId, now } = write;
      const ids = customerIds.toSorted().filter((id) => after === undefined || id > after);
      const page = ids.slice(0, PAGE_MAX);
      const keys = page.map((id) => keyInTenant(tenantId, id));
      const stored = await readByIds(audienceProfiles, write, keys);
      const profiles = stored.filter(({ forgottenAt }) => forgottenAt == null);
      const empty = { ...NO_ORDERS, consentedChannels: [], stated: null, updatedAt: now, forgottenAt: now };
      return {
        count: profiles.length,
        next: ids.length > PAGE_MAX ? page.at(-1) : undefined,
        copies: () => profiles.map(({ ...copy }) => ({ ...copy, tenantId: undefined })),
        forget: () =>
          bulkWrite(
            audienceProfiles,
            write,
            page.map((customerId) => ({
              updateOne: {
                filter: { _id: keyInTenant(tenantId, customerId) },
                update: { $set: empty, $setOnInsert: { tenantId, customerId } },
                upsert: true,
              },
            })),
          ),
      };
    },
  };
}
