// What an answer did cost: the same weights as the estimate's, times what came. Only what costs is looked at, so that a
// list of plain objects is its length and nothing else.
import { isFields } from '../compiledOperation.ts';
import type { CostProgram, Term } from './costProgram.ts';
import type { AskedField, AskedSet } from './readAskedFields.ts';

/** A field of an answer that costs something. Of what differs by an object's type, the dearest counts. */
interface AnswerField {
  readonly key: string;
  readonly weight: number;
  readonly listDepth: number;
  readonly args: Term;
  /** Undefined where nothing in its values costs anything. */
  readonly inner: readonly AnswerField[] | undefined;
}

type Points = (term: Term) => number;

function weightOf({ weight, inner }: AskedField): number {
  return weight ?? Math.max(0, ...(inner?.variants ?? []).map((variant) => variant.weight));
}

/** Merges what an object may be asked into what may stand in an answer. */
class AnswerFieldMerger {
  private readonly ids = new Map<AskedSet, number>();
  private readonly merged = new Map<string, readonly AnswerField[]>();
  private readonly program: CostProgram;

  constructor(program: CostProgram) {
    this.program = program;
  }

  merge(sets: ReadonlySet<AskedSet>): readonly AnswerField[] {
    const key = [...sets].map((set) => this.idOf(set)).join();
    const known = this.merged.get(key);
    if (known !== undefined) return known;
    const byKey = Map.groupBy(
      [...sets].flatMap(({ variants }) => variants.flatMap(({ fields }) => fields)),
      (field) => field.key,
    );
    const fields = [...byKey].map(([name, asked]) => this.field(name, asked));
    this.merged.set(key, fields);
    return fields;
  }

  private field(key: string, asked: readonly AskedField[]): AnswerField {
    const sets = new Set(asked.flatMap(({ inner }) => inner ?? []));
    const inner = sets.size === 0 ? [] : this.merge(sets);
    return {
      key,
      weight: Math.max(...asked.map(weightOf)),
      listDepth: Math.max(...asked.map(({ listDepth }) => listDepth)),
      args: this.program.max(asked.map(({ args }) => args)),
      inner: inner.length === 0 ? undefined : inner,
    };
  }

  private idOf(set: AskedSet): number {
    const id = this.ids.get(set) ?? this.ids.size;
    this.ids.set(set, id);
    return id;
  }
}

/** Points of what stands in a list. A scalar may hold lists of its own, which are no values of the field. */
function pointsOfList(values: readonly unknown[], depth: number, field: AnswerField, points: Points): number {
  if (depth === 1 && field.inner === undefined) return values.length * field.weight;
  let total = 0;
  for (const value of values) {
    if (depth > 1 && Array.isArray(value)) total += pointsOfList(value, depth - 1, field, points);
    else total += field.weight;
    if (field.inner !== undefined && isFields(value)) total += pointsOfObject(value, field.inner, points);
  }
  return total;
}

function pointsOfObject(object: Readonly<Record<string, unknown>>, fields: readonly AnswerField[], points: Points) {
  let total = 0;
  for (const field of fields) {
    const value = object[field.key];
    if (value === undefined) continue;
    if (field.args !== 0) total += points(field.args);
    if (value === null) continue;
    if (field.listDepth > 0 && Array.isArray(value)) {
      total += pointsOfList(value, field.listDepth, field, points);
      continue;
    }
    total += field.weight;
    if (field.inner !== undefined && isFields(value)) total += pointsOfObject(value, field.inner, points);
  }
  return total;
}

/** Takes what an operation asks; gives what tells an answer's points, but for those of the operation itself. */
export function openActualCost(root: AskedSet, program: CostProgram): (data: unknown, points: Points) => number {
  const fields = new AnswerFieldMerger(program).merge(new Set([root]));
  return (data, points) => (isFields(data) ? pointsOfObject(data, fields, points) : 0);
}
