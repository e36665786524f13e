// The only file that knows mingo: expressions and pipeline stages over plain documents. Stages that touch collections,
// filter or sort are replaced by ours, which use indexes and compare as MongoDB does.
import { BSONValue } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr, ProcessingMode } from 'mingo/core';
import { type Iterator as Stream, Lazy, concat } from 'mingo/lazy';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import * as projections from 'mingo/operators/projection';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import type { Options } from 'mingo/types';
import { MongoFault } from './mongoFault.ts';
import { compareSortKeys, parseSort, sortKey } from './plan/sortSpec.ts';
import { compileFilter, type DocTest } from './query/matches.ts';
import { type CompileExpression, FilterParser } from './query/parseFilter.ts';
import { compareValues } from './values/compare.ts';
import type { Doc } from './values/kinds.ts';
import { bucketDocs } from './aggregate/bucket.ts';
import { type Evaluate, GroupStage, type GroupFallback } from './aggregate/group.ts';
import { type Sources, graphLookup, lookup, unionSource } from './aggregate/joins.ts';

type Compare = (order: number) => boolean;

function variablesOf(options: Options): Doc {
  const local = (options as { local?: { variables?: Doc } }).local?.variables;
  return { ...options.variables, ...local };
}

function evaluator(options: Options): Evaluate {
  return (doc, expression) => evalExpr(doc, expression, options);
}

function groupFallback(options: Options): GroupFallback {
  return { fallback: (docs, accumulator) => evalExpr(docs, accumulator, options) };
}

function scopeOf(options: Options): { evaluate: Evaluate; variables: Doc } {
  return { evaluate: evaluator(options), variables: variablesOf(options) };
}

function operands(doc: unknown, expression: unknown, options: Options): [unknown, unknown] {
  const values = evalExpr(doc, expression, options);
  if (!Array.isArray(values) || values.length !== 2)
    throw new MongoFault(16_020, 'Expression takes exactly 2 arguments');
  return [values[0], values[1]];
}

/** As in MongoDB's expressions a missing value sorts before null, and an array is compared as a whole. */
function compareOperands([left, right]: [unknown, unknown]): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareValues(left, right);
}

const comparison =
  (accept: Compare) =>
  (doc: unknown, expression: unknown, options: Options): boolean =>
    accept(compareOperands(operands(doc, expression, options)));

const COMPARISONS = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: (doc: unknown, expression: unknown, options: Options) =>
    Math.sign(compareOperands(operands(doc, expression, options))),
};

function refuseWideNumber(value: unknown): void {
  if (value instanceof BSONValue && (value._bsontype === 'Decimal128' || value._bsontype === 'Long')) {
    throw new MongoFault(238, `arithmetic with ${value._bsontype} in expressions is not supported by this server`);
  }
}

type Expression = (doc: unknown, expression: never, options: Options) => unknown;

/** Arithmetic that refuses numbers which JavaScript cannot hold, rather than leaving them out. */
function guarded(name: keyof typeof expressions): Expression {
  const inner = expressions[name] as unknown as (doc: unknown, expression: unknown, options: Options) => unknown;
  return (doc, expression: unknown, options) => {
    const values = evalExpr(doc, expression, options);
    for (const value of Array.isArray(values) ? (values as unknown[]) : [values]) refuseWideNumber(value);
    const literals = Array.isArray(expression)
      ? (values as unknown[]).map(($literal) => ({ $literal }))
      : { $literal: values };
    return inner(doc, literals, options);
  };
}

const ARITHMETIC = [
  '$add',
  '$subtract',
  '$multiply',
  '$divide',
  '$mod',
  '$abs',
  '$ceil',
  '$floor',
  '$round',
  '$trunc',
] as const;

const refuseScript = (name: string) => (): never => {
  throw new MongoFault(31_264, `${name} is not allowed: server-side JavaScript is disabled`);
};

/** Takes the variables of a command; gives how `$expr` is compiled. */
function expressionCompiler(options: Options): CompileExpression {
  return (expression) => (doc) => isTrue(evalExpr(doc, expression, options));
}

function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0;
}

function filterTest(filter: Doc, options: Options): DocTest {
  return compileFilter(new FilterParser(expressionCompiler(options)).parse(filter));
}

function sortStage(input: Stream, sort: Doc): Stream {
  const fields = parseSort(sort);
  if (fields.length === 0) throw new MongoFault(15_976, '$sort stage must have at least one sort key');
  return input.transform((docs) =>
    Lazy(
      (docs as Doc[])
        .map((doc) => ({ doc, key: sortKey(doc, fields) }))
        .sort((a, b) => compareSortKeys(a.key, b.key, fields))
        .map(({ doc }) => doc),
    ),
  );
}

