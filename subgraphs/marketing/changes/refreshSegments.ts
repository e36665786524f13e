// Working out anew who belongs to segments: the rule is read against the audience profiles, and only what changed is
// written. Members, their number and the segment's version change together.
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { refuse } from '../../kit/refuse.ts';
import {
  writeBatch,
  type Decision,
  type EntityKind,
  type ItemResult,
  type VersionedId,
} from '../../kit/write/writeBatch.ts';
import { bulkWrite, readByIds, readOptions, wellFormed } from './batchReads.ts';
import type { SegmentDocument } from '../documents.ts';
import type { MarketingModels } from '../model.ts';
import { selectAudience } from '../rules/segmentRule.ts';

const MEMBERS_MAX = 10_000;
/** Refreshing is heavy: a transaction holds at most this many segments. */
const SEGMENTS_MAX = 10;

async function readAudience(
  models: MarketingModels,
  write: WriteCall,
  { rule }: SegmentDocument,
): Promise<Set<string>> {
  const { conditions, index } = selectAudience(rule);
  const filter = { $and: [{ tenantId: write.tenantId }, ...conditions] };
  const options = readOptions(write, index, MEMBERS_MAX + 1);
  const found = await models.audienceProfiles.find(filter, { customerId: 1 }, options).lean();
  return new Set(found.map(({ customerId }) => customerId));
}

/** Makes the members of a segment those that its rule selects; gives their number, or undefined for too many. */
async function replaceMembers(
  models: MarketingModels,
  write: WriteCall,
  segment: SegmentDocument,
): Promise<number | undefined> {
  const selected = await readAudience(models, write, segment);
  if (selected.size > MEMBERS_MAX) return undefined;
  const { tenantId, now } = write;
  const of = { tenantId, segmentId: segment._id };
  const members = await models.segmentMemberships
    .find(of, { customerId: 1 }, readOptions(write, 'byPair', 2 * MEMBERS_MAX))
    .lean();
  const known = new Set(members.map(({ customerId }) => customerId));
  const gone = members.filter(({ customerId }) => !selected.has(customerId));
  const removals = gone.map(({ _id }) => ({ deleteOne: { filter: { _id, tenantId } } }));
  const additions = [...selected]
    .filter((customerId) => !known.has(customerId))
    .map((customerId) => ({
      insertOne: { document: { _id: `sgm_${drawId()}`, ...of, customerId, since: now } },
    }));
  await bulkWrite(models.segmentMemberships, write, [...removals, ...additions]);
  return selected.size;
}

/** Takes the models, the write call and 1 to 10 segments by id and version; gives a result for each. */
export async function refreshSegments(
  models: MarketingModels,
  write: WriteCall,
  input: readonly VersionedId[],
): Promise<ItemResult[]> {
  if (input.length > SEGMENTS_MAX) {
    throw refuse('BAD_USER_INPUT', `At most ${SEGMENTS_MAX} segments are refreshed at once.`);
  }
  const wanted = new Set(input.map(({ id, version }) => `${id}:${version}`));
  const ids = wellFormed(
    'seg',
    input.map(({ id }) => id),
  );
  const segments = await readByIds(models.segments, write, ids);
  const counts = new Map<string, number | undefined>();
  for (const segment of segments) {
    const isMeant = segment.deletedAt === null && wanted.has(`${segment._id}:${segment.version}`);
    if (isMeant) counts.set(segment._id, await replaceMembers(models, write, segment));
  }
  const kind: EntityKind<SegmentDocument> = { model: models.segments, prefix: 'seg', keyField: '_id', index: '_id_' };
  const items = input.map(({ id, version }) => ({
    key: id,
    version,
    decide(stored: SegmentDocument | undefined): Decision<SegmentDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such segment.' };
      if (stored.deletedAt !== null) {
        return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
      }
      const memberCount = counts.get(id);
      if (memberCount === undefined) {
        return { do: 'refuse', code: 'INVALID', message: `The rule selects more than ${MEMBERS_MAX} customers.` };
      }
      return { do: 'patch', fields: { memberCount, refreshedAt: write.now } };
    },
  }));
  return (await writeBatch(kind, write, items)).results;
}
