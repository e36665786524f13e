// From a client's filter to a tree of nodes. Each unknown or malformed operator is refused with MongoDB's code 2, so
// that no filter is ever answered as if it were another.
import { MongoFault } from '../mongoFault.ts';
import { KIND, type Doc, asNumber, isDoc, isTruthy, kindOf } from '../values/kinds.ts';
import { bitTest } from './bits.ts';
import type { ElementFilter, FieldNode, FieldOperator, FilterNode } from './filterNode.ts';
import { regexFrom } from './regex.ts';
import { typeTest } from './typeNames.ts';

/** Compiles the expression of `$expr`; given by `evaluate.ts` through the command. */
export type CompileExpression = (expression: unknown) => (doc: Doc) => boolean;

const refuse = (message: string): never => {
  throw new MongoFault(2, message);
};

function all(nodes: FilterNode[]): FilterNode {
  const [only] = nodes;
  return nodes.length === 1 && only ? only : { op: 'and', nodes };
}

function field(path: string, name: FieldOperator, value: unknown): FieldNode {
  return { op: 'field', path, segments: path.split('.'), name, value };
}

function equality(path: string, value: unknown): FieldNode {
  return kindOf(value) === KIND.regex ? field(path, '$regex', regexFrom(value, undefined)) : field(path, '$eq', value);
}

function list(name: string, value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : refuse(`${name} needs an array`);
}

function inList(path: string, name: string, value: unknown): FilterNode {
  const items = list(name, value);
  const operator = items.find((item) => isDoc(item) && Object.keys(item)[0]?.startsWith('$'));
  if (operator !== undefined) refuse(`cannot nest $ under ${name}`);
  const regexes = items.filter((item) => kindOf(item) === KIND.regex);
  const plain = field(
    path,
    '$in',
    items.filter((item) => kindOf(item) !== KIND.regex),
  );
  if (regexes.length === 0) return plain;
  return { op: 'or', nodes: [plain, ...regexes.map((regex) => equality(path, regex))] };
}

function modulus(path: string, value: unknown): FieldNode {
  const items = list('$mod', value);
  if (items.length !== 2) refuse(`malformed mod, ${items.length < 2 ? 'not enough' : 'too many'} elements`);
  const [divisor, remainder] = [asNumber(items[0]), asNumber(items[1])];
  if (divisor === undefined || remainder === undefined) return refuse('malformed mod, divisor not a number');
  if (Math.trunc(divisor) === 0) refuse('divisor cannot be 0');
  return field(path, '$mod', [Math.trunc(divisor), Math.trunc(remainder)]);
}

const BIT_OPERATORS = new Set(['$bitsAllSet', '$bitsAllClear', '$bitsAnySet', '$bitsAnyClear']);
const ELSEWHERE = new Set([
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$maxDistance',
  '$minDistance',
]);

/** Parses filters of one command: it carries how `$expr` is compiled. */
export class FilterParser {
  private readonly compileExpression: CompileExpression;

  constructor(compileExpression: CompileExpression) {
    this.compileExpression = compileExpression;
  }

  /** Takes a filter; gives its tree. Throws MongoFault 2 for what MongoDB would refuse, 238 for what is not supported. */
  parse(filter: unknown): FilterNode {
    if (!isDoc(filter)) return refuse('the filter has to be an object');
    return all(Object.entries(filter).flatMap(([name, value]) => this.entry(name, value)));
  }