function replaceStages(sources: Sources): Record<string, unknown> {
  return {
    [CAPTURE]: (input: Stream, take: (options: Options) => void, options: Options) => {
      take(options);
      return input;
    },
    $match: (input: Stream, filter: Doc, options: Options) => {
      const test = filterTest(filter, options);
      return input.filter((doc: unknown) => test(doc as Doc));
    },
    $sort: sortStage,
    $group: (input: Stream, spec: Doc, options: Options) => {
      const stage = new GroupStage(spec, evaluator(options), groupFallback(options));
      return input.transform((docs) => Lazy(stage.run(docs as Doc[])));
    },
    $bucket: (input: Stream, spec: Doc, options: Options) =>
      input.transform((docs) => Lazy(bucketDocs(docs as Doc[], spec, evaluator(options), groupFallback(options)))),
    $lookup: (input: Stream, spec: Doc, options: Options) =>
      input.map((doc: unknown) => lookup(doc as Doc, spec, sources, scopeOf(options))),
    $graphLookup: (input: Stream, spec: Doc, options: Options) =>
      input.map((doc: unknown) => graphLookup(doc as Doc, spec, sources, scopeOf(options))),
    $unionWith: (input: Stream, spec: unknown, options: Options) =>
      concat(input, Lazy(unionSource(spec, sources, variablesOf(options)))),
  };
}

/** A stage of our own that hands out mingo's prepared options; no client's pipeline passes `checkStages` with it. */
const CAPTURE = '$captureOptions';

const NO_SOURCES: Sources = {
  open: () => [],
  match: () => [],
};

function contextWith(sources: Sources): Context {
  return Context.init({
    accumulator: { ...accumulators, $accumulator: refuseScript('$accumulator') },
    expression: {
      ...expressions,
      ...COMPARISONS,
      ...Object.fromEntries(ARITHMETIC.map((name) => [name, guarded(name)])),
    },
    pipeline: { ...stages, ...replaceStages(sources) },
    projection: { ...projections },
    query: { ...queries },
    window: { ...windows },
  });
}

/** The operators and stages that a command's expressions may use. */
export type EvaluationContext = Context;

/** Takes what pipelines may read beside their input; gives the context of one command. */
export function evaluationContext(sources: Sources): EvaluationContext {
  return contextWith(sources);
}

const PLAIN_CONTEXT = contextWith(NO_SOURCES);

/** Takes the variables of a command (`let`); gives the options that expressions are evaluated with. */
export function evaluationOptions(variables: Doc, context: EvaluationContext = PLAIN_CONTEXT): Options {
  const given: Options = {
    idKey: '_id',
    processingMode: ProcessingMode.CLONE_OFF,
    useStrictMode: true,
    // mingo's own $setWindowFields is built on $function; a client's scripts are refused by refuseScripts.
    scriptEnabled: true,
    failOnError: true,
    variables,
    context,
  };
  // mingo copies every operator each time it gets plain options; what it hands to a stage is made for it already.
  let prepared = given;
  new Aggregator([{ [CAPTURE]: (options: Options) => (prepared = options) }], given).stream([]);
  return prepared;
}

/** Takes an expression and a plain document; gives its value. */
export function evaluateExpression(expression: unknown, doc: unknown, options: Options): unknown {
  return translating(() => evalExpr(doc, expression, options));
}

/** Takes the argument of a `$group`; gives the stage, to be fed document by document. */
export function groupStage(spec: unknown, options: Options): GroupStage {
  const evaluate: Evaluate = (doc, expression) => evaluateExpression(expression, doc, options);
  return new GroupStage(spec, evaluate, {
    fallback: (docs, accumulator) => evaluateExpression(accumulator, docs, options),
  });
}

/** Whether mingo or we know the stage. */
export function isKnownStage(name: string): boolean {
  return name in stages && !['$merge', '$out', '$documents'].includes(name);
}

/** Runs stages over plain documents; gives the results one by one. */
export function* runStages(input: Iterable<Doc>, pipeline: readonly Doc[], options: Options): Generator<Doc> {
  const stream = translating(() => new Aggregator([...pipeline], options).stream(input));
  for (;;) {
    const step = translating(() => stream.next());
    if (step.done) return;
    yield step.value as Doc;
  }
}

function translating<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw translate(error);
  }
}

/** mingo's errors are texts: the ones that a client may act on get MongoDB's codes. */
function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'Error') return error;
  const unknownOperator = /'(\$\w+)' is not registered/.exec(error.message);
  if (unknownOperator?.[1]) return new MongoFault(168, `Unrecognized expression '${unknownOperator[1]}'`);
  const stage = /unregistered pipeline operator (\$\w+)/.exec(error.message);
  if (stage?.[1]) return new MongoFault(40_324, `Unrecognized pipeline stage name: '${stage[1]}'`);
  const variable = /Use of undefined variable: (\w+)/.exec(error.message);
  if (variable?.[1]) return new MongoFault(17_276, `Use of undefined variable: ${variable[1]}`);
  return new MongoFault(2, error.message);
}
