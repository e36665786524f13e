// The mutations of marketing: check, change, answer for each item. All of a batch runs in one transaction with the
// record of its idempotency key; what it read before it wrote is read inside that transaction too.
import { Batches, writeItems, type BatchArgs, type WriteBase } from '../kit/write/batches.ts';
import type { Call, WriteCall } from '../kit/call.ts';
import type { EntityDocument } from '../kit/write/entityDocument.ts';
import type { EntityKind, ItemResult, VersionedId } from '../kit/write/writeBatch.ts';
import { readByIds, wellFormed } from './changes/batchReads.ts';
import {
  campaignKind,
  campaignStatusItem,
  type CampaignInput,
  type CampaignPatch,
  type CampaignReferences,
  type CampaignStatusInput,
} from './changes/campaignItems.ts';
import { addCampaignMembers, removeCampaignMembers, type CampaignMemberInput } from './changes/campaignMembers.ts';
import { captureConsents, type ConsentInput } from './changes/captureConsents.ts';
import type { CampaignDocument, SegmentDocument, TemplateDocument } from './documents.ts';
import { campaignEvent, segmentEvent, templateEvent } from './events.ts';
import { ingestEngagements, type EngagementInput } from './changes/ingestEngagements.ts';
import type { MarketingModels } from './model.ts';
import { moveMarketing, type MoveInput, type MoveResult } from './changes/moveMarketing.ts';
import { naturalItem, naturalPatchItem } from '../kit/write/naturalItems.ts';
import { recordAttributions, upsertAudienceProfiles } from './changes/recordFigures.ts';
import type { AttributionInput, AudienceProfileInput } from './changes/recordFigures.ts';
import { refreshSegments } from './changes/refreshSegments.ts';
import { SEGMENT_KIND, type SegmentInput, type SegmentPatch } from './changes/segmentItems.ts';
import {
  addSuppressions,
  liftSuppressions,
  type SuppressionInput,
  type SuppressionKey,
} from './changes/suppressions.ts';
import { TEMPLATE_KIND, type TemplateInput, type TemplatePatch } from './changes/templateItems.ts';

interface Kinds<D extends EntityDocument> {
  readonly byKey: EntityKind<D>;
  readonly byId: EntityKind<D>;
}

function kindsOf<D extends EntityDocument & { externalKey: string }>(
  model: EntityKind<D>['model'],
  prefix: EntityKind<D>['prefix'],
  eventOf: EntityKind<D>['eventOf'],
): Kinds<D> {
  const byId: EntityKind<D> = { model, prefix, keyField: '_id', index: '_id_', eventOf };
  return { byId, byKey: { ...byId, keyField: 'externalKey', index: 'externalKey' } };
}

/** The writes of the marketing subgraph. Every method gives one result an item, in the items' order. */
export class MarketingCommands {
  readonly #batches: Batches;
  readonly #models: MarketingModels;
  readonly #campaigns: Kinds<CampaignDocument>;
  readonly #segments: Kinds<SegmentDocument>;
  readonly #templates: Kinds<TemplateDocument>;

  constructor(base: WriteBase, models: MarketingModels) {
    this.#batches = new Batches(base);
    this.#models = models;
    this.#campaigns = kindsOf(models.campaigns, 'cmp', campaignEvent);
    this.#segments = kindsOf(models.segments, 'seg', segmentEvent);
    this.#templates = kindsOf(models.templates, 'tpl', templateEvent);
  }

  /** Creates campaigns, or creates and updates them by (source, externalId). */
  createCampaigns(call: Call, args: BatchArgs<CampaignInput>, isUpsert: boolean): Promise<ItemResult[]> {
    return this.#batches.run(call, isUpsert ? 'upsertCampaigns' : 'createCampaigns', args, async (write) => {
      const kind = campaignKind(await this.#readReferences(write, args.input));
      const items = args.input.map((input, at) => naturalItem(kind, input, { at, isUpsert }));
      return writeItems(this.#campaigns.byKey, write, items);
    });
  }

  /** Changes campaigns by id and version. */
  updateCampaigns(call: Call, args: BatchArgs<CampaignPatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateCampaigns', args, async (write) => {
      const kind = campaignKind(await this.#readReferences(write, args.input));
      const items = args.input.map((patch) => naturalPatchItem(kind, patch));
      return writeItems(this.#campaigns.byId, write, items);
    });
  }

  /** Takes campaigns a step further in their lives. */
  changeCampaignStatus(call: Call, args: BatchArgs<CampaignStatusInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'changeCampaignStatus', args, (write) => {
      const items = args.input.map((step) => campaignStatusItem(step, write.now));
      return writeItems(this.#campaigns.byId, write, items);
    });
  }

  /** Deletes campaigns softly, or brings them back. */
  deleteCampaigns(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#campaigns.byId, { entities: 'Campaigns', isRestore }, args);
  }

  /** Adds customers to those a campaign goes to. */
  addCampaignMembers(call: Call, args: BatchArgs<CampaignMemberInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'addCampaignMembers', args, (write) =>
      addCampaignMembers(this.#models, write, args.input),
    );
  }

