// Counters and histograms that cost a few nanoseconds: a metric's cell for some labels is looked up once and kept by
// whoever counts, an observation is an addition to a number. Nothing of an outside library is loaded until somebody
// wants to read them (promRegistry.ts).

/** One metric: what it is, its labels in order, and how the values of several processes become one. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, ascending. */
  readonly buckets?: readonly number[];
  /** How the values of several processes become one; their sum where nothing is said. */
  readonly joined?: 'max';
}

/** A number that grows. */
export class CounterCell {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}

/** How often values fell into which bucket. */
export class HistogramCell {
  readonly bounds: readonly number[];
  /** One count a bucket, and one for what is above all bounds; not cumulative. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** The cells of one metric by the values of its labels. Bounded: what comes late shares the cell "other". */
export class CellFamily<Cell> {
  private readonly byLabels = new Map<string, { readonly labels: readonly string[]; readonly cell: Cell }>();
  private readonly make: () => Cell;
  private readonly cellsMax: number;

  constructor(make: () => Cell, cellsMax = 1_000) {
    this.make = make;
    this.cellsMax = cellsMax;
  }

  /** Gives the cell of these label values. To be kept by the caller: looking it up costs more than counting. */
  cell(...labels: readonly string[]): Cell {
    const known = this.byLabels.get(labels.join('\0'));
    if (known !== undefined) return known.cell;
    const own = this.byLabels.size < this.cellsMax ? labels : labels.map(() => 'other');
    const key = own.join('\0');
    const kept = this.byLabels.get(key) ?? { labels: own, cell: this.make() };
    this.byLabels.set(key, kept);
    return kept.cell;
  }

  /** Every cell with its labels. */
  cells(): Iterable<{ readonly labels: readonly string[]; readonly cell: Cell }> {
    return this.byLabels.values();
  }
}

/** A value of a gauge, read when somebody asks. */
export interface GaugeValue {
  readonly labels: readonly string[];
  readonly value: number;
}

/** Everything that can be read of a process: metrics by name, each with where its values come from. */
export type MetricSource =
  | { readonly metric: Metric; readonly counters: CellFamily<CounterCell> }
  | { readonly metric: Metric; readonly histograms: CellFamily<HistogramCell> }
  | { readonly metric: Metric; readonly read: () => readonly GaugeValue[] };

/** Metrics by their name. */
export type MetricSources = Readonly<Record<string, MetricSource>>;
