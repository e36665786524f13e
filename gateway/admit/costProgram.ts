// Arithmetic on cost points, worked out in advance as far as it does not depend on variables. What is left is a list of
// steps that each request runs once, in order, so that even what is used at many places is worked out a single time.
import type { Fields } from '../compiledOperation.ts';

/** The largest number of points: more is as much as this. */
export const POINTS_MAX: number = Number.MAX_SAFE_INTEGER;

/** A number that is known, or the place where a step leaves it. */
export type Term = number | { readonly at: number };

type Step = (values: Float64Array, coerced: Fields) => number;

function bounded(points: number): number {
  return points < POINTS_MAX ? points : POINTS_MAX;
}

function isKnown(term: Term): term is number {
  return typeof term === 'number';
}

/** Sums, products and maxima that stay within POINTS_MAX. */
export class CostProgram {
  private readonly steps: Step[] = [];
  private readonly shared = new Map<string, Term>();
  private values = new Float64Array(0);

  /** A number that depends on the variables. */
  read(from: (coerced: Fields) => number): Term {
    return this.add((_, coerced) => from(coerced));
  }

  /** The same, made once for all that are described alike. */
  readShared(description: string, from: (coerced: Fields) => number): Term {
    const known = this.shared.get(description);
    if (known !== undefined) return known;
    const term = this.read(from);
    this.shared.set(description, term);
    return term;
  }

  sum(terms: readonly Term[]): Term {
    const [known, unknown] = this.split(terms, (left, right) => bounded(left + right), 0);
    if (unknown.length === 0) return known;
    if (unknown.length === 1 && known === 0) return { at: unknown[0] ?? 0 };
    return this.add((values) => {
      let total = known;
      for (const at of unknown) total += values[at] ?? 0;
      return total;
    });
  }

  max(terms: readonly Term[]): Term {
    const [known, unknown] = this.split(terms, Math.max, 0);
    if (unknown.length === 0) return known;
    return this.add((values) => {
      let most = known;
      for (const at of unknown) most = Math.max(most, values[at] ?? 0);
      return most;
    });
  }

  times(left: Term, right: Term): Term {
    if (left === 0 || right === 0) return 0;
    if (isKnown(left) && isKnown(right)) return bounded(left * right);
    if (left === 1) return right;
    if (right === 1) return left;
    return this.add((values) => this.valueIn(values, left) * this.valueIn(values, right));
  }

  /** Runs the steps with a request's coerced variables; gives what tells any term's value until the next run. */
  run(coerced: Fields): (term: Term) => number {
    const { steps } = this;
    if (this.values.length !== steps.length) this.values = new Float64Array(steps.length);
    const { values } = this;
    for (let at = 0; at < steps.length; at++) values[at] = bounded(steps[at]?.(values, coerced) ?? 0);
    return (term) => this.valueIn(values, term);
  }

  private valueIn(values: Float64Array, term: Term): number {
    return isKnown(term) ? term : (values[term.at] ?? 0);
  }

  private add(step: Step): Term {
    return { at: this.steps.push(step) - 1 };
  }

  private split(
    terms: readonly Term[],
    join: (left: number, right: number) => number,
    none: number,
  ): [number, number[]] {
    let known = none;
    const unknown: number[] = [];
    for (const term of terms) {
      if (isKnown(term)) known = join(known, term);
      else unknown.push(term.at);
    }
    return [known, unknown];
  }
}
