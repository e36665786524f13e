// `$group` in one pass: the usual accumulators keep a running value; the others get the documents of their group.
import { BSONValue } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { compareValues } from '../values/compare.ts';
import { encodeKey } from '../values/keyEncoding.ts';
import { type Doc, isDoc } from '../values/kinds.ts';
import { ownValue } from '../values/path.ts';

/** Evaluates an expression for a document. */
export type Evaluate = (doc: unknown, expression: unknown) => unknown;

/** Where accumulators go that have no running value: they get all documents of the group. */
export interface GroupFallback {
  fallback(docs: readonly Doc[], accumulator: Doc): unknown;
}

interface Running {
  add(doc: Doc): void;
  result(): unknown;
  /** Whether the next document is looked at; absent: always. Once it is not, none is. */
  reads?(): boolean;
}

type Value = (doc: Doc) => unknown;
type MakeRunning = (value: Value, isConstant: boolean) => Running;

const TOP_FIELD = /^\$[^$.]+$/;

function isConstant(expression: unknown): boolean {
  return expression === null || typeof expression === 'number' || typeof expression === 'boolean';
}

/** Takes an expression; gives its value for a document. What is simple is not sent through mingo each time. */
function valueOf(expression: unknown, evaluate: Evaluate): Value {
  if (isConstant(expression)) return () => expression;
  if (typeof expression === 'string' && TOP_FIELD.test(expression)) {
    const name = expression.slice(1);
    return (doc) => ownValue(doc, name);
  }
  return (doc) => evaluate(doc, expression);
}

/** `$firstN` of a fixed number: absent values count as null. */
function firstN(value: Value, count: number): Running {
  const items: unknown[] = [];
  return {
    add(doc) {
      if (items.length < count) items.push(value(doc) ?? null);
    },
    result: () => items,
    reads: () => items.length < count,
  };
}

/** Gives the argument of a `$firstN` whose number is fixed. */
function fixedFirstN(
  operator: string,
  argument: unknown,
): { readonly count: number; readonly input: unknown } | undefined {
  if (operator !== '$firstN' || !isDoc(argument)) return undefined;
  const { n, input, ...others } = argument;
  const isFixed = typeof n === 'number' && Number.isInteger(n) && n > 0;
  return isFixed && input !== undefined && Object.keys(others).length === 0 ? { count: n, input } : undefined;
}

function asPlainNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof BSONValue && (value._bsontype === 'Decimal128' || value._bsontype === 'Long')) {
    throw new MongoFault(238, `sums of ${value._bsontype} are not supported by this server`);
  }
  return undefined;
}

function extreme(sign: number): MakeRunning {
  return (evaluate) => {
    let best: unknown;
    return {
      add(doc) {
        const value = evaluate(doc);
        if (value === undefined || value === null) return;
        if (best === undefined || compareValues(value, best) * sign > 0) best = value;
      },
      result: () => best ?? null,
    };
  };
}

const RUNNING: Readonly<Record<string, MakeRunning>> = {
  $sum: (evaluate, isSame) => {
    let sum = 0;
    const add = (doc: Doc): number => (sum += asPlainNumber(evaluate(doc)) ?? 0);
    return { add, result: () => sum, reads: () => !isSame };
  },
  $avg: (evaluate) => {
    let [sum, count] = [0, 0];
    return {
      add(doc) {
        const value = asPlainNumber(evaluate(doc));
        if (value === undefined) return;
        sum += value;
        count += 1;
      },
      result: () => (count === 0 ? null : sum / count),
    };
  },
  $count: () => {
    let count = 0;
    return { add: () => (count += 1), result: () => count, reads: () => false };
  },
  $min: extreme(-1),
  $max: extreme(1),
  $first: (evaluate) => {
    let [found, seen] = [undefined as unknown, false];
    return {
      add(doc) {
        if (!seen) found = evaluate(doc);
        seen = true;
      },
      result: () => found ?? null,
      reads: () => !seen,
    };
  },
  $last: (evaluate) => {
    let last: Doc | undefined;
    return { add: (doc) => (last = doc), result: () => (last && evaluate(last)) ?? null };
  },
  $push: (evaluate) => {
    const items: unknown[] = [];
    return {
      add(doc) {
        const value = evaluate(doc);
        if (value !== undefined) items.push(value);
      },
      result: () => items,
    };
  },
  $mergeObjects: (evaluate) => {
    const merged: Doc = {};
    return {
      add(doc) {
        const value = evaluate(doc);
        if (value === undefined || value === null) return;
        if (!isDoc(value)) throw new MongoFault(40_400, '$mergeObjects requires object inputs');
        Object.assign(merged, value);
      },
      result: () => merged,
    };
  },
  $addToSet: (evaluate) => {
    const items = new Map<string, unknown>();
    return {
      add(doc) {
        const value = evaluate(doc);
        if (value !== undefined) items.set(encodeKey(value).toString('latin1'), value);
      },
      result: () => [...items.values()],
    };
  },
};

