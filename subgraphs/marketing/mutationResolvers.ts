// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import type { BatchArgs } from '../kit/write/batches.ts';
import type { Load } from '../kit/read/loader.ts';
import { fieldsWith } from '../kit/write/mutationFields.ts';
import type { VersionedId } from '../kit/write/writeBatch.ts';
import type { CampaignInput, CampaignPatch, CampaignStatusInput } from './changes/campaignItems.ts';
import type { CampaignMemberInput } from './changes/campaignMembers.ts';
import type { ConsentInput } from './changes/captureConsents.ts';
import type { MarketingCommands } from './commands.ts';
import type { EngagementInput } from './changes/ingestEngagements.ts';
import type { MarketingLoaders } from './loaders.ts';
import type { MoveInput } from './changes/moveMarketing.ts';
import type { AttributionInput, AudienceProfileInput } from './changes/recordFigures.ts';
import type { MarketingContext } from './resolvers.ts';
import type { SegmentInput, SegmentPatch } from './changes/segmentItems.ts';
import type { SuppressionInput, SuppressionKey } from './changes/suppressions.ts';
import type { TemplateInput, TemplatePatch } from './changes/templateItems.ts';

const campaigns = fieldsWith('campaign', ({ campaign }: MarketingLoaders) => campaign);
const members = fieldsWith('member', ({ member }: MarketingLoaders) => member);
const segments = fieldsWith('segment', ({ segment }: MarketingLoaders) => segment);
const templates = fieldsWith('template', ({ template }: MarketingLoaders) => template);
const consents = fieldsWith('consent', ({ consent }: MarketingLoaders) => consent);
const suppressions = fieldsWith('suppression', ({ suppression }: MarketingLoaders) => suppression);
const engagements = fieldsWith('engagement', ({ engagement }: MarketingLoaders) => engagement);
/** Orders and customers are others': here they are no more than their ids. */
const reference: Load<{ id: string }> = (id) => Promise.resolve({ id });
const orders = fieldsWith<MarketingLoaders, { id: string }>('order', () => reference);
const customers = fieldsWith<MarketingLoaders, { id: string }>('customer', () => reference);

/** Takes the commands; gives the resolvers of `Mutation`. */
export function makeMarketingMutations(commands: MarketingCommands): object {
  return {
    createCampaigns: campaigns<CampaignInput>((call, args) => commands.createCampaigns(call, args, false)),
    updateCampaigns: campaigns<CampaignPatch>((call, args) => commands.updateCampaigns(call, args)),
    upsertCampaigns: campaigns<CampaignInput>((call, args) => commands.createCampaigns(call, args, true)),
    deleteCampaigns: campaigns<VersionedId>((call, args) => commands.deleteCampaigns(call, args, false)),
    restoreCampaigns: campaigns<VersionedId>((call, args) => commands.deleteCampaigns(call, args, true)),
    changeCampaignStatus: campaigns<CampaignStatusInput>((call, args) => commands.changeCampaignStatus(call, args)),
    addCampaignMembers: members<CampaignMemberInput>((call, args) => commands.addCampaignMembers(call, args)),
    removeCampaignMembers: members<CampaignMemberInput>((call, args) => commands.removeCampaignMembers(call, args)),
    createSegments: segments<SegmentInput>((call, args) => commands.createSegments(call, args, false)),
    updateSegments: segments<SegmentPatch>((call, args) => commands.updateSegments(call, args)),
    upsertSegments: segments<SegmentInput>((call, args) => commands.createSegments(call, args, true)),
    deleteSegments: segments<VersionedId>((call, args) => commands.deleteSegments(call, args, false)),
    restoreSegments: segments<VersionedId>((call, args) => commands.deleteSegments(call, args, true)),
    refreshSegments: segments<VersionedId>((call, args) => commands.refreshSegments(call, args)),
    createTemplates: templates<TemplateInput>((call, args) => commands.createTemplates(call, args, false)),
    updateTemplates: templates<TemplatePatch>((call, args) => commands.updateTemplates(call, args)),
    upsertTemplates: templates<TemplateInput>((call, args) => commands.createTemplates(call, args, true)),
    deleteTemplates: templates<VersionedId>((call, args) => commands.deleteTemplates(call, args, false)),
    restoreTemplates: templates<VersionedId>((call, args) => commands.deleteTemplates(call, args, true)),
    captureConsents: consents<ConsentInput>((call, args) => commands.captureConsents(call, args)),
    addSuppressions: suppressions<SuppressionInput>((call, args) => commands.addSuppressions(call, args)),
    liftSuppressions: suppressions<SuppressionKey>((call, args) => commands.liftSuppressions(call, args)),
    ingestEngagements: engagements<EngagementInput>((call, args) => commands.ingestEngagements(call, args)),
    recordAttributions: orders<AttributionInput>((call, args) => commands.recordAttributions(call, args)),
    upsertAudienceProfiles: customers<AudienceProfileInput>((call, args) =>
      commands.upsertAudienceProfiles(call, args),
    ),
    moveMarketing: (_: unknown, args: BatchArgs<MoveInput>, { call }: MarketingContext) =>
      commands.moveMarketing(call, args),
  };
}
