// Working out anew who belongs to segments: the rule is read against the audience profiles, and only what changed is
// written. Members, their number and the segment's version change together.
import { drawId } from '../../../platform/random.ts';
import type { WriteCall } from '../../kit/call.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
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
import { segmentEvent } from '../events.ts';
import { membershipEvents } from '../eventsOfCustomers.ts';
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

/** What a refresh made of the members of a segment. */
interface Refreshed {
  readonly memberCount: number;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/** Makes the members of a segment those that its rule selects; gives who changed, or undefined for too many. */
async function replaceMembers(
  models: MarketingModels,
  write: WriteCall,
  segment: SegmentDocument,
): Promise<Refreshed | undefined> {
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
  const joined = [...selected].filter((customerId) => !known.has(customerId));
  const additions = joined.map((customerId) => ({
    insertOne: { document: { _id: `sgm_${drawId()}`, ...of, customerId, since: now } },
  }));
  await bulkWrite(models.segmentMemberships, write, [...removals, ...additions]);
  return { memberCount: selected.size, joined, left: gone.map(({ customerId }) => customerId) };
}

function eventsOf({ code, id, currentVersion }: ItemResult, refreshed: ReadonlyMap<string, Refreshed | undefined>) {
  const change = id === null || code !== 'UPDATED' ? undefined : refreshed.get(id);
  if (change === undefined || id === null || currentVersion === null) return [];
  const { joined, left } = change;
  const drawMembershipId = (): string => `sgm_${drawId()}`;
  return membershipEvents({ segmentId: id, segmentVersion: currentVersion, joined, left, drawMembershipId });
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
  const refreshed = new Map<string, Refreshed | undefined>();
  for (const segment of segments) {
    const isMeant = segment.deletedAt === null && wanted.has(`${segment._id}:${segment.version}`);
    if (isMeant) refreshed.set(segment._id, await replaceMembers(models, write, segment));
  }
  const kind: EntityKind<SegmentDocument> = {
    ...{ model: models.segments, prefix: 'seg', keyField: '_id', index: '_id_' },
    eventOf: segmentEvent,
  };
  const items = input.map(({ id, version }) => ({
    key: id,
    version,
    decide(stored: SegmentDocument | undefined): Decision<SegmentDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such segment.' };
      if (stored.deletedAt !== null) {
        return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
      }
      const memberCount = refreshed.get(id)?.memberCount;
      if (memberCount === undefined) {
        return { do: 'refuse', code: 'INVALID', message: `The rule selects more than ${MEMBERS_MAX} customers.` };
      }
      return { do: 'patch', fields: { memberCount, refreshedAt: write.now } };
    },
  }));
  const { results } = await writeBatch(kind, write, items);
  await emitEvents(
    write,
    results.flatMap((result) => eventsOf(result, refreshed)),
  );
  return results;
}
