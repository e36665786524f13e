// Who was forgotten: nothing that names them is taken in again, whoever sends it.
import type { WriteCall } from '../../kit/call.ts';
import type { MarketingModels } from '../model.ts';
import { keyInTenant } from '../rules/audienceProfile.ts';
import { readByIds, wellFormed } from './batchReads.ts';

/** What an item is refused with. */
export const FORGOTTEN = 'This customer was forgotten.';

/** Takes the customers that items name; gives those who were forgotten. */
export async function readForgotten(
  { audienceProfiles }: MarketingModels,
  write: WriteCall,
  named: readonly { readonly customerId: string }[],
): Promise<ReadonlySet<string>> {
  const ids = wellFormed(
    'cus',
    named.map(({ customerId }) => customerId),
  );
  const keys = ids.map((id) => keyInTenant(write.tenantId, id));
  const profiles = await readByIds(audienceProfiles, write, keys);
  const forgotten = profiles.filter(({ forgottenAt }) => forgottenAt != null);
  return new Set(forgotten.map(({ customerId }) => customerId));
}
