// The tree of subgraph data → the text of exactly what was asked, in the client's order: nulls travel up as GraphQL has
// it, every value is held against its type, and each place that has none for a failure gets one error at the client's
// own path. What stands at several places is written once.
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import { isFields, type ExecutedPlan, type Failure, type FailureMap, type Fields } from '../compiledOperation.ts';
import type { FieldShape, LeafKind, ObjectShape, SharedObjects, ValueShape } from '../compiledOperation.ts';

type Path = (string | number)[];

/** An error of the answer. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: ErrorCodeName;
    /** What the caller lacks: any one of these lists would do. */
    readonly scopes?: readonly (readonly string[])[];
  };
}

/** What a client gets. */
export interface ProjectedAnswer {
  /** The value of `data`, as JSON. */
  readonly text: string;
  /** Whether any root field was answered. */
  readonly hasData: boolean;
  readonly errors: readonly AnswerError[];
}

/** What is said of values that are not what was asked. */
export interface ProjectionRules {
  readonly sentenceOf: (code: ErrorCodeName) => string;
  /** How many errors of one failure are shown. */
  readonly errorsMax: number;
}

/** The value cannot be, and null is not allowed: the null travels up. */
const NO_VALUE = undefined;
/** What no subgraph can answer with. */
type Text = string | typeof NO_VALUE;
const INT_MAX = 2 ** 31;
/** What a text of JSON may write otherwise than it is: control characters and lone surrogates, too. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

function stringText(value: string): string {
  return ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** A value of a scalar that only its subgraph knows. */
function anyText(value: unknown): Text {
  if (typeof value === 'number' && !Number.isFinite(value)) return NO_VALUE;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than can be written, though not than can be read.
    return NO_VALUE;
  }
}

function leafText(leaf: LeafKind, value: unknown): Text {
  switch (leaf) {
    case 'String':
      return typeof value === 'string' ? stringText(value) : NO_VALUE;
    case 'ID':
      if (typeof value === 'string') return stringText(value);
      return Number.isSafeInteger(value) ? `"${String(value)}"` : NO_VALUE;
    case 'Int':
      return Number.isInteger(value) && (value as number) < INT_MAX && (value as number) >= -INT_MAX
        ? String(value)
        : NO_VALUE;
    case 'Float':
      // JSON has larger numbers than there are here: `1e400` is read as Infinity, which it cannot write.
      return Number.isFinite(value) ? JSON.stringify(value) : NO_VALUE;
    case 'Boolean':
      return typeof value === 'boolean' ? String(value) : NO_VALUE;
    case 'any':
      return anyText(value);
    default:
      return typeof value === 'string' && leaf.has(value) ? stringText(value) : NO_VALUE;
  }
}

/** Whether a value may be one that the caller's view of the graph hides: null, and nothing is said of it. */
function isHiding(shape: ValueShape): boolean {
  return shape.nullable && 'hidesSome' in shape && shape.hidesSome;
}

/** Writes one answer. */
class Projection {
  private readonly errors: (Omit<AnswerError, 'message'> & { message: string })[] = [];
  private readonly path: Path = [];
  private readonly failures: FailureMap | undefined;
  private readonly coerced: Fields;
  private readonly rules: ProjectionRules;
  /** How often something was told. */
  private told = 0;
  /** Undefined where the same value can mean different errors. */
  private readonly shared: SharedObjects | undefined;
  private readonly written = new Map<ObjectShape, Map<object, string>>();
  private readonly shown = new Map<Failure | string, { count: number; last: number; text: string }>();
  private readonly badAnswer: Failure;
  private readonly badInput: Failure;

  constructor({ failures, shared }: ExecutedPlan, coerced: Fields, rules: ProjectionRules) {
    this.failures = failures;
    this.shared = failures === undefined && !shared.isEmpty ? shared : undefined;
    this.coerced = coerced;
    this.rules = rules;
    const failureOf = (code: ErrorCodeName): Failure => {
      return { code, message: rules.sentenceOf(code), namesField: true, beneath: [] };
    };
    this.badAnswer = failureOf('SUBGRAPH_BAD_ANSWER');
    this.badInput = failureOf('BAD_USER_INPUT');
  }

  answer({ tree, loose }: ExecutedPlan, root: ObjectShape): ProjectedAnswer {
    const text = this.object(tree, root, root.onlyType);
    for (const { code, message } of loose.slice(0, this.rules.errorsMax))
      this.errors.push({ message, extensions: { code } });
    for (const { count, last, text } of this.shown.values()) {
      const error = this.errors[last];
      const more = count - this.rules.errorsMax;
      if (error !== undefined && more > 0)
        error.message = `${text} ${more} more fields are missing for the same reason.`;
    }
    return { text: text ?? 'null', hasData: text !== undefined && this.hasValue, errors: this.errors };
  }

  /** Whether a field of the root has a value: it is written last. */
  private hasValue = false;

  /** Writes what stands at several places once; what was told of it is told at each. */
  private objectOnce(object: Fields, shape: ObjectShape, typename: string | undefined): Text {
    if (this.shared?.has(object) !== true) return this.object(object, shape, typename);
    let written = this.written.get(shape);
    if (written === undefined) this.written.set(shape, (written = new Map<object, string>()));
    const known = written.get(object);
    if (known !== undefined) return known;
    const { told } = this;
    const text = this.object(object, shape, typename);
    if (text !== NO_VALUE && told === this.told) written.set(object, text);
    return text;
  }

