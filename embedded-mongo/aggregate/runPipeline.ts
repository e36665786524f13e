// Aggregation: as much of the pipeline's beginning as an index can answer is searched for, the rest is evaluated over
// plain documents, one stage after the other.
import { type EvaluationContext, evaluationContext, evaluationOptions, groupStage, runStages } from '../evaluate.ts';
import type { Sources } from './joins.ts';
import type { CommandContext } from '../commands/command.ts';
import { planSearch, type PlannedSearch } from '../plan/search.ts';
import type { SortField } from '../plan/sortSpec.ts';
import { parseSort } from '../plan/sortSpec.ts';
import { parseFilter } from '../commands/reading.ts';
import type { FilterNode } from '../query/filterNode.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { decodePlain, encodeDoc, toPlain } from '../values/bsonCodec.ts';
import { type Doc, asNumber, isDoc } from '../values/kinds.ts';
import { checkStages, stageOf } from './checkStages.ts';
import { type FieldNames, pickFields } from '../values/pickFields.ts';
import { fieldsForGroup } from './neededFields.ts';
import { variableEqualities } from './variableEqualities.ts';

/** The beginning of a pipeline as a search, and the stages that are left. */
interface Split {
  readonly filter: FilterNode;
  readonly sort: readonly SortField[];
  readonly skip: number;
  readonly limit: number;
  readonly rest: readonly Doc[];
}

/** Splits a pipeline: leading `$match`, then `$sort`, `$skip` and `$limit` in this order go to the search. */
export function splitPipeline(pipeline: readonly Doc[], variables: Doc): Split {
  const nodes: FilterNode[] = [];
  let at = 0;
  const next = (): readonly [string, unknown] => stageOf(pipeline[at]);
  for (; next()[0] === '$match'; at += 1) {
    const filter = next()[1];
    nodes.push(parseFilter(filter, variables), ...variableEqualities(filter, variables));
  }
  let sort: readonly SortField[] = [];
  if (next()[0] === '$sort') {
    sort = parseSort(next()[1]);
    at += 1;
  }
  let [skip, limit] = [0, 0];
  if (next()[0] === '$skip') {
    skip = asNumber(next()[1]) ?? 0;
    at += 1;
  }
  if (next()[0] === '$limit') {
    limit = asNumber(next()[1]) ?? 0;
    at += 1;
  }
  return { filter: { op: 'and', nodes }, sort, skip, limit, rest: pipeline.slice(at) };
}

/** Plans the beginning of a pipeline over a collection. */
export function planPipeline(
  context: CommandContext,
  collection: CollectionInfo,
  pipeline: readonly Doc[],
  variables: Doc,
  needsDocs?: () => boolean,
): { readonly planned: PlannedSearch; readonly rest: readonly Doc[] } {
  const { rest, ...search } = splitPipeline(pipeline, variables);
  const hint =
    context.name === 'aggregate' && context.body['aggregate'] === collection.name ? context.body['hint'] : undefined;
  const tick = (): void => context.tick();
  const planned = planSearch(collection, { ...search, hint }, context.access.reader, tick, needsDocs);
  return { planned, rest };
}

function sourcesOf(context: CommandContext): Sources {
  return {
    open: (name, pipeline, variables) => plainResults(context, name, pipeline, variables),
    match: (name, { field, values }, pipeline, variables) =>
      plainResults(context, name, [{ $match: { [field]: { $in: values } } }, ...pipeline], variables),
  };
}

const contexts = new WeakMap<CommandContext, EvaluationContext>();

/** One evaluation context a command: the pipelines of its `$lookup` stages share it. */
function contextOf(context: CommandContext): EvaluationContext {
  let made = contexts.get(context);
  if (!made) contexts.set(context, (made = evaluationContext(sourcesOf(context))));
  return made;
}

