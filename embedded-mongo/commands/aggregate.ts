// aggregate, count and distinct: what reads more than it gives.
import { MongoFault } from '../mongoFault.ts';
import { countedField, planPipeline, runGrouped, runPipeline, splitPipeline } from '../aggregate/runPipeline.ts';
import { checkStages, stageOf } from '../aggregate/checkStages.ts';
import { writeResults } from '../aggregate/writeResults.ts';
import { choosePlan } from '../plan/planner.ts';
import { countPlan } from '../plan/readPlan.ts';
import { planSearch } from '../plan/search.ts';
import type { FilterNode } from '../query/filterNode.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { type Doc, asNumber, isDoc, isTruthy } from '../values/kinds.ts';
import { somePathValue } from '../values/path.ts';
import { cursorReply } from '../wire/rawReply.ts';
import {
  type Command,
  type CommandContext,
  collectionName,
  countField,
  docField,
  letField,
  listField,
  refuseCollation,
} from './command.ts';
import { openCursor } from './cursorCommands.ts';
import { parseFilter } from './reading.ts';

interface Counted {
  readonly filter: FilterNode;
  readonly skip: number;
  readonly limit: number;
  readonly hint: unknown;
}

/** Counts what a filter finds in a collection, without reading documents where an index proves it. */
function countFound(
  context: CommandContext,
  collection: CollectionInfo,
  { filter, skip, limit, hint }: Counted,
): number {
  const { reader } = context.access;
  const most = limit > 0 ? skip + limit : undefined;
  const everything = filter.op === 'and' && filter.nodes.length === 0 && hint === undefined;
  const byId = collection.indexes.find(({ name }) => name === '_id_');
  const plan = choosePlan(collection, { filter, sort: [], most, hint: everything ? byId?.name : hint }, reader);
  const counted = countPlan(plan, {
    collection,
    reader,
    examined: { keys: 0, docs: 0 },
    most,
    tick: () => context.tick(),
    needsDocs: () => false,
  });
  return Math.max(0, counted - skip);
}

/** The count command. */
export const count: Command = (context) => {
  const { body, access, database } = context;
  refuseCollation(body);
  const name = collectionName(context);
  const filter = parseFilter(docField(body, 'query'), {});
  const collection = access.find(database, name);
  if (!collection) return { n: 0, ok: 1 };
  if (collection.view) {
    const rows = runPipeline(context, name, [{ $match: docField(body, 'query') }, { $count: 'n' }], {});
    const [first] = rows;
    return { n: first ? decodeExact(first)['n'] : 0, ok: 1 };
  }
  const limit = Math.abs(asNumber(body['limit']) ?? 0);
  return {
    n: countFound(context, collection, { filter, skip: countField(body, 'skip', 0), limit, hint: body['hint'] }),
    ok: 1,
  };
};

/** The distinct command. */
export const distinct: Command = (context) => {
  const { body, access, database } = context;
  refuseCollation(body);
  const key = body['key'];
  if (typeof key !== 'string')
    throw new MongoFault(14, "BSON field 'distinct.key' is the wrong type, expected type 'string'");
  const filter = parseFilter(docField(body, 'query'), {});
  const collection = access.find(database, collectionName(context));
  if (!collection) return { values: [], ok: 1 };
  if (collection.view) throw new MongoFault(238, 'distinct on a view is not supported by this server');
  const search = { filter, sort: [], hint: body['hint'], skip: 0, limit: 0 };
  const values = new Map<string, unknown>();
  const segments = key.split('.');
  const keep = (value: unknown): void => {
    if (value !== undefined) values.set(encodeKey(value).toString('latin1'), value);
  };
  for (const { bytes, doc } of planSearch(collection, search, access.reader, () => context.tick()).found) {
    somePathValue(doc ?? decodeExact(bytes), segments, 0, (value) => {
      if (Array.isArray(value)) value.forEach(keep);
      else keep(value);
      return false;
    });
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { values: sorted, ok: 1 };
};

function pipelineOf(body: Doc): Doc[] {
  return listField(body, 'pipeline').map((stage) => {
    if (!isDoc(stage)) throw new MongoFault(14, "Each element of the 'pipeline' array must be an object");
    return stage;
  });
}

/** The count that a pipeline asks for, if that is all it asks for. */
function countOnly(
  context: CommandContext,
  collection: CollectionInfo,
  pipeline: readonly Doc[],
  variables: Doc,
): Doc | undefined {
  const split = splitPipeline(pipeline, variables);
  const counted = countedField(split.rest);
  const [stage, field] = stageOf(split.rest[0]);
  const isCountStage = split.rest.length === 1 && stage === '$count' && typeof field === 'string';
  if ((!counted && !isCountStage) || split.sort.length > 0) return undefined;
  const n = countFound(context, collection, { ...split, hint: context.body['hint'] });
  if (n === 0) return {};
  return counted ? { _id: counted.id, [counted.field]: n } : { [String(field)]: n };
}

/** The aggregate command. */
export const aggregate: Command = async (context) => {
  const { body, access, database } = context;
  refuseCollation(body);
  if (isTruthy(body['explain'])) throw new MongoFault(238, 'use the explain command');
  const pipeline = pipelineOf(body);
  const variables = letField(body);
  if (typeof body['aggregate'] !== 'string') {
    const [first] = pipeline.map((stage) => stageOf(stage)[0]);
    if (first === '$changeStream')
      throw new MongoFault(40_573, 'The $changeStream stage is only supported on replica sets');
    throw new MongoFault(
      238,
      `aggregate without a collection is not supported by this server${first === undefined ? '' : `: ${first}`}`,
    );
  }
  const name = collectionName(context);
  const namespace = `${database}.${name}`;
  const [lastName, target] = stageOf(pipeline.at(-1));
  if (lastName === '$out' || lastName === '$merge') {
    access.refuseInTransaction(lastName);
    writeResults(context, runPipeline(context, name, pipeline.slice(0, -1), variables), { stage: lastName, target });
    return cursorReply('firstBatch', [], 0n, namespace);
  }
  checkStages(pipeline);
  const batch = { size: asNumber(docField(body, 'cursor')['batchSize']), single: false };
  const collection = access.find(database, name);
  const counted = collection && !collection.view ? countOnly(context, collection, pipeline, variables) : undefined;
  if (counted)
    return cursorReply('firstBatch', Object.keys(counted).length === 0 ? [] : [encodeDoc(counted)], 0n, namespace);
  const grouped =
    collection && !collection.view ? await runGrouped(context, collection, pipeline, variables) : undefined;
  return openCursor(context, namespace, grouped ?? runPipeline(context, name, pipeline, variables), batch);
};

/** What `explain` shows of a pipeline: the search it begins with. */
export function explainedPipeline(
  context: CommandContext,
  collection: CollectionInfo,
  body: Doc,
): ReturnType<typeof planPipeline> {
  const pipeline = pipelineOf(body);
  checkStages(pipeline);
  return planPipeline(context, collection, pipeline, letField(body));
}
