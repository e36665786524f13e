// What a relay counts, and what the table of docs/metrics.md says of it. `subgraph` is the only label.
import { CellFamily, CounterCell, type Metric, type MetricSources } from '../../platform/metrics.ts';

/** The relay's metrics. */
export const RELAY_METRICS = {
  crm_relay_backlog_rows: {
    kind: 'gauge',
    help: 'outbox rows that wait for the broker; from 100,000 on mutations are refused',
    labels: ['subgraph'],
    joined: 'max',
  },
  crm_relay_oldest_unsent_seconds: {
    kind: 'gauge',
    help: 'how long the oldest of them has waited',
    labels: ['subgraph'],
    joined: 'max',
  },
  crm_relay_holds_lease: {
    kind: 'gauge',
    help: '1 in the one process of a subgraph that sends, 0 in those that stand by',
    labels: ['subgraph'],
  },
  crm_relay_events_sent_total: { kind: 'counter', help: 'events that the broker has taken', labels: ['subgraph'] },
  crm_relay_publishes_failed_total: {
    kind: 'counter',
    help: 'times that the broker did not say yes; the events are sent again',
    labels: ['subgraph'],
  },
} as const satisfies Record<string, Metric>;

/** What a relay knows of its outbox at the last look. */
export interface BacklogSeen {
  readonly count: number;
  readonly oldestAt: Date | undefined;
}

/** The numbers of one relay. */
export class RelayCounts {
  readonly sent: CounterCell;
  readonly failed: CounterCell;
  backlog: BacklogSeen = { count: 0, oldestAt: undefined };
  isHolding = false;
  readonly #sent = new CellFamily(() => new CounterCell());
  readonly #failed = new CellFamily(() => new CounterCell());
  readonly #subgraph: string;

  constructor(subgraph: string) {
    this.#subgraph = subgraph;
    this.sent = this.#sent.cell(subgraph);
    this.failed = this.#failed.cell(subgraph);
  }

  /** Takes what tells the time; gives the metrics' sources. */
  sources(now: () => Date): MetricSources {
    const labels = [this.#subgraph];
    const ageMs = (): number => now().getTime() - (this.backlog.oldestAt ?? now()).getTime();
    return {
      crm_relay_backlog_rows: {
        metric: RELAY_METRICS.crm_relay_backlog_rows,
        read: () => [{ labels, value: this.backlog.count }],
      },
      crm_relay_oldest_unsent_seconds: {
        metric: RELAY_METRICS.crm_relay_oldest_unsent_seconds,
        read: () => [{ labels, value: Math.max(0, ageMs() / 1_000) }],
      },
      crm_relay_holds_lease: {
        metric: RELAY_METRICS.crm_relay_holds_lease,
        read: () => [{ labels, value: this.isHolding ? 1 : 0 }],
      },
      crm_relay_events_sent_total: { metric: RELAY_METRICS.crm_relay_events_sent_total, counters: this.#sent },
      crm_relay_publishes_failed_total: {
        metric: RELAY_METRICS.crm_relay_publishes_failed_total,
        counters: this.#failed,
      },
    };
  }
}
