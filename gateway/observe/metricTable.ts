// Every metric of the gateway: name, kind, labels and buckets in one table. docs/metrics.md is printed from it.
import type { Metric } from '../../platform/metrics.ts';

const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const STEP_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

export const METRICS = {
  crm_gateway_workers: { kind: 'gauge', help: 'Processes that serve', labels: [] },
  crm_gateway_requests_total: {
    kind: 'counter',
    help: 'Answered requests: ok, partial (errors beside data), failed (errors alone), refused',
    labels: ['outcome', 'status'],
  },
  crm_gateway_request_duration_seconds: {
    kind: 'histogram',
    help: 'From the first byte of a request to the last of its answer handed to the socket',
    labels: ['outcome'],
    buckets: REQUEST_BUCKETS,
  },
  crm_gateway_step_duration_seconds: {
    kind: 'histogram',
    help: 'One step of a request: receive, admit, wait (for a turn), plan, fetch, respond',
    labels: ['step'],
    buckets: STEP_BUCKETS,
  },
  crm_gateway_requests_open: { kind: 'gauge', help: 'Requests received and not answered yet', labels: [] },
  crm_gateway_requests_in_flight: { kind: 'gauge', help: 'Requests past the gate, not done yet', labels: [] },
  crm_gateway_requests_waiting: { kind: 'gauge', help: 'Requests that wait for their turn', labels: [] },
  crm_gateway_refusals_total: { kind: 'counter', help: 'Requests refused as a whole, by code', labels: ['code'] },
  crm_gateway_errors_total: {
    kind: 'counter',
    help: 'Answers that carry errors with this code, refusals included',
    labels: ['code'],
  },
  crm_gateway_faults_total: { kind: 'counter', help: 'Requests that broke in a way nobody expected', labels: [] },
  crm_gateway_plans_total: { kind: 'counter', help: 'Compiled operations: found, or made anew', labels: ['result'] },
  crm_gateway_plans_kept: { kind: 'gauge', help: 'Compiled operations that are kept', labels: [] },
  crm_gateway_operations_shared_total: {
    kind: 'counter',
    help: 'Operations answered with the work of an equal one',
    labels: [],
  },
  crm_gateway_usage_writes_total: {
    kind: 'counter',
    help: 'Writes of what is asked of the schema, every three seconds: ok or failed',
    labels: ['result'],
  },
  crm_gateway_usage_lost_total: {
    kind: 'counter',
    help: 'Requests that are missing in the counts of what is asked of the schema',
    labels: [],
  },
  crm_gateway_fetches_total: {
    kind: 'counter',
    help: 'Fetches from subgraphs, by how they ended',
    labels: ['subgraph', 'outcome'],
  },
  crm_gateway_fetch_duration_seconds: {
    kind: 'histogram',
    help: 'A fetch, waiting for a connection and retry included',
    labels: ['subgraph'],
    buckets: REQUEST_BUCKETS,
  },
  crm_gateway_fetch_retries_total: { kind: 'counter', help: 'Fetches sent a second time', labels: ['subgraph'] },
  crm_gateway_fetches_shared_total: {
    kind: 'counter',
    help: 'Fetches not sent, as an equal one was on its way',
    labels: ['subgraph'],
  },
  crm_gateway_entity_cache_lookups_total: {
    kind: 'counter',
    help: 'Entities looked for in the entity cache: hit, miss, or bypassed while the events of the subgraph are silent',
    labels: ['subgraph', 'result'],
  },
  crm_gateway_entity_cache_kept_total: {
    kind: 'counter',
    help: 'Fetched entities: kept, or too_late as something of them changed meanwhile',
    labels: ['subgraph', 'result'],
  },
  crm_gateway_entity_cache_drops_total: {
    kind: 'counter',
    help: 'Why entities were dropped: event, mutation, silence of the events, unreadable message',
    labels: ['cause'],
  },
  crm_gateway_entity_cache_event_delay_seconds: {
    kind: 'histogram',
    help: 'From a change to the drop of what it makes old: how long an older value may have been answered',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30],
  },
  crm_gateway_entity_cache_entries: { kind: 'gauge', help: 'Entities that are kept in memory', labels: [] },
  crm_gateway_entity_cache_bytes: { kind: 'gauge', help: 'What they take, by a generous estimate', labels: [] },
  crm_gateway_breaker_state: {
    kind: 'gauge',
    help: 'Whether a subgraph is called: 0 yes, 1 it is tried, 2 no',
    labels: ['subgraph'],
    joined: 'max',
  },
  crm_gateway_streams_open: { kind: 'gauge', help: 'Subscriptions that are followed now', labels: ['transport'] },
  crm_gateway_streams_total: {
    kind: 'counter',
    help: 'Subscriptions that ended: by a code, or closed by the client',
    labels: ['transport', 'code'],
  },
  crm_gateway_stream_messages_total: {
    kind: 'counter',
    help: 'Messages sent on streams that have ended',
    labels: ['transport'],
  },
  crm_gateway_stream_runs_total: {
    kind: 'counter',
    help: "Events of streams: run, or answered with an equal stream's run",
    labels: ['result'],
  },
  crm_gateway_supergraphs_total: {
    kind: 'counter',
    help: 'Supergraphs that were published: taken or refused',
    labels: ['result'],
  },
  crm_gateway_supergraph_age_seconds: {
    kind: 'gauge',
    help: 'How long the current supergraph is served',
    labels: [],
    joined: 'max',
  },
  crm_gateway_supergraph_info: {
    kind: 'gauge',
    help: 'Which supergraph is served: always 1, by its hash, the kind of its source, and whether it is the copy on disk',
    labels: ['hash', 'source', 'copy'],
    joined: 'max',
  },
  crm_gateway_supergraph_release: {
    kind: 'gauge',
    help: 'The number of the release that is served; 0 for a supergraph without releases',
    labels: [],
    joined: 'max',
  },
  crm_gateway_supergraph_source_age_seconds: {
    kind: 'gauge',
    help: 'How long ago the source of the supergraph was read well; it grows while that is away',
    labels: [],
    joined: 'max',
  },
  crm_gateway_loop_delay_seconds: {
    kind: 'gauge',
    help: 'How late the event loop is: 90th percentile over one second; above 0.1 only a quarter as many wait',
    labels: [],
    joined: 'max',
  },
} as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;
