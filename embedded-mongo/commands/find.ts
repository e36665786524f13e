// find: plan, read, project; the first batch of a cursor. A view is read as the pipeline that it stands for.
import { MongoFault } from '../mongoFault.ts';
import { parseSort } from '../plan/sortSpec.ts';
import { type PlannedSearch, planSearch } from '../plan/search.ts';
import { compileProjection } from '../query/projection.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { namespaceOf } from '../store/catalogEntries.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { type Doc, asNumber, isDoc, isTruthy } from '../values/kinds.ts';
import { runPipeline } from '../aggregate/runPipeline.ts';
import { cursorReply } from '../wire/rawReply.ts';
import {
  type Command,
  type CommandContext,
  collectionName,
  countField,
  docField,
  letField,
  refuseCollation,
} from './command.ts';
import { openCursor } from './cursorCommands.ts';
import { parseFilter } from './reading.ts';

/** A find whose search is planned: what `explain` describes and `find` reads. */
interface PlannedFind extends PlannedSearch {
  readonly rows: Generator<Uint8Array>;
}

const REFUSED_OPTIONS = ['min', 'max', 'returnKey', 'showRecordId', 'tailable', 'awaitData'];

function refuseOptions(body: Doc): void {
  refuseCollation(body);
  const refused = REFUSED_OPTIONS.find((name) =>
    isDoc(body[name]) ? Object.keys(body[name]).length > 0 : isTruthy(body[name]),
  );
  if (refused !== undefined) throw new MongoFault(238, `find with ${refused} is not supported by this server`);
}

/** Plans a find command. */
export function planFind(context: CommandContext, collection: CollectionInfo, body: Doc): PlannedFind {
  refuseOptions(body);
  const variables = letField(body);
  const filter = parseFilter(docField(body, 'filter'), variables);
  const project = compileProjection(body['projection'], filter, variables);
  const limit = Math.abs(asNumber(body['limit']) ?? 0);
  const planned = planSearch(
    collection,
    { filter, sort: parseSort(body['sort']), hint: body['hint'], skip: countField(body, 'skip', 0), limit },
    context.access.reader,
    () => context.tick(),
  );
  function* rows(): Generator<Uint8Array> {
    for (const { bytes, doc } of planned.found) yield project ? encodeDoc(project(doc ?? decodeExact(bytes))) : bytes;
  }
  return { ...planned, rows: rows() };
}

function pipelineOf(body: Doc): Doc[] {
  const stages: Doc[] = [{ $match: docField(body, 'filter') }];
  if (body['sort'] !== undefined) stages.push({ $sort: body['sort'] });
  if (body['skip'] !== undefined) stages.push({ $skip: body['skip'] });
  if (isTruthy(body['limit'])) stages.push({ $limit: body['limit'] });
  if (body['projection'] !== undefined) stages.push({ $project: body['projection'] });
  return stages;
}

/** The find command. */
export const find: Command = (context) => {
  const { body, access, database } = context;
  const name = collectionName(context);
  const collection = access.find(database, name);
  const namespace = `${database}.${name}`;
  const limit = asNumber(body['limit']) ?? 0;
  const batch = { size: asNumber(body['batchSize']), single: isTruthy(body['singleBatch']) || limit < 0 };
  if (!collection) {
    parseFilter(docField(body, 'filter'), {});
    return cursorReply('firstBatch', [], 0n, namespace);
  }
  if (collection.view) {
    return openCursor(
      context,
      namespaceOf(collection),
      runPipeline(context, name, pipelineOf(body), letField(body)),
      batch,
    );
  }
  return openCursor(context, namespace, planFind(context, collection, body).rows, batch);
};
