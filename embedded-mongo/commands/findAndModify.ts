// findAndModify: one document is changed or removed and given, before or after.
import { MongoFault } from '../mongoFault.ts';
import { parseSort } from '../plan/sortSpec.ts';
import { compileProjection } from '../query/projection.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { type Doc, isTruthy } from '../values/kinds.ts';
import { type RawReply, valueReply } from '../wire/rawReply.ts';
import { type Command, type CommandContext, collectionName, docField, letField, refuseCollation } from './command.ts';
import { type Target, changeOne, compileChange, findTargets, targetOf, upsertOne } from './modify.ts';

function modify(
  context: CommandContext,
  known: CollectionInfo | undefined,
  target: Target,
): { value: Doc | undefined; lastError: Doc } {
  const { body, access, database } = context;
  const spec = { update: body['update'], arrayFilters: body['arrayFilters'], variables: letField(body) };
  const change = compileChange(target.filter, spec);
  const [found] = known ? findTargets(context, known, target, false) : [];
  const givesNew = isTruthy(body['new']);
  if (known && found) {
    const { before, after } = changeOne(context, known, found, change);
    return { value: givesNew ? after : before, lastError: { n: 1, updatedExisting: true } };
  }
  if (!isTruthy(body['upsert'])) return { value: undefined, lastError: { n: 0, updatedExisting: false } };
  const made = upsertOne(context, access.demand(database, collectionName(context)), target.filter, spec);
  return { value: givesNew ? made : undefined, lastError: { n: 1, updatedExisting: false, upserted: made['_id'] } };
}

function take(
  context: CommandContext,
  known: CollectionInfo | undefined,
  target: Target,
): { value: Doc | undefined; lastError: Doc } {
  const [found] = known ? findTargets(context, known, target, false) : [];
  if (!known || !found) return { value: undefined, lastError: { n: 0 } };
  const value = found.doc ?? decodeExact(found.bytes);
  context.access.writer.remove(known, found.row, value);
  return { value, lastError: { n: 1 } };
}

/** The findAndModify command. */
export const findAndModify: Command = (context): RawReply => {
  const { body, access, database } = context;
  refuseCollation(body);
  const variables = letField(body);
  const target = targetOf(docField(body, 'query'), variables, parseSort(body['sort']), body['hint']);
  const project = compileProjection(body['fields'], target.filter, variables);
  const removes = isTruthy(body['remove']);
  if (removes && (body['update'] !== undefined || isTruthy(body['upsert']) || isTruthy(body['new']))) {
    throw new MongoFault(9, 'Cannot specify both an update and remove=true');
  }
  if (!removes && body['update'] === undefined)
    throw new MongoFault(9, 'Either an update or remove=true must be specified');
  const { value, lastError } = access.write(() => {
    const known = access.find(database, collectionName(context));
    if (known?.view) throw new MongoFault(166, `Namespace ${database}.${known.name} is a view, not a collection`);
    return removes ? take(context, known, target) : modify(context, known, target);
  });
  return valueReply(value && encodeDoc(project ? project(value) : value), lastError);
};
