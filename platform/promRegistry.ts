// Metrics as Prometheus reads them. The only file that imports prom-client; loaded when metrics are served, so that a
// start without them does not pay for it. The registry is ours, not the library's global one.
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CellFamily, HistogramCell, Metric, MetricSource, MetricSources } from './metrics.ts';

/** The form of the text. */
export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** The metrics of a process, readable. */
export interface ReadableMetrics {
  /** Everything in Prometheus' text format. */
  text(): Promise<string>;
  /** Everything as values that another process can add to its own. */
  values(): Promise<object[]>;
  stop(): void;
}

function labelsOf(metric: Metric, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(metric.labels.map((label, index) => [label, values[index] ?? '']));
}

/** The library's histogram would hash its labels at each observation; this one is filled when it is read. */
class ReadHistogram extends Histogram {
  private readonly metric: Metric;
  private readonly metricName: string;
  private readonly family: CellFamily<HistogramCell>;

  constructor(name: string, metric: Metric, family: CellFamily<HistogramCell>) {
    super({ name, help: metric.help, labelNames: [...metric.labels], registers: [] });
    this.metric = metric;
    this.metricName = name;
    this.family = family;
  }

  /** What the library asks for, also for its own `get`. */
  getForPromString() {
    const { metric, metricName: name, family } = this;
    const values = [...family.cells()].flatMap(({ labels, cell }) => this.valuesOf(labelsOf(metric, labels), cell));
    return Promise.resolve({ name, help: metric.help, type: 'histogram', aggregator: 'sum', values });
  }

  private valuesOf(labels: Record<string, string>, cell: HistogramCell) {
    let count = 0;
    const buckets = cell.counts.map((found, index) => {
      count += found;
      const le = cell.bounds[index] ?? '+Inf';
      return { metricName: `${this.metricName}_bucket`, labels: { ...labels, le }, sharedLabels: {}, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.metricName}_sum`, labels: { ...labels }, sharedLabels: {}, value: cell.sum },
      { metricName: `${this.metricName}_count`, labels: { ...labels }, sharedLabels: {}, value: count },
    ];
  }
}

function register(registry: Registry, name: string, source: MetricSource): void {
  const { metric } = source;
  const base = { name, help: metric.help, labelNames: [...metric.labels], registers: [registry] };
  const aggregator = metric.joined ?? 'sum';
  if ('histograms' in source) {
    registry.registerMetric(new ReadHistogram(name, metric, source.histograms));
  } else if ('counters' in source) {
    new Counter({
      ...base,
      collect() {
        this.reset();
        for (const { labels, cell } of source.counters.cells()) this.inc(labelsOf(metric, labels), cell.value);
      },
    });
  } else {
    new Gauge({
      ...base,
      aggregator,
      collect() {
        this.reset();
        for (const { labels, value } of source.read()) this.set(labelsOf(metric, labels), value);
      },
    });
  }
}

/** Takes the sources by name; gives them readable, together with what the process itself tells (memory, CPU, loop). */
export function openPromRegistry(sources: MetricSources): ReadableMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const [name, source] of Object.entries(sources)) register(registry, name, source);
  return {
    text: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
    stop: () => registry.clear(),
  };
}

/** Takes the values of several processes; gives them as one text, each metric joined in its own way. */
export function joinMetrics(ofProcesses: readonly object[][]): Promise<string> {
  return AggregatorRegistry.aggregate([...ofProcesses]).metrics();
}
