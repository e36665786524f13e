// Taking in what sending services report. A known uniqueId is taken once, also within one batch; the statistics of each
// campaign rise in the same transaction, by one update a campaign.
import { isIdOf } from '../../../contracts/entityId.ts';
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { checkMoment, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { inList } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import type { ItemResult } from '../../kit/write/writeBatch.ts';
import { bulkWrite, readByIds, readOptions, resultOf, wellFormed } from './batchReads.ts';
import type { CampaignStats, Channel, EngagementDocument } from '../documents.ts';
import { engagementEvent } from '../eventsOfCustomers.ts';
import { countStats, ENGAGEMENT_KINDS, type ActionField } from '../rules/engagementKinds.ts';
import type { MarketingModels } from '../model.ts';
import { FORGOTTEN, readForgotten } from './readForgotten.ts';

/** What a sending service reports: exactly the action of its channel is given. */
export interface EngagementInput extends Readonly<Partial<Record<ActionField, string | null>>> {
  readonly uniqueId: string;
  readonly customerId: string;
  readonly campaignId?: string | null;
  readonly channel: Channel;
  readonly occurredAt: Date;
}

const UNIQUE_ID_LENGTH_MAX = 200;
const PATH_LENGTH_MAX = 2_000;
const ACTION_FIELDS = Object.values(ENGAGEMENT_KINDS).map(({ actionField }) => actionField);

/** Gives the action of an engagement, or undefined unless it is the one of its channel alone. */
export function actionOf(item: EngagementInput): string | undefined {
  const given = ACTION_FIELDS.filter((field) => item[field] != null);
  const { actionField } = ENGAGEMENT_KINDS[item.channel];
  return given.length === 1 && given[0] === actionField ? (item[actionField] ?? undefined) : undefined;
}

function check(item: EngagementInput, campaignIds: ReadonlySet<string>): Fault {
  const { uniqueId, customerId, campaignId, channel, occurredAt } = item;
  return firstFault(
    checkText('uniqueId', uniqueId, UNIQUE_ID_LENGTH_MAX),
    isIdOf('cus', customerId) ? undefined : 'customerId is not the id of a customer.',
    campaignId == null || campaignIds.has(campaignId) ? undefined : 'There is no such campaign.',
    checkMoment('occurredAt', occurredAt),
    actionOf(item) === undefined
      ? `${channel} takes ${ENGAGEMENT_KINDS[channel].actionField} and no other.`
      : undefined,
    channel === 'WEB' ? checkText('pagePath', item.pagePath, PATH_LENGTH_MAX) : undefined,
  );
}

async function readKnown(models: MarketingModels, write: WriteCall, input: readonly EngagementInput[]) {
  const uniqueIds = [...new Set(input.map(({ uniqueId }) => uniqueId))];
  const filter = { tenantId: write.tenantId, uniqueId: inList(uniqueIds) };
  const stored = await models.engagements
    .find(filter, { uniqueId: 1 }, readOptions(write, 'uniqueId', uniqueIds.length))
    .lean();
  const campaignIds = wellFormed(
    'cmp',
    input.map(({ campaignId }) => campaignId),
  );
  const campaigns = await readByIds(models.campaigns, write, campaignIds);
  return {
    idByUniqueId: new Map(stored.map(({ uniqueId, _id }) => [uniqueId, _id])),
    campaignIds: new Set(campaigns.map(({ _id }) => _id)),
  };
}

function increment([campaignId, stats]: [string, CampaignStats], tenantId: string): object {
  const raised = Object.entries(stats).filter(([, by]) => by > 0);
  const $inc = Object.fromEntries(raised.map(([counter, by]) => [`stats.${counter}`, by]));
  return { updateOne: { filter: { _id: campaignId, tenantId }, update: { $inc } } };
}

/** Takes the models, the write call and the engagements; gives CREATED, UNCHANGED or INVALID for each. */
export async function ingestEngagements(
  models: MarketingModels,
  write: WriteCall,
  input: readonly EngagementInput[],
): Promise<ItemResult[]> {
  const { idByUniqueId, campaignIds } = await readKnown(models, write, input);
  const forgotten = await readForgotten(models, write, input);
  const added: EngagementDocument[] = [];
  const results = input.map((item) => {
    const fault = check(item, campaignIds);
    if (fault !== undefined) return resultOf('INVALID', null, fault);
    const { uniqueId, customerId, campaignId = null, channel, occurredAt } = item;
    const known = idByUniqueId.get(uniqueId);
    if (known !== undefined) return resultOf('UNCHANGED', known);
    if (forgotten.has(customerId)) return resultOf('INVALID', null, FORGOTTEN);
    const _id = `eng_${drawId()}`;
    const action = actionOf(item) ?? '';
    added.push({ _id, tenantId: write.tenantId, uniqueId, customerId, campaignId, channel, occurredAt, action });
    idByUniqueId.set(uniqueId, _id);
    return resultOf('CREATED', _id);
  });
  await bulkWrite(
    models.engagements,
    write,
    added.map((document) => ({ insertOne: { document } })),
  );
  const raises = [...countStats(added)].map((raise) => increment(raise, write.tenantId));
  await bulkWrite(models.campaigns, write, raises);
  await emitEvents(write, added.map(engagementEvent));
  return results;
}