  private entry(name: string, value: unknown): FilterNode[] {
    if (!name.startsWith('$')) return [this.atPath(name, value)];
    switch (name) {
      case '$and':
      case '$or':
      case '$nor':
        return [{ op: name.slice(1) as 'and' | 'or' | 'nor', nodes: this.branches(name, value) }];
      case '$expr':
        return [{ op: 'expr', test: this.compileExpression(value) }];
      case '$comment':
        return [];
      case '$where':
        throw new MongoFault(2, '$where is not allowed: server-side JavaScript is disabled');
      case '$text':
        throw new MongoFault(27, 'text index required for $text query');
      case '$jsonSchema':
        throw new MongoFault(238, '$jsonSchema is not supported by this server');
      default:
        return refuse(
          `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
        );
    }
  }

  private branches(name: string, value: unknown): FilterNode[] {
    if (!Array.isArray(value)) return refuse(`${name} must be an array`);
    if (value.length === 0) return refuse(`${name} argument must be a non-empty array`);
    return value.map((branch) =>
      isDoc(branch) ? this.parse(branch) : refuse(`${name} argument's entries must be objects`),
    );
  }

  private atPath(path: string, value: unknown): FilterNode {
    if (isDoc(value) && Object.keys(value)[0]?.startsWith('$') && !('$ref' in value))
      return this.operators(path, value);
    return equality(path, value);
  }

  private operators(path: string, operators: Doc): FilterNode {
    const nodes = Object.entries(operators).map(([name, value]) => this.operator(path, name, value, operators));
    return all(nodes.filter((node) => node !== undefined));
  }

  private operator(path: string, name: string, value: unknown, beside: Doc): FilterNode | undefined {
    switch (name) {
      case '$eq':
        return kindOf(value) === KIND.regex ? field(path, '$in', [value]) : field(path, '$eq', value);
      case '$ne':
        return { op: 'not', node: field(path, '$eq', value) };
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        return kindOf(value) === KIND.regex
          ? refuse(`Can't have RegEx as arg to predicate over field '${path}'.`)
          : field(path, name, value);
      case '$in':
        return inList(path, name, value);
      case '$nin':
        return { op: 'not', node: inList(path, name, value) };
      case '$not':
        return this.negation(path, value);
      case '$exists':
        return field(path, '$exists', isTruthy(value));
      case '$regex':
        return field(path, '$regex', regexFrom(value, beside['$options']));
      case '$options':
        return '$regex' in beside ? undefined : refuse('$options needs a $regex');
      case '$comment':
        return undefined;
      default:
        return this.rarer(path, name, value);
    }
  }

  private rarer(path: string, name: string, value: unknown): FilterNode {
    switch (name) {
      case '$type':
        return field(path, '$type', typeTest(value));
      case '$mod':
        return modulus(path, value);
      case '$size':
        return this.size(path, value);
      case '$all':
        return this.every(path, value);
      case '$elemMatch':
        return field(path, '$elemMatch', this.element(value));
      default:
        if (BIT_OPERATORS.has(name)) return field(path, '$bits', bitTest(name, value));
        if (ELSEWHERE.has(name)) throw new MongoFault(238, `${name} is not supported by this server`);
        return refuse(`unknown operator: ${name}`);
    }
  }

  private size(path: string, value: unknown): FilterNode {
    const size = asNumber(value);
    if (size === undefined || !Number.isInteger(size))
      return refuse(`Failed to parse $size. Expected an integer in: $size: ${String(value)}`);
    return size < 0 ? refuse('Failed to parse $size. Expected a non-negative number') : field(path, '$size', size);
  }

  private negation(path: string, value: unknown): FilterNode {
    if (kindOf(value) === KIND.regex) return { op: 'not', node: equality(path, value) };
    if (!isDoc(value)) return refuse('$not needs a regex or a document');
    if (Object.keys(value).length === 0) return refuse('$not cannot be empty');
    if (!Object.keys(value)[0]?.startsWith('$')) return refuse(`unknown operator: ${Object.keys(value)[0] ?? ''}`);
    return { op: 'not', node: this.operators(path, value) };
  }

  private every(path: string, value: unknown): FilterNode {
    const items = list('$all', value);
    if (items.length === 0) return field(path, '$in', []);
    return all(
      items.map((item) =>
        isDoc(item) && '$elemMatch' in item
          ? field(path, '$elemMatch', this.element(item['$elemMatch']))
          : equality(path, item),
      ),
    );
  }

  private element(value: unknown): ElementFilter {
    if (!isDoc(value)) return refuse('$elemMatch needs an Object');
    const first = Object.keys(value)[0] ?? '';
    const onValue = first.startsWith('$') && !['$and', '$or', '$nor', '$expr'].includes(first);
    return { onValue, node: onValue ? this.operators('', value) : this.parse(value) };
  }
}
