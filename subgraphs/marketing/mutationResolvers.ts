// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import type { Call } from '../kit/call.ts';
import type { Load } from '../kit/loader.ts';
import type { ItemResult, VersionedId } from '../kit/writeBatch.ts';
import type { CampaignInput, CampaignPatch, CampaignStatusInput } from './campaignItems.ts';
import type { CampaignMemberInput } from './campaignMembers.ts';
import type { ConsentInput } from './captureConsents.ts';
import type { BatchArgs, MarketingCommands } from './commands.ts';
import type { EngagementInput } from './ingestEngagements.ts';
import type { MarketingLoaders } from './loaders.ts';
import type { MoveInput } from './moveMarketing.ts';
import type { AttributionInput, AudienceProfileInput } from './recordFigures.ts';
import type { MarketingContext } from './resolvers.ts';
import type { SegmentInput, SegmentPatch } from './segmentItems.ts';
import type { SuppressionInput, SuppressionKey } from './suppressions.ts';
import type { TemplateInput, TemplatePatch } from './templateItems.ts';

type Field<A> = (_: unknown, args: A, context: MarketingContext) => Promise<unknown>;
type Run<I> = (call: Call, args: BatchArgs<I>) => Promise<ItemResult[]>;

/** Gives, for one name in payloads and its loader, what makes a command a field. */
function fieldsWith<D>(name: string, loadOf: (loaders: MarketingLoaders) => Load<D>) {
  return <I>(run: Run<I>): Field<BatchArgs<I>> =>
    async (_, args, { call, loaders }) =>
      (await run(call, args)).map(({ id, ...told }) => ({
        ...told,
        [name]: () => (id === null ? null : loadOf(loaders)(id)),
      }));
}

const campaigns = fieldsWith('campaign', ({ campaign }) => campaign);
const members = fieldsWith('member', ({ member }) => member);
const segments = fieldsWith('segment', ({ segment }) => segment);
const templates = fieldsWith('template', ({ template }) => template);
const consents = fieldsWith('consent', ({ consent }) => consent);
const suppressions = fieldsWith('suppression', ({ suppression }) => suppression);
const engagements = fieldsWith('engagement', ({ engagement }) => engagement);
/** Orders and customers are others': here they are no more than their ids. */
const byReference = (): Load<{ id: string }> => (id) => Promise.resolve({ id });
const orders = fieldsWith('order', byReference);
const customers = fieldsWith('customer', byReference);

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
