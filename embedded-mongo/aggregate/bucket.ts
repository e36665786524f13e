// `$bucket`: groups by the greatest boundary that is not above the value.
import { MongoFault } from '../mongoFault.ts';
import { compareValues } from '../values/compare.ts';
import { type Doc, isDoc, kindOf } from '../values/kinds.ts';
import { type Evaluate, type GroupFallback, GroupStage } from './group.ts';

function checkedBoundaries(spec: Doc): unknown[] {
  const { boundaries } = spec;
  if (!Array.isArray(boundaries) || boundaries.length < 2) {
    throw new MongoFault(40_192, "The $bucket 'boundaries' field must have at least 2 values");
  }
  boundaries.forEach((value, at) => {
    if (at === 0) return;
    const before: unknown = boundaries[at - 1];
    if (kindOf(before) !== kindOf(value))
      throw new MongoFault(40_193, "All values in the 'boundaries' option to $bucket must have the same type");
    if (compareValues(before, value) >= 0)
      throw new MongoFault(40_194, "The 'boundaries' option to $bucket must be sorted");
  });
  return boundaries;
}

/** Takes documents and the stage's argument; gives one result a bucket that is not empty, in order. */
export function bucketDocs(docs: Iterable<Doc>, spec: Doc, evaluate: Evaluate, others: GroupFallback): Doc[] {
  const boundaries = checkedBoundaries(spec);
  const last = boundaries.at(-1);
  const outside: unknown = spec['default'];
  const bucketOf = (doc: unknown): unknown => {
    const value = evaluate(doc, spec['groupBy']);
    const bound = value === undefined ? undefined : boundaries.findLast((one) => compareValues(one, value) <= 0);
    if (bound !== undefined && compareValues(value, last) < 0) return bound;
    if (outside !== undefined) return outside;
    throw new MongoFault(
      7_157_302,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
  const marker = {};
  const output = isDoc(spec['output']) ? spec['output'] : { count: { $sum: 1 } };
  const stage = new GroupStage(
    { _id: marker, ...output },
    (doc, expression) => (expression === marker ? bucketOf(doc) : evaluate(doc, expression)),
    others,
  );
  return stage.run(docs).sort((a, b) => compareValues(a['_id'], b['_id']));
}