  /** Takes customers out of those a campaign goes to. */
  removeCampaignMembers(call: Call, args: BatchArgs<CampaignMemberInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'removeCampaignMembers', args, (write) =>
      removeCampaignMembers(this.#models, write, args.input),
    );
  }

  /** Creates segments, or creates and updates them by (source, externalId). */
  createSegments(call: Call, args: BatchArgs<SegmentInput>, isUpsert: boolean): Promise<ItemResult[]> {
    return this.#batches.run(call, isUpsert ? 'upsertSegments' : 'createSegments', args, (write) => {
      const items = args.input.map((input, at) => naturalItem(SEGMENT_KIND, input, { at, isUpsert }));
      return writeItems(this.#segments.byKey, write, items);
    });
  }

  /** Changes segments by id and version. */
  updateSegments(call: Call, args: BatchArgs<SegmentPatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateSegments', args, (write) => {
      const items = args.input.map((patch) => naturalPatchItem(SEGMENT_KIND, patch));
      return writeItems(this.#segments.byId, write, items);
    });
  }

  /** Deletes segments softly, or brings them back. */
  deleteSegments(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#segments.byId, { entities: 'Segments', isRestore }, args);
  }

  /** Works out anew who belongs to segments. */
  refreshSegments(call: Call, args: BatchArgs<VersionedId>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'refreshSegments', args, (write) =>
      refreshSegments(this.#models, write, args.input),
    );
  }

  /** Creates templates, or creates and updates them by (source, externalId). */
  createTemplates(call: Call, args: BatchArgs<TemplateInput>, isUpsert: boolean): Promise<ItemResult[]> {
    return this.#batches.run(call, isUpsert ? 'upsertTemplates' : 'createTemplates', args, (write) => {
      const items = args.input.map((input, at) => naturalItem(TEMPLATE_KIND, input, { at, isUpsert }));
      return writeItems(this.#templates.byKey, write, items);
    });
  }

  /** Changes templates by id and version. */
  updateTemplates(call: Call, args: BatchArgs<TemplatePatch>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'updateTemplates', args, (write) => {
      const items = args.input.map((patch) => naturalPatchItem(TEMPLATE_KIND, patch));
      return writeItems(this.#templates.byId, write, items);
    });
  }

  /** Deletes templates softly, or brings them back. */
  deleteTemplates(call: Call, args: BatchArgs<VersionedId>, isRestore: boolean): Promise<ItemResult[]> {
    return this.#batches.softDelete(call, this.#templates.byId, { entities: 'Templates', isRestore }, args);
  }

  /** Adds statements to the record of consent. */
  captureConsents(call: Call, args: BatchArgs<ConsentInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'captureConsents', args, (write) =>
      captureConsents(this.#models, write, args.input),
    );
  }

  /** Suppresses channels of customers. */
  addSuppressions(call: Call, args: BatchArgs<SuppressionInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'addSuppressions', args, (write) =>
      addSuppressions(this.#models, write, args.input),
    );
  }

  /** Lifts suppressions. */
  liftSuppressions(call: Call, args: BatchArgs<SuppressionKey>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'liftSuppressions', args, (write) =>
      liftSuppressions(this.#models, write, args.input),
    );
  }

  /** Takes in what sending services report. */
  ingestEngagements(call: Call, args: BatchArgs<EngagementInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'ingestEngagements', args, (write) =>
      ingestEngagements(this.#models, write, args.input),
    );
  }

  /** Sets which campaigns orders are credited to. */
  recordAttributions(call: Call, args: BatchArgs<AttributionInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'recordAttributions', args, (write) =>
      recordAttributions(this.#models, write, args.input),
    );
  }

  /** Sets what segments know of customers' orders. */
  upsertAudienceProfiles(call: Call, args: BatchArgs<AudienceProfileInput>): Promise<ItemResult[]> {
    return this.#batches.run(call, 'upsertAudienceProfiles', args, (write) =>
      upsertAudienceProfiles(this.#models, write, args.input),
    );
  }

  /** Makes what duplicates have that of their keepers. */
  moveMarketing(call: Call, args: BatchArgs<MoveInput>): Promise<MoveResult[]> {
    return this.#batches.run(call, 'moveMarketing', args, (write) => moveMarketing(this.#models, write, args.input));
  }

  async #readReferences(
    write: WriteCall,
    input: readonly { segmentId?: string | null; templateId?: string | null }[],
  ): Promise<CampaignReferences> {
    const segmentIds = input.map(({ segmentId }) => segmentId);
    const templateIds = input.map(({ templateId }) => templateId);
    const segments = await readByIds(this.#models.segments, write, wellFormed('seg', segmentIds));
    const templates = await readByIds(this.#models.templates, write, wellFormed('tpl', templateIds));
    const standing = templates.filter(({ deletedAt }) => deletedAt === null);
    return {
      segmentIds: new Set(segments.filter(({ deletedAt }) => deletedAt === null).map(({ _id }) => _id)),
      templateChannels: new Map(standing.map(({ _id, channel }) => [_id, channel])),
    };
  }
}
