// One update, replacement, pipeline update or upsert: what `update` and `findAndModify` have in common.
import { ObjectId } from 'bson';
import type { CommandContext } from './command.ts';
import { evaluationOptions, runStages } from '../evaluate.ts';
import { MongoFault } from '../mongoFault.ts';
import { planSearch } from '../plan/search.ts';
import type { Found } from '../plan/readPlan.ts';
import type { SortField } from '../plan/sortSpec.ts';
import { type FilterNode, conjuncts } from '../query/filterNode.ts';
import { positionMatched } from '../query/position.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { checkStages } from '../aggregate/checkStages.ts';
import { applyUpdate, checkUpdate } from '../update/applyUpdate.ts';
import { type ArrayFilters, parseArrayFilters } from '../update/expandPath.ts';
import { locate } from '../update/place.ts';
import { restoreTypes } from '../update/restoreTypes.ts';
import { decodeExact, encodeDoc, toPlain } from '../values/bsonCodec.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import { parseFilter } from './reading.ts';
import { checkSameId, hasOperators, insertDoc } from './writing.ts';

const PIPELINE_STAGES = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith']);

/** What a statement does to one document: gives the new one; `inserting` for the new document of an upsert. */
export type Change = (doc: Doc, inserting: boolean) => Doc;

/** Which documents a statement is about. */
export interface Target {
  readonly filter: FilterNode;
  readonly sort: readonly SortField[];
  readonly hint: unknown;
}

/** What an update statement says. */
interface UpdateSpec {
  readonly update: unknown;
  readonly arrayFilters: unknown;
  readonly variables: Doc;
}

function pipelineChange(stages: readonly Doc[], given: Doc): Change {
  checkStages(stages);
  const unknown = stages.map((stage) => Object.keys(stage)[0] ?? '').find((name) => !PIPELINE_STAGES.has(name));
  if (unknown !== undefined) throw new MongoFault(72, `${unknown} is not allowed to be used within an update`);
  const pipeline = toPlain({ stages })['stages'] as Doc[];
  const options = evaluationOptions(given);
  return (doc) => {
    const plain = toPlain(doc);
    const [after] = runStages([toPlain(doc)], pipeline, options);
    return restoreTypes(doc, plain, after ?? {}) as Doc;
  };
}

function operatorChange(update: Doc, filters: ArrayFilters, filter: FilterNode): Change {
  checkUpdate(update);
  return (doc, inserting) => {
    const after = decodeExact(encodeDoc(doc));
    applyUpdate(after, update, { filters, positionOf: (path) => positionMatched(filter, doc, path) }, inserting);
    return after;
  };
}

/** Takes an update in any of its three forms; gives what it does to a document. Throws 9 for a malformed one. */
export function compileChange(filter: FilterNode, { update, arrayFilters, variables }: UpdateSpec): Change {
  if (Array.isArray(update)) return pipelineChange(update as Doc[], variables);
  if (!isDoc(update)) throw new MongoFault(9, 'Update argument must be either an object or an array');
  if (hasOperators(update)) return operatorChange(update, parseArrayFilters(arrayFilters), filter);
  const named = Object.keys(update).find((name) => name.startsWith('$'));
  if (named !== undefined)
    throw new MongoFault(
      52,
      `The dollar ($) prefixed field '${named}' in '${named}' is not allowed in the context of an update's replacement document.`,
    );
  const replacement: Doc = update;
  return (doc) => {
    const { _id: id = doc['_id'], ...fields } = replacement;
    return { ...(id === undefined ? {} : { _id: id }), ...fields };
  };
}

/** Finds the documents of a statement, all of them before the first is written. */
export function findTargets(
  context: CommandContext,
  collection: CollectionInfo,
  target: Target,
  multi: boolean,
): Found[] {
  const search = { ...target, skip: 0, limit: multi ? 0 : 1 };
  return [...planSearch(collection, search, context.access.reader, () => context.tick()).found];
}

/** What became of one document. */
export interface Changed {
  readonly before: Doc;
  readonly after: Doc;
  readonly modified: boolean;
}

/** Changes one document; nothing is written when it stays the same. */
export function changeOne(context: CommandContext, collection: CollectionInfo, found: Found, change: Change): Changed {
  const before = found.doc ?? decodeExact(found.bytes);
  const after = change(before, false);
  checkSameId(before, after);
  const bytes = encodeDoc(after);
  const modified = Buffer.compare(bytes, found.bytes) !== 0;
  if (modified) context.access.writer.replace(collection, found.row, before, bytes, after);
  return { before, after, modified };
}

/** Makes the document of an upsert from the filter's equalities and the update, and inserts it. */
export function upsertOne(
  context: CommandContext,
  collection: CollectionInfo,
  filter: FilterNode,
  spec: UpdateSpec,
): Doc {
  const seed: Doc = {};
  const isReplacement = isDoc(spec.update) && !hasOperators(spec.update);
  for (const node of conjuncts(filter)) {
    if (node.op !== 'field') continue;
    const values = node.name === '$eq' ? [node.value] : node.name === '$in' ? (node.value as unknown[]) : [];
    if (values.length !== 1 || (isReplacement && node.path !== '_id')) continue;
    locate(seed, node.segments, true)?.set(values[0]);
  }
  const after = compileChange(filter, spec)(seed, true);
  if (seed['_id'] !== undefined) checkSameId(seed, after);
  return insertDoc(context.access, collection, { _id: after['_id'] ?? new ObjectId(), ...after });
}

/** Parses a statement's filter with its variables. */
export function targetOf(filter: unknown, variables: Doc, sort: readonly SortField[], hint: unknown): Target {
  return { filter: parseFilter(filter, variables), sort, hint };
}
