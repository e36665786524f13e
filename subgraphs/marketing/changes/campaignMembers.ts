// Who a campaign goes to: adding and removing customers, a batch with four reads and one write.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { inList } from '../../kit/read/operators.ts';
import type { NewEvent } from '../../kit/events/eventType.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { ItemResult } from '../../kit/write/writeBatch.ts';
import { bulkWrite, readByIds, readOptions, resultOf, wellFormed } from './batchReads.ts';
import type { CampaignDocument, CampaignMemberDocument } from '../documents.ts';
import { memberEvent } from '../eventsOfCustomers.ts';
import type { MarketingModels } from '../model.ts';
import { FORGOTTEN, readForgotten } from './readForgotten.ts';

/** A customer of a campaign. */
export interface CampaignMemberInput {
  readonly campaignId: string;
  readonly customerId: string;
}

const ENDED: ReadonlySet<string> = new Set(['COMPLETED', 'CANCELLED']);

interface Known {
  readonly campaigns: ReadonlyMap<string, CampaignDocument>;
  readonly members: Map<string, CampaignMemberDocument>;
}

function pairOf({ campaignId, customerId }: CampaignMemberInput): string {
  return `${campaignId}:${customerId}`;
}

async function readKnown(
  models: MarketingModels,
  write: WriteCall,
  input: readonly CampaignMemberInput[],
): Promise<Known> {
  const campaignIds = wellFormed(
    'cmp',
    input.map(({ campaignId }) => campaignId),
  );
  const customerIds = wellFormed(
    'cus',
    input.map(({ customerId }) => customerId),
  );
  const { tenantId } = write;
  const campaigns = await readByIds(models.campaigns, write, campaignIds);
  const filter = { tenantId, campaignId: inList(campaignIds), customerId: inList(customerIds) };
  const pairsMax = campaignIds.length * customerIds.length + 1;
  const members = await models.campaignMembers.find(filter, undefined, readOptions(write, 'byPair', pairsMax)).lean();
  return {
    campaigns: new Map(campaigns.map((campaign) => [campaign._id, campaign])),
    members: new Map(members.map((member) => [pairOf(member), member])),
  };
}

/** Gives why an item cannot be, or undefined. */
function refusal(item: CampaignMemberInput, { campaigns }: Known): ItemResult | undefined {
  if (!isIdOf('cmp', item.campaignId) || !isIdOf('cus', item.customerId)) {
    return resultOf('INVALID', null, 'campaignId or customerId is not an id of its type.');
  }
  const campaign = campaigns.get(item.campaignId);
  if (campaign?.deletedAt === null) return undefined;
  return resultOf('NOT_FOUND', null, 'There is no such campaign.');
}

/** Takes the models, the write call and who is added; gives CREATED, UNCHANGED, INVALID or NOT_FOUND for each. */
export async function addCampaignMembers(
  models: MarketingModels,
  write: WriteCall,
  input: readonly CampaignMemberInput[],
): Promise<ItemResult[]> {
  const known = await readKnown(models, write, input);
  const forgotten = await readForgotten(models, write, input);
  const { tenantId, now, actor } = write;
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map((item) => {
    const refused = refusal(item, known);
    if (refused !== undefined) return refused;
    const member = known.members.get(pairOf(item));
    if (member !== undefined) return resultOf('UNCHANGED', member._id);
    const { campaignId, customerId } = item;
    if (forgotten.has(customerId)) return resultOf('INVALID', null, FORGOTTEN);
    const status = known.campaigns.get(campaignId)?.status ?? '';
    if (ENDED.has(status)) return resultOf('INVALID', null, `A campaign that is ${status} takes no members.`);
    const document = { _id: `cmm_${drawId()}`, tenantId, campaignId, customerId, addedAt: now, addedBy: actor };
    known.members.set(pairOf(item), document);
    operations.push({ insertOne: { document } });
    events.push(memberEvent('added', document));
    return resultOf('CREATED', document._id);
  });
  await bulkWrite(models.campaignMembers, write, operations);
  await emitEvents(write, events);
  return results;
}

/** Takes the models, the write call and who is removed; gives UPDATED, INVALID or NOT_FOUND for each. */
export async function removeCampaignMembers(
  models: MarketingModels,
  write: WriteCall,
  input: readonly CampaignMemberInput[],
): Promise<ItemResult[]> {
  const known = await readKnown(models, write, input);
  const operations: object[] = [];
  const events: NewEvent[] = [];
  const results = input.map((item) => {
    const refused = refusal(item, known);
    if (refused !== undefined) return refused;
    const member = known.members.get(pairOf(item));
    if (member === undefined) return resultOf('NOT_FOUND', null, 'The campaign does not go to this customer.');
    known.members.delete(pairOf(item));
    operations.push({ deleteOne: { filter: { _id: member._id, tenantId: write.tenantId } } });
    events.push(memberEvent('removed', member));
    return resultOf('UPDATED');
  });
  await bulkWrite(models.campaignMembers, write, operations);
  await emitEvents(write, events);
  return results;
}
