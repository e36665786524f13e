// What merged duplicates have here becomes their keeper's. Where the keeper has the like already, the duplicate's goes.
// Moving again finds nothing left to move, so that the merger may send it twice.
import type { Model } from 'mongoose';
import { isIdOf } from '../../../contracts/entityId.ts';
import type { WriteCall } from '../../kit/call.ts';
import { timeLeftMs } from '../../kit/read/mongo.ts';
import { emitEvents } from '../../kit/write/emitEvents.ts';
import { inList } from '../../kit/read/operators.ts';
import { addFigures, currentConsents, keyInTenant } from '../rules/audienceProfile.ts';
import { bulkWrite, readByIds, readOptions } from './batchReads.ts';
import { statementKey } from './captureConsents.ts';
import { marketingMovedEvent } from '../eventsOfCustomers.ts';
import { keepConsentedChannels } from './keepConsentedChannels.ts';
import type { AudienceProfileDocument } from '../documents.ts';
import type { MarketingModels } from '../model.ts';

/** Whose things become whose. */
export interface MoveInput {
  readonly fromCustomerId: string;
  readonly toCustomerId: string;
}

/** What became of one move. */
export interface MoveResult {
  readonly code: 'UPDATED' | 'UNCHANGED' | 'INVALID';
  readonly message: string | null;
  readonly movedCount: number;
}

const ROWS_MAX = 20_000;

interface Move extends MoveInput {
  readonly models: MarketingModels;
  readonly write: WriteCall;
}

interface Owned {
  readonly _id: string;
  readonly customerId: string;
}

async function readBoth<D extends Owned>(model: Model<D>, move: Move, index: string): Promise<D[]> {
  const { tenantId } = move.write;
  const filter = { tenantId, customerId: inList([move.fromCustomerId, move.toCustomerId]) };
  const rows = await model.find(filter as never, undefined, readOptions(move.write, index, ROWS_MAX));
  return rows;
}

/** Moves what a customer has once by some key: the duplicate's goes where the keeper has the like. Gives how many. */
async function moveKeyed<D extends Owned>(
  model: Model<D>,
  move: Move,
  index: string,
  keyOf: (row: D) => string,
): Promise<number> {
  const rows = await readBoth(model, move, index);
  const kept = new Set(rows.filter(({ customerId }) => customerId === move.toCustomerId).map(keyOf));
  const { tenantId } = move.write;
  const losing = rows.filter(({ customerId }) => customerId === move.fromCustomerId);
  const operations = losing.map((row) => {
    const filter = { _id: row._id, tenantId };
    if (kept.has(keyOf(row))) return { deleteOne: { filter } };
    return { updateOne: { filter, update: { $set: { customerId: move.toCustomerId } } } };
  });
  await bulkWrite(model, move.write, operations);
  return operations.length;
}

async function moveEngagements({ models, write, fromCustomerId, toCustomerId }: Move): Promise<number> {
  const { tenantId, session, callId: comment } = write;
  const { modifiedCount } = await models.engagements.updateMany(
    { tenantId, customerId: fromCustomerId },
    { $set: { customerId: toCustomerId } },
    { session, comment, hint: 'byCustomer', maxTimeMS: timeLeftMs(write) },
  );
  return modifiedCount;
}

/** Marks anew which statements of the keeper hold, once the duplicate's are among them. */
async function markCurrent(move: Move): Promise<void> {
  const rows = await readBoth(move.models.consents, move, 'byCustomer');
  const inOrder = rows.toSorted((left, right) => left.recordedAt.getTime() - right.recordedAt.getTime());
  const holding = new Set(Array.from(currentConsents(inOrder).values(), ({ _id }) => _id));
  const operations = rows
    .filter(({ _id, current }) => current !== holding.has(_id))
    .map(({ _id, current }) => ({
      updateOne: { filter: { _id, tenantId: move.write.tenantId }, update: { $set: { current: !current } } },
    }));
  await bulkWrite(move.models.consents, move.write, operations);
}

