// explain: the plan that a command would be carried out with, in MongoDB's words, and what it looks at when it is run.
import { MongoFault } from '../mongoFault.ts';
import type { FilterNode } from '../query/filterNode.ts';
import type { IndexPlan, Plan } from '../plan/planner.ts';
import type { PlannedSearch } from '../plan/search.ts';
import { planSearch } from '../plan/search.ts';
import { parseSort } from '../plan/sortSpec.ts';
import { hasField, namespaceOf, type CollectionInfo } from '../store/catalogEntries.ts';
import { type Doc, asNumber, isDoc } from '../values/kinds.ts';
import { explainedPipeline } from './aggregate.ts';
import { type Command, type CommandContext, docField, letField } from './command.ts';
import { planFind } from './find.ts';
import { parseFilter } from './reading.ts';

function indexStage({ index, bounds, reverse }: IndexPlan): Doc {
  return {
    stage: 'IXSCAN',
    keyPattern: index.pattern,
    indexName: index.name,
    isMultiKey: index.arrays !== 0,
    arrayFields: index.fields.filter((_, at) => hasField(index.arrays, at)).map(({ path }) => path),
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partial !== undefined,
    indexVersion: 2,
    direction: reverse ? 'backward' : 'forward',
    boundFields: bounds.bound,
    intervals: bounds.intervals.length,
  };
}

function describeNode(node: FilterNode | undefined): Doc {
  return node ? { filter: { residual: node.op === 'field' ? node.path : node.op } } : {};
}

function stagesOf(plan: Plan): Doc {
  if (plan.kind === 'scan')
    return { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward', ...describeNode(plan.residual) };
  if (plan.kind === 'index') return { stage: 'FETCH', ...describeNode(plan.residual), inputStage: indexStage(plan) };
  return { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: plan.branches.map(indexStage) } };
}

interface Explained {
  readonly planned: PlannedSearch;
  readonly wrap: (inner: Doc) => Doc;
}

function explainFind(context: CommandContext, collection: CollectionInfo, body: Doc): Explained {
  const planned = planFind(context, collection, body);
  return {
    planned,
    wrap: (inner) => {
      const limited =
        (asNumber(body['limit']) ?? 0) === 0
          ? inner
          : { stage: 'LIMIT', limitAmount: body['limit'], inputStage: inner };
      return body['projection'] === undefined ? limited : { stage: 'PROJECTION_DEFAULT', inputStage: limited };
    },
  };
}

function explainStatement(
  context: CommandContext,
  collection: CollectionInfo,
  statement: Doc,
  stage: string,
): Explained {
  const filter = parseFilter(statement['q'] ?? statement['query'], letField(statement));
  const many = asNumber(statement['limit']) === 0 || statement['multi'] === true;
  const search = {
    filter,
    sort: parseSort(statement['sort']),
    hint: statement['hint'],
    skip: 0,
    limit: many || stage === 'COUNT' ? 0 : 1,
  };
  return {
    planned: planSearch(collection, search, context.access.reader, () => context.tick()),
    wrap: (inner) => ({ stage, inputStage: inner }),
  };
}

function first(value: unknown): Doc {
  const [statement] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!isDoc(statement)) throw new MongoFault(9, 'explain of a write needs one statement');
  return statement;
}

function explained(context: CommandContext, name: string, collection: CollectionInfo, body: Doc): Explained {
  switch (name) {
    case 'find':
      return explainFind(context, collection, body);
    case 'aggregate':
      return { planned: explainedPipeline(context, collection, body).planned, wrap: (inner) => inner };
    case 'count':
      return explainStatement(context, collection, body, 'COUNT');
    case 'distinct':
      return explainStatement(context, collection, { ...body, limit: 0 }, 'DISTINCT');
    case 'update':
      return explainStatement(context, collection, first(body['updates']), 'UPDATE');
    case 'delete':
      return explainStatement(context, collection, first(body['deletes']), 'DELETE');
    case 'findAndModify':
    case 'findandmodify':
      return explainStatement(context, collection, body, 'UPDATE');
    default:
      throw new MongoFault(59, `Explain failed due to unknown command: ${name}`);
  }
}

function statistics({ planned }: Explained, steadyMs: () => number): Doc {
  const startedMs = steadyMs();
  let returned = 0;
  for (const found of planned.found) returned += found.row >= 0 ? 1 : 0;
  const { keys, docs } = planned.examined;
  return {
    executionSuccess: true,
    nReturned: returned,
    executionTimeMillis: Math.round(steadyMs() - startedMs),
    totalKeysExamined: keys,
    totalDocsExamined: docs,
    executionStages: { stage: planned.sorts ? 'SORT' : 'FETCH', nReturned: returned },
  };
}

/** The explain command. */
export const explain: Command = (context) => {
  const { access, body, database } = context;
  const inner = docField(body, 'explain');
  const name = Object.keys(inner)[0] ?? '';
  const collection = access.find(database, String(inner[name]));
  const namespace = `${database}.${String(inner[name])}`;
  if (collection?.view) throw new MongoFault(166, `Namespace ${namespace} is a view, not a collection`);
  const verbosity = body['verbosity'] ?? 'allPlansExecution';
  if (!collection) {
    const winningPlan = { stage: 'EOF' };
    return { explainVersion: '1', queryPlanner: { namespace, winningPlan, rejectedPlans: [] }, ok: 1 };
  }
  const found = explained(context, name, collection, inner);
  const scan = stagesOf(found.planned.plan);
  const sorted = found.planned.sorts ? { stage: 'SORT', inputStage: scan } : scan;
  const queryPlanner = { namespace: namespaceOf(collection), winningPlan: found.wrap(sorted), rejectedPlans: [] };
  const stats = verbosity === 'queryPlanner' ? {} : { executionStats: statistics(found, context.steadyMs) };
  return { explainVersion: '1', queryPlanner, ...stats, command: inner, serverInfo: { version: '7.0.0' }, ok: 1 };
};
