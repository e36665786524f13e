// A find's projection on exactly decoded documents, so that projected numbers keep their types.
import { refuseScripts } from '../aggregate/checkStages.ts';
import { evaluateExpression, evaluationOptions } from '../evaluate.ts';
import { MongoFault } from '../mongoFault.ts';
import { toPlain } from '../values/bsonCodec.ts';
import { KIND, type Doc, asNumber, isDoc, isTruthy, kindOf } from '../values/kinds.ts';
import { ownValue } from '../values/path.ts';
import type { FilterNode } from './filterNode.ts';
import { compileFilter } from './matches.ts';
import { FilterParser } from './parseFilter.ts';
import { positionMatched } from './position.ts';

/** A compiled projection. */
type Project = (doc: Doc) => Doc;

interface Tree {
  readonly leaves: Map<string, unknown>;
  readonly branches: Map<string, Tree>;
}

interface Parsed {
  readonly including: boolean | undefined;
  readonly id: boolean | undefined;
  readonly tree: Tree;
  readonly computed: readonly (readonly [string, unknown])[];
}

const parser = new FilterParser(() => {
  throw new MongoFault(2, '$expr is not allowed in a projection');
});

function emptyTree(): Tree {
  return { leaves: new Map(), branches: new Map() };
}

function plant(tree: Tree, segments: readonly string[], leaf: unknown, path: string): void {
  const [name = '', ...rest] = segments;
  if (rest.length === 0) {
    if (tree.branches.has(name)) throw new MongoFault(31_249, `Path collision at ${path}`);
    tree.leaves.set(name, leaf);
    return;
  }
  if (tree.leaves.has(name))
    throw new MongoFault(31_250, `Path collision at ${path} remaining portion ${rest.join('.')}`);
  const branch = tree.branches.get(name) ?? emptyTree();
  tree.branches.set(name, branch);
  plant(branch, rest, leaf, path);
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean' || kindOf(value) === KIND.number;
const isArrayOperator = (value: unknown): value is Doc => isDoc(value) && ('$slice' in value || '$elemMatch' in value);

function parse(projection: Doc): Parsed {
  let [including, id] = [undefined as boolean | undefined, undefined as boolean | undefined];
  const tree = emptyTree();
  const computed: [string, unknown][] = [];
  for (const [path, value] of Object.entries(projection)) {
    if (path === '_id' && isFlag(value)) {
      id = isTruthy(value);
    } else if (path.endsWith('.$')) {
      including = true;
      plant(tree, path.slice(0, -2).split('.'), { $position: path.slice(0, -2) }, path);
    } else if (isFlag(value)) {
      const kept = isTruthy(value);
      if (including !== undefined && including !== kept) {
        throw new MongoFault(
          kept ? 31_253 : 31_254,
          `Cannot do ${kept ? 'inclusion' : 'exclusion'} on field ${path} in ${kept ? 'exclusion' : 'inclusion'} projection`,
        );
      }
      including = kept;
      plant(tree, path.split('.'), true, path);
    } else if (isArrayOperator(value)) {
      if ('$elemMatch' in value) including ??= true;
      plant(tree, path.split('.'), value, path);
    } else {
      if (isDoc(value) && '$meta' in value) throw new MongoFault(238, '$meta is not supported by this server');
      refuseScripts(value);
      including ??= true;
      computed.push([path, value]);
    }
  }
  return { including, id, tree, computed };
}

function slice(items: readonly unknown[], argument: unknown): unknown[] {
  if (!Array.isArray(argument)) {
    const count = asNumber(argument) ?? 0;
    return count < 0 ? items.slice(count) : items.slice(0, count);
  }
  const [skip = 0, limit = 0] = (argument as unknown[]).map((part) => asNumber(part) ?? 0);
  if (limit <= 0) throw new MongoFault(28_724, 'Third argument to $slice must be positive');
  const start = skip < 0 ? Math.max(0, items.length + skip) : skip;
  return items.slice(start, start + limit);
}

interface Scope {
  readonly including: boolean;
  readonly filter: FilterNode;
  readonly root: Doc;
}

function arrayLeaf(value: unknown, leaf: Doc, scope: Scope): unknown {
  if ('$position' in leaf) {
    const at = positionMatched(scope.filter, scope.root, String(leaf['$position']));
    if (at === undefined)
      throw new MongoFault(
        51_246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      );
    return Array.isArray(value) ? [value[at] as unknown] : value;
  }
  if (!Array.isArray(value)) return '$elemMatch' in leaf ? undefined : value;
  if ('$slice' in leaf) return slice(value, leaf['$slice']);
  const test = compileFilter(parser.parse({ '': { $elemMatch: leaf['$elemMatch'] } }));
  const found = (value as unknown[]).find((item) => test({ '': [item] }));
  return found === undefined ? undefined : [found];
}

function project(value: unknown, tree: Tree, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return (value as unknown[])
      .filter((item) => !scope.including || isDoc(item) || Array.isArray(item))
      .map((item) => project(item, tree, scope));
  }
  return isDoc(value) ? projectFields(value, tree, scope) : value;
}

function projectFields(doc: Doc, tree: Tree, scope: Scope): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(doc)) {
    const leaf = tree.leaves.get(name);
    const branch = tree.branches.get(name);
    let kept: unknown;
    if (isDoc(leaf)) kept = arrayLeaf(value, leaf, scope);
    else if (leaf !== undefined) kept = scope.including ? value : undefined;
    else if (branch)
      kept = scope.including && !isDoc(value) && !Array.isArray(value) ? undefined : project(value, branch, scope);
    else kept = scope.including ? undefined : value;
    if (kept !== undefined) result[name] = kept;
  }
  return result;
}

function setPath(doc: Doc, path: string, value: unknown): void {
  const segments = path.split('.');
  let holder = doc;
  for (const name of segments.slice(0, -1)) {
    const inner = ownValue(holder, name);
    const next = isDoc(inner) ? inner : {};
    holder[name] = next;
    holder = next;
  }
  holder[segments.at(-1) ?? ''] = value;
}

/** Takes a projection, the query's filter (for `.$`) and its variables; gives the compiled one, or undefined: all fields. */
export function compileProjection(projection: unknown, filter: FilterNode, variables: Doc): Project | undefined {
  if (!isDoc(projection) || Object.keys(projection).length === 0) return undefined;
  const { including, id, tree, computed } = parse(projection);
  const only = including ?? (id === true && tree.leaves.size === 0);
  const options = computed.length > 0 ? evaluationOptions(variables) : undefined;
  if (id === (only ? undefined : false) || id === only) tree.leaves.set('_id', true);
  if (only && id === undefined) tree.leaves.set('_id', true);
  return (doc) => {
    const result = projectFields(doc, tree, { including: only, filter, root: doc });
    if (!options) return result;
    const plain = toPlain(doc);
    for (const [path, expression] of computed) {
      const value = evaluateExpression(toPlain({ expression })['expression'], plain, options);
      if (value !== undefined) setPath(result, path, value);
    }
    return result;
  };
}