  private object(object: Fields, shape: ObjectShape, typename: string | undefined): Text {
    const fields = shape.fieldsOf(typename);
    if (fields === undefined) return NO_VALUE;
    let text = '';
    let isWhole = true;
    let hasValue = false;
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at] as FieldShape;
      const value = this.field(object, field, typename);
      // What is beside a value that cannot be is still looked at: each wrong field is told.
      if (value === NO_VALUE) {
        isWhole = false;
        continue;
      }
      if (value !== 'null') hasValue = true;
      text += at === 0 ? field.opening : field.following;
      text += value;
    }
    this.hasValue = hasValue;
    if (!isWhole) return NO_VALUE;
    return text === '' ? '{}' : `${text}}`;
  }

  private field(object: Fields, field: FieldShape, typename: string | undefined): Text {
    const { value: shape } = field;
    if (shape.kind === 'typename') return stringText(String(typename ?? object['__typename']));
    if (shape.kind === 'denied') return this.denied(field, shape.failure);
    if (shape.kind === 'schema') {
      const known = shape.answer(this.coerced);
      return known === undefined ? this.denied(field, this.badInput) : JSON.stringify(known);
    }
    const value = object[field.source];
    // The common case, without a failure and with a value of the right kind, needs no path.
    if (shape.kind === 'leaf' && this.failures === undefined && value !== null && value !== undefined) {
      const leaf = leafText(shape.leaf, value);
      if (leaf !== NO_VALUE) return leaf;
    }
    this.path.push(field.key);
    const given = this.value(value, shape, object, field.source);
    this.path.pop();
    return given;
  }

  /** A field that is not answered: the caller may not see it, or gave it a wrong argument. */
  private denied({ key, value }: FieldShape, failure: Failure): Text {
    this.path.push(key);
    this.tell(failure, value);
    this.path.pop();
    return value.nullable ? 'null' : NO_VALUE;
  }

  /** `place` and `key` are where the value stands in the tree. */
  private value(value: unknown, shape: ValueShape, place: object, key: string | number): Text {
    const failed = this.failures?.get(place)?.get(key);
    if (failed !== undefined) for (const failure of failed) this.tell(failure, shape);
    if (value === null || value === undefined) {
      const isToldOf = failed !== undefined || (value === null && shape.nullable);
      if (!isToldOf) this.tell(this.badAnswer, shape);
      return shape.nullable ? 'null' : NO_VALUE;
    }
    const given = this.present(value, shape);
    return given === NO_VALUE && shape.nullable ? 'null' : given;
  }

  private present(value: unknown, shape: ValueShape): Text {
    if (shape.kind === 'leaf') {
      const leaf = leafText(shape.leaf, value);
      if (leaf === NO_VALUE && !isHiding(shape)) this.tell(this.badAnswer, shape);
      return leaf;
    }
    if (shape.kind === 'list') return this.list(value, shape.item, shape);
    if (shape.kind !== 'object') return NO_VALUE;
    const { object } = shape;
    if (!isFields(value)) return this.wrong(shape);
    const typename = object.onlyType ?? value['__typename'];
    if (typename !== undefined && typeof typename !== 'string') return this.wrong(shape);
    if (object.fieldsOf(typename) === undefined) return this.untyped(value, shape);
    return this.objectOnce(value, object, typename);
  }

  /** An object of which nobody said in time which type it has. */
  private untyped(value: Fields, shape: ValueShape): Text {
    const failed = this.failures?.get(value)?.get('__typename');
    if (failed === undefined) return isHiding(shape) ? NO_VALUE : this.wrong(shape);
    for (const failure of failed) this.tell(failure, shape);
    return NO_VALUE;
  }

  private wrong(shape: ValueShape): Text {
    this.tell(this.badAnswer, shape);
    return NO_VALUE;
  }

  private list(value: unknown, item: ValueShape, shape: ValueShape): Text {
    if (!Array.isArray(value)) return this.wrong(shape);
    let text = '';
    const at = this.path.length;
    let isWhole = true;
    for (let index = 0; index < value.length; index++) {
      this.path[at] = index;
      const given = this.value(value[index], item, value, index);
      if (given === NO_VALUE) isWhole = false;
      else text += index === 0 ? given : `,${given}`;
    }
    this.path.length = at;
    return isWhole ? `[${text}]` : NO_VALUE;
  }

  /** Says what failed here, as often as may be. */
  private tell(failure: Failure, shape: ValueShape): void {
    this.told++;
    const path = [...this.path, ...clientPath(failure.beneath, shape)];
    const field = path.findLast((step) => typeof step === 'string') ?? 'data';
    const message = failure.namesField ? `${field}: ${failure.message}` : failure.message;
    // A subgraph's own errors can each have words of their own, and be as many as its answer holds.
    const group = failure.namesField ? failure : failure.code;
    const known = this.shown.get(group) ?? { count: 0, last: 0, text: '' };
    known.count++;
    if (known.count <= this.rules.errorsMax) {
      known.text = message;
      const { code, scopes } = failure;
      known.last = this.errors.push({ message, path, extensions: { code, ...(scopes && { scopes }) } }) - 1;
    }
    this.shown.set(group, known);
  }
}

/** A path beneath a place in the client's names, as far as the client asked for it. */
function clientPath(beneath: readonly (string | number)[], shape: ValueShape): Path {
  const path: Path = [];
  let current: ValueShape = shape;
  for (const step of beneath) {
    if (typeof step === 'number') {
      if (current.kind !== 'list') return path;
      path.push(step);
      current = current.item;
      continue;
    }
    const found: FieldShape | undefined = current.kind === 'object' ? current.object.find(step) : undefined;
    if (found === undefined) return path;
    path.push(found.key);
    current = found.value;
  }
  return path;
}

/** Takes what running a plan gave, the shape and the coerced variables; gives the answer. */
export function projectAnswer(
  executed: ExecutedPlan,
  root: ObjectShape,
  coerced: Fields,
  rules: ProjectionRules,
): ProjectedAnswer {
  return new Projection(executed, coerced, rules).answer(executed, root);
}