async function moveProfile(
  { models, write, fromCustomerId, toCustomerId }: Move,
  profiles: readonly AudienceProfileDocument[],
): Promise<number> {
  const { tenantId, now } = write;
  const [fromId, toId] = [keyInTenant(tenantId, fromCustomerId), keyInTenant(tenantId, toCustomerId)];
  const loser = profiles.find(({ _id }) => _id === fromId);
  if (loser === undefined) return 0;
  const keeper = profiles.find(({ _id }) => _id === toId);
  const { orderCount, lifetimeValueMinor, currency, lastOrderAt } = keeper ? addFigures(keeper, loser) : loser;
  const fields = { orderCount, lifetimeValueMinor, currency, lastOrderAt, updatedAt: now };
  const first = { tenantId, customerId: toCustomerId, consentedChannels: [] };
  await bulkWrite(models.audienceProfiles, write, [
    { deleteOne: { filter: { _id: fromId } } },
    { updateOne: { filter: { _id: toId }, update: { $set: fields, $setOnInsert: first }, upsert: true } },
  ]);
  return 1;
}

/** Counts a move in the keeper's profile, which is there by now; gives its version. */
async function countMove({ models, write, toCustomerId }: Move): Promise<number> {
  const { tenantId, session, callId: comment } = write;
  const filter = { _id: keyInTenant(tenantId, toCustomerId) };
  const options = { session, comment, maxTimeMS: timeLeftMs(write), returnDocument: 'after', lean: true } as const;
  const profile = await models.audienceProfiles.findOneAndUpdate(filter, { $inc: { version: 1 } }, options);
  return profile?.version ?? 1;
}

async function moveAll(move: Move): Promise<number> {
  const { models, write, fromCustomerId, toCustomerId } = move;
  const keys = [fromCustomerId, toCustomerId].map((id) => keyInTenant(write.tenantId, id));
  const profiles = await readByIds(models.audienceProfiles, write, keys);
  // Nothing is left of who was forgotten, and nothing comes to them.
  if (profiles.some(({ forgottenAt }) => forgottenAt != null)) return 0;
  const consents = await moveKeyed(models.consents, move, 'byCustomer', (row) =>
    statementKey({ ...row, customerId: toCustomerId }),
  );
  if (consents > 0) await markCurrent(move);
  const counts = [
    consents,
    await moveKeyed(models.suppressions, move, 'naturalKey', ({ channel }) => channel),
    await moveKeyed(models.campaignMembers, move, 'byCustomer', ({ campaignId }) => campaignId),
    await moveKeyed(models.segmentMemberships, move, 'byCustomer', ({ segmentId }) => segmentId),
    await moveEngagements(move),
    await moveProfile(move, profiles),
  ];
  const movedCount = counts.reduce((sum, count) => sum + count, 0);
  if (movedCount === 0) return 0;
  await keepConsentedChannels(models, write, [toCustomerId]);
  await emitEvents(write, [marketingMovedEvent(move, movedCount, await countMove(move))]);
  return movedCount;
}

/** Takes the models, the write call and the moves; does them one after the other, so that chains work. */
export async function moveMarketing(
  models: MarketingModels,
  write: WriteCall,
  input: readonly MoveInput[],
): Promise<MoveResult[]> {
  const results: MoveResult[] = [];
  for (const { fromCustomerId, toCustomerId } of input) {
    const isMove = [fromCustomerId, toCustomerId].every((id) => isIdOf('cus', id)) && fromCustomerId !== toCustomerId;
    if (!isMove) {
      results.push({ code: 'INVALID', message: 'A move is from one customer to another.', movedCount: 0 });
      continue;
    }
    const movedCount = await moveAll({ models, write, fromCustomerId, toCustomerId });
    results.push({ code: movedCount > 0 ? 'UPDATED' : 'UNCHANGED', message: null, movedCount });
  }
  return results;
}
