// An answer has the asked shape, or what does not is an error: nothing is silently null. The stock executor takes `{}`,
// `{"data":null}` and wrong scalars for nulls without a word (reliability.md, F5).
import type { FieldShape, ValueShape } from '../requestState.ts';

type Path = readonly (string | number)[];

/** A place where an answer is not what was asked, with the reason for the log. */
export interface AnswerFault {
  readonly path: Path;
  readonly reason: string;
}

/** An answer's data with null wherever it was wrong, and where that is. */
export interface CheckedData {
  readonly data: Record<string, unknown> | null;
  readonly faults: readonly AnswerFault[];
}

/** A wrong value: its place becomes null, and so does what is around it up to where null is allowed or data begins. */
const WRONG = Symbol('wrong');

type Checked = unknown;
type Fields = Record<string, unknown>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class AnswerCheck {
  readonly faults: AnswerFault[] = [];
  private readonly excused: ReadonlySet<string>;

  /** `excused` are the paths for which the subgraph itself gives an error: null is the right value there. */
  constructor(excused: ReadonlySet<string>) {
    this.excused = excused;
  }

  private wrong(path: Path, reason: string): typeof WRONG {
    this.faults.push({ path, reason });
    return WRONG;
  }

  value(value: unknown, shape: ValueShape, path: Path, level: number): Checked {
    const nullable = shape.nullable[level] ?? true;
    if (value === null) return nullable || this.isExcused(path) ? null : this.wrong(path, 'null where a value must be');
    const checked = this.present(value, shape, path, level);
    return checked === WRONG && nullable ? null : checked;
  }

  private present(value: unknown, shape: ValueShape, path: Path, level: number): Checked {
    const isFree = shape.nullable.length === 0;
    const isList = isFree ? Array.isArray(value) : level < shape.nullable.length - 1;
    if (isList) {
      if (!Array.isArray(value)) return this.wrong(path, 'no list');
      const items = value.map((item, index) => this.value(item, shape, [...path, index], level + 1));
      return items.includes(WRONG) ? WRONG : items;
    }
    if (shape.fields === undefined) return shape.isLeaf(value) ? value : this.wrong(path, 'a leaf of another kind');
    if (!isRecord(value)) return this.wrong(path, 'no object');
    return this.fields(value, shape.fields, path) ? value : WRONG;
  }

  /** Checks an object's fields in place; gives false when one is wrong that may not be null. */
  fields(object: Fields, fields: readonly FieldShape[], path: Path, assumedType?: string): boolean {
    const typename = typeof object['__typename'] === 'string' ? object['__typename'] : assumedType;
    let holds = true;
    for (const field of fields) {
      const inner = [...path, field.key];
      if (!Object.hasOwn(object, field.key)) {
        const isAsked = field.onTypes === undefined || (typename !== undefined && field.onTypes.has(typename));
        if (!isAsked || field.optional) continue;
        this.faults.push({ path: inner, reason: 'absent' });
        object[field.key] = null;
        if (!(field.value.nullable[0] ?? true)) holds = false;
        continue;
      }
      // Two types can answer differently under one name: where the type is not known, the value is let be.
      if (field.onTypes !== undefined && (typename === undefined || !field.onTypes.has(typename))) continue;
      const checked = this.value(object[field.key], field.value, inner, 0);
      object[field.key] = checked === WRONG ? null : checked;
      if (checked === WRONG) holds = false;
    }
    return holds;
  }

  private isExcused(path: Path): boolean {
    return this.excused.size > 0 && this.excused.has(path.join('.'));
  }
}

/** Every path at or above an error: the null of an error travels up to where null is allowed. */
function excusedPaths(errorPaths: readonly Path[]): ReadonlySet<string> {
  const excused = new Set<string>();
  for (const path of errorPaths) {
    for (let length = 1; length <= path.length; length++) excused.add(path.slice(0, length).join('.'));
  }
  return excused;
}

/**
 * Takes the data of an answer to root fields, its shape, and the paths of the errors that came with it. Gives the data
 * with null in the wrong places, and these places.
 */
export function checkRootData(data: Fields, shape: readonly FieldShape[], errorPaths: readonly Path[]): CheckedData {
  const check = new AnswerCheck(excusedPaths(errorPaths));
  check.fields(data, shape, []);
  return { data, faults: check.faults };
}

/** Takes the entities of an answer and the type of each representation; checks them one by one, as checkRootData does. */
export function checkEntities(
  entities: readonly unknown[],
  types: readonly unknown[],
  shape: readonly FieldShape[],
  errorPaths: readonly Path[],
): CheckedData {
  const check = new AnswerCheck(excusedPaths(errorPaths));
  const checked = entities.map((entity, index) => {
    if (entity === null) return null;
    const path: Path = ['_entities', index];
    if (!isRecord(entity)) {
      check.faults.push({ path, reason: 'no object' });
      return null;
    }
    const type = types[index];
    check.fields(entity, shape, path, typeof type === 'string' ? type : undefined);
    return entity;
  });
  return { data: { _entities: checked }, faults: check.faults };
}
