// What a consumer counts, in the form that `platform/metrics.ts` has. One set a process; the label is the consumer.
import { CellFamily, CounterCell, type GaugeValue, type Metric, type MetricSources } from '../../platform/metrics.ts';

const EVENTS = ['received', 'applied', 'duplicate', 'stale', 'passed', 'retried', 'parked', 'store_fault'] as const;
/** What can become of an event. */
export type CountedEvent = (typeof EVENTS)[number];

/** The consumers' metrics, and what the table of docs/metrics.md says of them. */
const CONSUMER_METRICS = {
  crm_consumer_events_total: {
    kind: 'counter',
    help: 'events by what became of them: received, applied, duplicate, stale (a newer one was applied), passed (of a type that the consumer has no use for), retried, parked, store_fault (the consumer paused)',
    labels: ['consumer', 'outcome'],
  },
  crm_consumer_lag_seconds: {
    kind: 'gauge',
    help: 'how long ago the oldest event happened that is held and not applied',
    labels: ['consumer'],
    joined: 'max',
  },
  crm_consumer_oldest_gap_seconds: {
    kind: 'gauge',
    help: 'how long the oldest event has waited for the one before it',
    labels: ['consumer'],
    joined: 'max',
  },
  crm_consumer_held_events: {
    kind: 'gauge',
    help: 'events that were received and are neither applied nor parked',
    labels: ['consumer'],
  },
  crm_consumer_paused: {
    kind: 'gauge',
    help: '1 while the consumer stands still: its database does not answer, or 100,000 events are parked',
    labels: ['consumer'],
    joined: 'max',
  },
} as const satisfies Record<string, Metric>;

/** What is read of a consumer when somebody asks. */
export interface ConsumerGauges {
  readonly name: string;
  /** How long ago the oldest event happened that is held and not applied; 0 where none is. */
  lagSeconds(): number;
  /** How long the oldest event has waited for its predecessor; 0 where none does. */
  oldestGapSeconds(): number;
  /** How many events are held. */
  held(): number;
  /** Says whether it stands still. */
  isPaused(): boolean;
}

/** The counts of the consumers of one process. */
export class ConsumerCounts {
  readonly #events = new CellFamily(() => new CounterCell());
  readonly #consumers = new Set<ConsumerGauges>();

  /** Gives the counters of a consumer, by what can become of an event. */
  countersOf(consumer: string): Readonly<Record<CountedEvent, CounterCell>> {
    const cells = EVENTS.map((what) => [what, this.#events.cell(consumer, what)] as const);
    return Object.fromEntries(cells) as Record<CountedEvent, CounterCell>;
  }

  /** Follows a consumer's gauges; gives what ends it. */
  follow(consumer: ConsumerGauges): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  /** The metrics by name. */
  sources(): MetricSources {
    const read = (of: (consumer: ConsumerGauges) => number) => (): GaugeValue[] =>
      Array.from(this.#consumers, (consumer) => ({ labels: [consumer.name], value: of(consumer) }));
    return {
      crm_consumer_events_total: { metric: CONSUMER_METRICS.crm_consumer_events_total, counters: this.#events },
      crm_consumer_lag_seconds: {
        metric: CONSUMER_METRICS.crm_consumer_lag_seconds,
        read: read((consumer) => consumer.lagSeconds()),
      },
      crm_consumer_oldest_gap_seconds: {
        metric: CONSUMER_METRICS.crm_consumer_oldest_gap_seconds,
        read: read((consumer) => consumer.oldestGapSeconds()),
      },
      crm_consumer_held_events: {
        metric: CONSUMER_METRICS.crm_consumer_held_events,
        read: read((consumer) => consumer.held()),
      },
      crm_consumer_paused: {
        metric: CONSUMER_METRICS.crm_consumer_paused,
        read: read((consumer) => (consumer.isPaused() ? 1 : 0)),
      },
    };
  }
}
