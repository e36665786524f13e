// `$lookup`, `$graphLookup` and `$unionWith`: what one document, or the whole input, is joined with. The other
// collections are read through `Sources`, which use their indexes.
import { MongoFault } from '../mongoFault.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import type { Evaluate } from './group.ts';

/** What a pipeline reads beside its own input; each method gives plain documents. */
export interface Sources {
  /** Runs a pipeline over a collection of the same database, with these variables. */
  open(collection: string, pipeline: readonly Doc[], variables: Doc): Iterable<Doc>;
  /** Runs a pipeline over the documents of a collection whose field equals one of the values. */
  match(
    collection: string,
    join: { readonly field: string; readonly values: readonly unknown[] },
    pipeline: readonly Doc[],
    variables: Doc,
  ): Iterable<Doc>;
}

/** How a stage evaluates expressions, and the variables it knows. */
interface JoinScope {
  readonly evaluate: Evaluate;
  readonly variables: Doc;
}

function textField(stage: string, spec: Doc, name: string): string {
  const value = spec[name];
  if (typeof value !== 'string' || value === '')
    throw new MongoFault(9, `${stage} argument '${name}' must be a string`);
  return value;
}

function valuesAt(doc: Doc, path: string, { evaluate }: JoinScope): unknown[] {
  const value = evaluate(doc, `$${path}`) ?? null;
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function withPath(doc: Doc, path: string, value: unknown): Doc {
  const [name = '', ...rest] = path.split('.');
  const inner = doc[name];
  return { ...doc, [name]: rest.length === 0 ? value : withPath(isDoc(inner) ? inner : {}, rest.join('.'), value) };
}

/** Gives the document with what `$lookup` finds for it. */
export function lookup(doc: Doc, spec: Doc, sources: Sources, scope: JoinScope): Doc {
  const from = textField('$lookup', spec, 'from');
  const as = textField('$lookup', spec, 'as');
  const pipeline = (spec['pipeline'] ?? []) as Doc[];
  const variables = { ...scope.variables, ...(scope.evaluate(doc, spec['let'] ?? {}) as Doc) };
  if (spec['localField'] === undefined && spec['foreignField'] === undefined) {
    return withPath(doc, as, [...sources.open(from, pipeline, variables)]);
  }
  const values = valuesAt(doc, textField('$lookup', spec, 'localField'), scope);
  const field = textField('$lookup', spec, 'foreignField');
  return withPath(doc, as, [...sources.match(from, { field, values }, pipeline, variables)]);
}

/** Gives the document with everything that `$graphLookup` reaches from it. */
export function graphLookup(doc: Doc, spec: Doc, sources: Sources, scope: JoinScope): Doc {
  const from = textField('$graphLookup', spec, 'from');
  const as = textField('$graphLookup', spec, 'as');
  const field = textField('$graphLookup', spec, 'connectToField');
  const next = textField('$graphLookup', spec, 'connectFromField');
  const depthMax = typeof spec['maxDepth'] === 'number' ? spec['maxDepth'] : Infinity;
  const depthField = spec['depthField'];
  const restrict = [{ $match: spec['restrictSearchWithMatch'] ?? {} }];
  const start = scope.evaluate(doc, spec['startWith']) ?? null;
  let values: unknown[] = Array.isArray(start) ? start : [start];
  const found = new Map<string, Doc>();
  for (let depth = 0; depth <= depthMax && values.length > 0; depth += 1) {
    const reached: unknown[] = [];
    for (const match of sources.match(from, { field, values }, restrict, scope.variables)) {
      const id = encodeKey(match['_id']).toString('latin1');
      if (found.has(id)) continue;
      found.set(id, typeof depthField === 'string' ? { ...match, [depthField]: depth } : match);
      reached.push(...valuesAt(match, next, scope));
    }
    values = reached;
  }
  return withPath(doc, as, [...found.values()]);
}

/** Gives what `$unionWith` adds. */
export function unionSource(spec: unknown, sources: Sources, variables: Doc): Iterable<Doc> {
  const whole = isDoc(spec) ? spec : { coll: spec };
  if (whole['coll'] === undefined) throw new MongoFault(238, '$unionWith without coll is not supported by this server');
  return sources.open(textField('$unionWith', whole, 'coll'), (whole['pipeline'] ?? []) as Doc[], variables);
}