function* plainResults(
  context: CommandContext,
  name: string,
  pipeline: readonly Doc[],
  variables: Doc,
): Generator<Doc> {
  checkStages(pipeline);
  const collection = context.access.find(context.database, name);
  if (collection?.view) {
    const stages = toPlain({ stages: collection.view.pipeline })['stages'] as Doc[];
    yield* plainResults(context, collection.view.on, [...stages, ...pipeline], variables);
    return;
  }
  const options = evaluationOptions(variables, contextOf(context));
  if (!collection) {
    yield* runStages([], pipeline, options);
    return;
  }
  const { planned, rest } = planPipeline(context, collection, pipeline, variables);
  yield* runStages(decoded(planned, fieldsForGroup(rest[0])), rest, options);
}

function* decoded(planned: PlannedSearch, needed: FieldNames | undefined): Generator<Doc> {
  for (const { bytes } of planned.found) yield needed ? pickFields(bytes, needed, false) : decodePlain(bytes);
}

/** `[{ $match }, { $group: { _id: <constant>, n: { $sum: 1 } } }]` is how a driver counts: the name of its field. */
export function countedField(stages: readonly Doc[]): { readonly field: string; readonly id: unknown } | undefined {
  const [name, spec] = stageOf(stages[0]);
  if (stages.length !== 1 || name !== '$group' || !isDoc(spec)) return undefined;
  const { _id: id, ...fields } = spec;
  const [field, ...others] = Object.keys(fields);
  const sum = field === undefined ? undefined : fields[field];
  const isOne = isDoc(sum) && Object.keys(sum).length === 1 && asNumber(sum['$sum']) === 1;
  const isConstant = id === null || asNumber(id) !== undefined;
  return isOne && isConstant && field !== undefined && others.length === 0 ? { field, id } : undefined;
}

/** Runs a pipeline as the client gave it; gives its results as bytes. Throws MongoFault for an unknown stage. */
export function* runPipeline(
  context: CommandContext,
  name: string,
  given: readonly Doc[],
  variables: Doc,
): Generator<Uint8Array> {
  checkStages(given);
  const collection = context.access.find(context.database, name);
  if (collection && !collection.view) {
    const split = splitPipeline(given, variables);
    if (split.rest.length === 0) {
      for (const { bytes } of planPipeline(context, collection, given, variables).planned.found) yield bytes;
      return;
    }
  }
  const pipeline = toPlain({ stages: given })['stages'] as Doc[];
  for (const doc of plainResults(context, name, pipeline, variables)) yield encodeDoc(doc);
}

/** A long scan gives way to other clients after this many milliseconds. */
const SLICE_MS = 12;
/** Stands for a document that nothing looks at: it is only counted. */
const UNREAD: Doc = {};

/**
 * Runs a pipeline that groups what an index finds: the scan gives way to other clients, since all of it has to be read
 * before the first result. Gives undefined when the pipeline is of another form.
 */
export async function runGrouped(
  context: CommandContext,
  collection: CollectionInfo,
  given: readonly Doc[],
  variables: Doc,
): Promise<Generator<Uint8Array> | undefined> {
  const pipeline = toPlain({ stages: given })['stages'] as Doc[];
  const { rest } = splitPipeline(pipeline, variables);
  const [name, spec] = stageOf(rest[0]);
  if (name !== '$group') return undefined;
  const options = evaluationOptions(variables, contextOf(context));
  const stage = groupStage(spec, options);
  const { planned } = planPipeline(context, collection, pipeline, variables, () => stage.needsDocument());
  const needed = fieldsForGroup(rest[0]);
  let startedMs = context.steadyMs();
  let seen = 0;
  for (const { bytes } of planned.found) {
    if (!stage.needsDocument()) stage.add(UNREAD);
    else stage.add(needed ? pickFields(bytes, needed, false) : decodePlain(bytes));
    seen += 1;
    if (seen % 64 !== 0 || context.steadyMs() - startedMs < SLICE_MS) continue;
    await context.giveWay();
    startedMs = context.steadyMs();
  }
  return encoded(runStages(stage.results(), rest.slice(1), options));
}

function* encoded(docs: Iterable<Doc>): Generator<Uint8Array> {
  for (const doc of docs) yield encodeDoc(doc);
}
