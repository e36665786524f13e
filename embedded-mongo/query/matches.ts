// Compiles a parsed filter to a test of exactly decoded documents.
import { compareValues, equalValues } from '../values/compare.ts';
import { KIND, type Doc, asNumber, isDoc, kindOf } from '../values/kinds.ts';
import { somePathValue } from '../values/path.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { passesBits } from './bits.ts';
import type { BitTest, ElementFilter, FieldNode, FilterNode } from './filterNode.ts';
import { typeName } from './typeNames.ts';

/** A compiled filter. */
export type DocTest = (doc: Doc) => boolean;
type ValueTest = (value: unknown) => boolean;

const onItems =
  (test: ValueTest): ValueTest =>
  (value) =>
    test(value) || (Array.isArray(value) && (value as unknown[]).some(test));

function isNaNValue(value: unknown): boolean {
  return kindOf(value) === KIND.number && Number.isNaN(asNumber(value));
}

function rangeTest(name: string, bound: unknown): ValueTest {
  const accept = { $gt: [1], $gte: [0, 1], $lt: [-1], $lte: [-1, 0] }[name] ?? [];
  const kind = kindOf(bound);
  const acrossKinds = kind === KIND.minKey || kind === KIND.maxKey;
  const boundNaN = isNaNValue(bound);
  return (value) => {
    if (!acrossKinds && kindOf(value) !== kind) return false;
    if (value === undefined && kind !== KIND.null) return false;
    if (kind === KIND.number && (boundNaN || isNaNValue(value))) {
      return boundNaN && isNaNValue(value) && accept.includes(0);
    }
    return accept.includes(Math.sign(compareValues(value, bound)));
  };
}

function inTest(items: readonly unknown[]): ValueTest {
  if (items.length <= 4) return (value) => items.some((item) => equalValues(item, value));
  const strings = new Set(items.filter((item) => typeof item === 'string'));
  const keys = new Set(
    items.filter((item) => typeof item !== 'string').map((item) => encodeKey(item).toString('latin1')),
  );
  return (value) =>
    typeof value === 'string' ? strings.has(value) : keys.size > 0 && keys.has(encodeKey(value).toString('latin1'));
}

function elementTest(filter: ElementFilter): ValueTest {
  const test = compileFilter(filter.node);
  return (value) =>
    Array.isArray(value) &&
    (value as unknown[]).some((item) =>
      filter.onValue ? test({ '': item }) : (isDoc(item) || Array.isArray(item)) && test(item as Doc),
    );
}

function valueTest(node: FieldNode): ValueTest {
  const { name, value } = node;
  switch (name) {
    case '$eq':
      return onItems((found) => equalValues(found, value));
    case '$in':
      return onItems(inTest(value as unknown[]));
    case '$exists':
      return (found) => found !== undefined;
    case '$type':
      return onItems((found) => (value as ReadonlySet<string>).has(typeName(found)));
    case '$mod': {
      const [divisor = 1, remainder] = value as number[];
      return onItems((found) => Math.trunc(asNumber(found) ?? NaN) % divisor === remainder);
    }
    case '$regex':
      return onItems((found) => typeof found === 'string' && (value as RegExp).test(found));
    case '$size':
      return (found) => Array.isArray(found) && found.length === value;
    case '$elemMatch':
      return elementTest(value as ElementFilter);
    case '$bits':
      return onItems((found) => passesBits(found, value as BitTest));
    default:
      return onItems(rangeTest(name, value));
  }
}

function compileField(node: FieldNode): DocTest {
  const test = valueTest(node);
  const { segments } = node;
  if (node.name === '$exists' && node.value === false) {
    return (doc) => !somePathValue(doc, segments, 0, (found) => found !== undefined);
  }
  return (doc) => somePathValue(doc, segments, 0, test);
}

/** Takes a parsed filter; gives its test. */
export function compileFilter(node: FilterNode): DocTest {
  switch (node.op) {
    case 'field':
      return compileField(node);
    case 'expr':
      return node.test;
    case 'not': {
      const test = compileFilter(node.node);
      return (doc) => !test(doc);
    }
    default: {
      const tests = node.nodes.map(compileFilter);
      if (node.op === 'and') return (doc) => tests.every((test) => test(doc));
      if (node.op === 'or') return (doc) => tests.some((test) => test(doc));
      return (doc) => !tests.some((test) => test(doc));
    }
  }
}
