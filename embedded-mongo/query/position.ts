// Which item of an array a filter matched: what `$` stands for in updates and projections.
import { type Doc, isDoc } from '../values/kinds.ts';
import { isPosition, ownValue } from '../values/path.ts';
import { type FilterNode, conjuncts } from './filterNode.ts';
import { compileFilter } from './matches.ts';

function withItem(doc: unknown, segments: readonly string[], item: unknown): unknown {
  const [name, ...rest] = segments;
  if (name === undefined) return [item];
  const inner = isDoc(doc) ? ownValue(doc, name) : undefined;
  return { ...(isDoc(doc) ? doc : {}), [name]: withItem(inner, rest, item) };
}

function touches(node: FilterNode, path: string): boolean {
  if (node.op === 'field') return node.path === path || node.path.startsWith(`${path}.`);
  if (node.op === 'expr') return false;
  return node.op === 'not' ? false : node.nodes.some((inner) => touches(inner, path));
}

/** Takes a filter, a document that passes it and an array's path; gives the first item that the filter is about. */
export function positionMatched(filter: FilterNode, doc: Doc, path: string): number | undefined {
  const segments = path.split('.');
  const items = segments.reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return isPosition(name) ? (value[Number(name)] as unknown) : undefined;
    return isDoc(value) ? ownValue(value, name) : undefined;
  }, doc);
  const tests = conjuncts(filter)
    .filter((node) => touches(node, path))
    .map(compileFilter);
  if (!Array.isArray(items) || tests.length === 0) return undefined;
  const passed = (items as unknown[]).map((item) => {
    const narrowed = withItem(doc, segments, item) as Doc;
    return tests.filter((test) => test(narrowed)).length;
  });
  const best = Math.max(...passed);
  return best > 0 ? passed.indexOf(best) : undefined;
}