interface Group {
  readonly id: unknown;
  readonly running: readonly (Running | undefined)[];
  readonly docs: Doc[];
}

/** One `$group`. */
export class GroupStage {
  private readonly isOne: boolean;
  private readonly fields: readonly (readonly [string, Doc, string])[];
  private readonly evaluate: Evaluate;
  private readonly others: GroupFallback;
  private readonly groups = new Map<string, Group>();
  private readonly identify: Value;
  private only: Group | undefined;

  constructor(spec: unknown, evaluate: Evaluate, others: GroupFallback) {
    if (!isDoc(spec)) throw new MongoFault(15_947, "a group's fields must be specified in an object");
    if (!('_id' in spec)) throw new MongoFault(15_955, 'a group specification must include an _id');
    this.isOne = isConstant(spec['_id']);
    this.identify = valueOf(spec['_id'], evaluate);
    this.evaluate = evaluate;
    this.others = others;
    this.fields = Object.entries(spec)
      .filter(([name]) => name !== '_id')
      .map(([name, accumulator]) => {
        const operators = isDoc(accumulator) ? Object.keys(accumulator) : [];
        const [operator = ''] = operators;
        if (!isDoc(accumulator) || operators.length !== 1 || !operator.startsWith('$')) {
          throw new MongoFault(40_234, `The field '${name}' must be an accumulator object`);
        }
        return [name, accumulator, operator] as const;
      });
  }

  /** Takes the documents; gives one result a group, in the order in which the groups began. */
  run(docs: Iterable<Doc>): Doc[] {
    for (const doc of docs) this.add(doc);
    return this.results();
  }

  /** Adds one document to its group. */
  add(doc: Doc): void {
    const group = this.only ?? this.groupOf(doc);
    let keeps = false;
    for (const running of group.running) {
      if (running) running.add(doc);
      else keeps = true;
    }
    if (keeps) group.docs.push(doc);
  }

  /** Whether the next document is looked at: when not, any document may be added in its place, as may all after it. */
  needsDocument(): boolean {
    return !this.only?.running.every((running) => running?.reads?.() === false);
  }

  /** Gives one result a group. */
  results(): Doc[] {
    return [...this.groups.values()].map((group) => this.close(group));
  }

  private groupOf(doc: Doc): Group {
    const id = this.identify(doc);
    const name = typeof id === 'string' ? id : `\0${encodeKey(id).toString('latin1')}`;
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, (group = this.open(id)));
    if (this.isOne) this.only = group;
    return group;
  }

  private open(id: unknown): Group {
    const running = this.fields.map(([, accumulator, operator]) => {
      const expression = accumulator[operator];
      const first = fixedFirstN(operator, expression);
      if (first) return firstN(valueOf(first.input, this.evaluate), first.count);
      return RUNNING[operator]?.(valueOf(expression, this.evaluate), isConstant(expression));
    });
    return { id: id ?? null, running, docs: [] };
  }

  private close(group: Group): Doc {
    const result: Doc = { _id: group.id };
    this.fields.forEach(([name, accumulator, operator], at) => {
      const running = group.running[at];
      result[name] = running ? running.result() : this.closeOther(group.docs, accumulator, operator);
    });
    return result;
  }

  /** `$top` and `$bottom` give what their siblings for several give first. */
  private closeOther(docs: readonly Doc[], accumulator: Doc, operator: string): unknown {
    const argument = accumulator[operator];
    if ((operator !== '$top' && operator !== '$bottom') || !isDoc(argument))
      return this.others.fallback(docs, accumulator);
    const found = this.others.fallback(docs, { [`${operator}N`]: { ...argument, n: 1 } });
    return Array.isArray(found) ? (found[0] as unknown) : found;
  }
}
