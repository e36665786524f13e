// Who belongs to which segment, kept in step with profiles as they change. A segment that was never worked out has no
// members yet: its first refresh finds them all, and from then on changes are followed here.
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { inList, noneOf } from '../../kit/read/operators.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { bulkWrite, readByIds, readOptions } from '../changes/batchReads.ts';
import type { SegmentDocument, SegmentMembershipDocument } from '../documents.ts';
import { membershipEvents } from '../eventsOfCustomers.ts';
import type { MarketingModels } from '../model.ts';
import { selects, type JudgedProfile } from '../rules/selects.ts';

/** More segments than these are brought in step by their refresh alone. */
const SEGMENTS_MAX = 1_000;

type Profile = JudgedProfile & { readonly customerId: string };

interface MemberChange {
  readonly segment: SegmentDocument;
  readonly joined: readonly string[];
  readonly left: readonly SegmentMembershipDocument[];
}

function changeOf(
  segment: SegmentDocument,
  profiles: readonly Profile[],
  members: ReadonlyMap<string, SegmentMembershipDocument>,
): MemberChange {
  const memberOf = ({ customerId }: Profile) => members.get(`${segment._id} ${customerId}`);
  const [selected, others] = [true, false].map((is) =>
    profiles.filter((profile) => selects(segment.rule, profile) === is),
  );
  return {
    segment,
    joined: (selected ?? []).filter((one) => memberOf(one) === undefined).map(({ customerId }) => customerId),
    left: (others ?? []).flatMap((one) => memberOf(one) ?? []),
  };
}

async function writeChanges(
  models: MarketingModels,
  write: WriteCall,
  changes: readonly MemberChange[],
): Promise<void> {
  const { tenantId, now } = write;
  const memberships = changes.flatMap(({ segment, joined, left }) => [
    ...left.map(({ _id }) => ({ deleteOne: { filter: { _id, tenantId } } })),
    ...joined.map((customerId) => ({
      insertOne: { document: { _id: `sgm_${drawId()}`, tenantId, segmentId: segment._id, customerId, since: now } },
    })),
  ]);
  await bulkWrite(models.segmentMemberships, write, memberships);
  // The count changes with each batch and leaves the version alone, as the statistics of campaigns do.
  const counts = changes.map(({ segment, joined, left }) => ({
    updateOne: {
      filter: { _id: segment._id, tenantId },
      update: { $inc: { memberCount: joined.length - left.length } },
    },
  }));
  await bulkWrite(models.segments, write, counts);
  await emitEvents(
    write,
    changes.flatMap(({ segment, joined, left }) =>
      membershipEvents({
        segmentId: segment._id,
        segmentVersion: segment.version,
        joined,
        left: left.map(({ customerId }) => customerId),
        drawMembershipId: () => `sgm_${drawId()}`,
      }),
    ),
  );
}

/** Takes memberships; ends them, as that of a customer whom the rule does not select any more. */
export async function leaveSegments(
  models: MarketingModels,
  write: WriteCall,
  memberships: readonly SegmentMembershipDocument[],
): Promise<void> {
  const leaving = Map.groupBy(memberships, ({ segmentId }) => segmentId);
  const segments = await readByIds(models.segments, write, [...leaving.keys()]);
  await writeChanges(
    models,
    write,
    segments.map((segment) => ({ segment, joined: [], left: leaving.get(segment._id) ?? [] })),
  );
}

/** Takes the models, the write call and profiles as they are now; brings the memberships of their customers in step. */
export async function keepMemberships(
  models: MarketingModels,
  write: WriteCall,
  profiles: readonly Profile[],
): Promise<void> {
  if (profiles.length === 0) return;
  const { tenantId } = write;
  const worked = { tenantId, deletedAt: null, ...noneOf([{ refreshedAt: null }]) };
  const segments = await models.segments
    .find(worked, undefined, readOptions(write, 'byCreatedAt', SEGMENTS_MAX))
    .lean<SegmentDocument[]>();
  if (segments.length === 0) return;
  const ofCustomers = { tenantId, customerId: inList(profiles.map(({ customerId }) => customerId)) };
  const found = await models.segmentMemberships
    .find(ofCustomers, undefined, readOptions(write, 'byCustomer', profiles.length * SEGMENTS_MAX))
    .lean<SegmentMembershipDocument[]>();
  const members = new Map(found.map((one) => [`${one.segmentId} ${one.customerId}`, one]));
  const changes = segments
    .map((segment) => changeOf(segment, profiles, members))
    .filter(({ joined, left }) => joined.length + left.length > 0);
  if (changes.length > 0) await writeChanges(models, write, changes);
}
