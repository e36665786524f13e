// The observer that counts. Every cell that a request needs is looked up at the start; what is left for a request is
// some additions and map look-ups.
import { ERROR_CODES, isErrorCode, type ErrorCodeName } from '../../contracts/errorCodes.ts';
import { CellFamily, CounterCell, HistogramCell, type GaugeValue, type MetricSources } from '../../platform/metrics.ts';
import { METRICS, type MetricName } from './metricTable.ts';
import type {
  EntityCacheObserver,
  FetchObserver,
  FetchOutcome,
  Observer,
  RequestOutcome,
  StepName,
} from './observer.ts';

/** Where the gauges' values come from; read when somebody asks. */
export interface GaugeSources {
  readonly gate: () => { readonly inFlight: number; readonly waiting: number };
  /** By subgraph. */
  readonly breakers: () => Readonly<Record<string, 'closed' | 'open' | 'probing'>>;
  readonly plansKept: () => number;
  /** The hash of the one that is served. */
  readonly supergraph: () => string;
  readonly source: () => {
    readonly kind: string;
    readonly isCopy: boolean;
    readonly readAgoMs: number;
    readonly release: { readonly number: number } | undefined;
  };
  readonly supergraphAgeMs: () => number;
  readonly loopDelayMs: () => number;
  readonly entityCache: () => { readonly entries: number; readonly bytes: number };
}

/** An observer and what can be read of it. */
export interface CountingObserver extends Observer {
  sources(gauges: GaugeSources): MetricSources;
}

const BREAKER_VALUE = { closed: 0, probing: 1, open: 2 } as const;
const SUBGRAPHS_MAX = 200;
const OUTCOMES = ['ok', 'partial', 'failed', 'refused'] as const;
const STEPS = ['receive', 'identify', 'admit', 'wait', 'authorize', 'plan', 'fetch', 'respond'] as const;
const FETCH_OUTCOMES = ['ok', 'timeout', 'unavailable', 'bad_answer', 'busy', 'client_gone', 'skipped'] as const;

function counters(cellsMax?: number): CellFamily<CounterCell> {
  return new CellFamily(() => new CounterCell(), cellsMax);
}

function histograms(name: MetricName, cellsMax?: number): CellFamily<HistogramCell> {
  const metric = METRICS[name];
  const bounds = 'buckets' in metric ? metric.buckets : [];
  return new CellFamily(() => new HistogramCell(bounds), cellsMax);
}

function byName<Name extends string, Cell>(names: readonly Name[], find: (name: Name) => Cell): Record<Name, Cell> {
  return Object.fromEntries(names.map((name) => [name, find(name)])) as Record<Name, Cell>;
}

function openFamilies() {
  return {
    crm_gateway_requests_total: counters(),
    crm_gateway_refusals_total: counters(),
    crm_gateway_errors_total: counters(),
    crm_gateway_faults_total: counters(),
    crm_gateway_plans_total: counters(),
    crm_gateway_operations_shared_total: counters(),
    crm_gateway_usage_writes_total: counters(),
    crm_gateway_usage_lost_total: counters(),
    crm_gateway_streams_total: counters(),
    crm_gateway_stream_messages_total: counters(),
    crm_gateway_stream_runs_total: counters(),
    crm_gateway_supergraphs_total: counters(),
    crm_gateway_fetches_total: counters(SUBGRAPHS_MAX * FETCH_OUTCOMES.length),
    crm_gateway_fetch_retries_total: counters(SUBGRAPHS_MAX),
    crm_gateway_fetches_shared_total: counters(SUBGRAPHS_MAX),
    crm_gateway_entity_cache_lookups_total: counters(SUBGRAPHS_MAX * 3),
    crm_gateway_entity_cache_kept_total: counters(SUBGRAPHS_MAX * 2),
    crm_gateway_entity_cache_drops_total: counters(),
  };
}

class Counting implements CountingObserver {
  private readonly counted = openFamilies();
  private readonly timed = {
    crm_gateway_request_duration_seconds: histograms('crm_gateway_request_duration_seconds'),
    crm_gateway_step_duration_seconds: histograms('crm_gateway_step_duration_seconds'),
    crm_gateway_fetch_duration_seconds: histograms('crm_gateway_fetch_duration_seconds', SUBGRAPHS_MAX),
    crm_gateway_entity_cache_event_delay_seconds: histograms('crm_gateway_entity_cache_event_delay_seconds'),
  };
  private open = 0;
  /** By what carries them. */
  private readonly streams = new Map<string, number>();
  private readonly requests = byName(OUTCOMES, (outcome) => ({
    duration: this.timed.crm_gateway_request_duration_seconds.cell(outcome),
    byStatus: new Map<number, CounterCell>(),
  }));
  private readonly steps = byName(STEPS, (step) => this.timed.crm_gateway_step_duration_seconds.cell(step));
  private readonly refusals = this.cellOfEachCode(this.counted.crm_gateway_refusals_total);
  private readonly errors = this.cellOfEachCode(this.counted.crm_gateway_errors_total);
  private readonly faults = this.counted.crm_gateway_faults_total.cell();
  private readonly plansFound = this.counted.crm_gateway_plans_total.cell('found');
  private readonly plansMade = this.counted.crm_gateway_plans_total.cell('made');
  private readonly operationsShared = this.counted.crm_gateway_operations_shared_total.cell();
  private readonly usageOk = this.counted.crm_gateway_usage_writes_total.cell('ok');
  private readonly usageFailed = this.counted.crm_gateway_usage_writes_total.cell('failed');
  private readonly usageMissing = this.counted.crm_gateway_usage_lost_total.cell();
  private readonly taken = this.counted.crm_gateway_supergraphs_total.cell('taken');
  private readonly rejected = this.counted.crm_gateway_supergraphs_total.cell('refused');

  requestBegan(): void {
    this.open++;
  }

  requestEnded(outcome: RequestOutcome, status: number, ms: number): void {
    this.open--;
    const { duration, byStatus } = this.requests[outcome];
    duration.observe(ms / 1_000);
    let cell = byStatus.get(status);
    if (cell === undefined) {
      cell = this.counted.crm_gateway_requests_total.cell(outcome, String(status));
      byStatus.set(status, cell);
    }
    cell.add();
  }

  stepEnded(step: StepName, ms: number): void {
    this.steps[step].observe(ms / 1_000);
  }

  refused(code: string): void {
    const known = isErrorCode(code) ? code : 'INTERNAL';
    this.refusals[known].add();
    this.errors[known].add();
  }

  codeAnswered(code: string): void {
    this.errors[isErrorCode(code) ? code : 'INTERNAL'].add();
  }

  faulted(): void {
    this.faults.add();
  }

  planLookedUp(found: boolean): void {
    (found ? this.plansFound : this.plansMade).add();
  }

  operationShared(): void {
    this.operationsShared.add();
  }

  usageWritten(ok: boolean): void {
    (ok ? this.usageOk : this.usageFailed).add();
  }

  usageLost(requests: number): void {
    this.usageMissing.add(requests);
  }

  supergraphTaken(): void {
    this.taken.add();
  }

  supergraphRefused(): void {
    this.rejected.add();
  }

  readonly entityCache = this.openEntityCache();

  private openEntityCache(): EntityCacheObserver {
    const lookups = this.counted.crm_gateway_entity_cache_lookups_total;
    const keeps = this.counted.crm_gateway_entity_cache_kept_total;
    const drops = this.counted.crm_gateway_entity_cache_drops_total;
    const delay = this.timed.crm_gateway_entity_cache_event_delay_seconds.cell();
    const byEvent = drops.cell('event');
    return {
      found(subgraph, hits, misses) {
        if (hits > 0) lookups.cell(subgraph, 'hit').add(hits);
        if (misses > 0) lookups.cell(subgraph, 'miss').add(misses);
      },
      bypassed: (subgraph, entities) => lookups.cell(subgraph, 'bypassed').add(entities),
      kept: (subgraph) => keeps.cell(subgraph, 'kept').add(),
      tooLate: (subgraph) => keeps.cell(subgraph, 'too_late').add(),
      eventTaken(delayMs) {
        byEvent.add();
        delay.observe(Math.max(0, delayMs) / 1_000);
      },
      dropped: (cause) => drops.cell(cause).add(),
    };
  }

  streamBegan(transport: string): void {
    this.streams.set(transport, (this.streams.get(transport) ?? 0) + 1);
  }

  streamEnded(transport: string, code: string | undefined, messages: number): void {
    this.streams.set(transport, (this.streams.get(transport) ?? 1) - 1);
    this.counted.crm_gateway_streams_total.cell(transport, code ?? 'closed').add();
    this.counted.crm_gateway_stream_messages_total.cell(transport).add(messages);
  }

  streamRan(isShared: boolean): void {
    this.counted.crm_gateway_stream_runs_total.cell(isShared ? 'shared' : 'run').add();
  }

  ofSubgraph(subgraph: string): FetchObserver {
    const ends: Record<FetchOutcome, CounterCell> = byName(FETCH_OUTCOMES, (outcome) =>
      this.counted.crm_gateway_fetches_total.cell(subgraph, outcome),
    );
    const duration = this.timed.crm_gateway_fetch_duration_seconds.cell(subgraph);
    const retries = this.counted.crm_gateway_fetch_retries_total.cell(subgraph);
    const shares = this.counted.crm_gateway_fetches_shared_total.cell(subgraph);
    return {
      ended(outcome, ms) {
        ends[outcome].add();
        duration.observe(ms / 1_000);
      },
      retried: () => retries.add(),
      shared: () => shares.add(),
    };
  }

  sources(gauges: GaugeSources): MetricSources {
    const one = (value: number): GaugeValue[] => [{ labels: [], value }];
    const read: Partial<Record<MetricName, () => GaugeValue[]>> = {
      crm_gateway_workers: () => one(1),
      crm_gateway_requests_open: () => one(this.open),
      crm_gateway_requests_in_flight: () => one(gauges.gate().inFlight),
      crm_gateway_requests_waiting: () => one(gauges.gate().waiting),
      crm_gateway_entity_cache_entries: () => one(gauges.entityCache().entries),
      crm_gateway_entity_cache_bytes: () => one(gauges.entityCache().bytes),
      crm_gateway_streams_open: () => [...this.streams].map(([name, value]) => ({ labels: [name], value })),
      crm_gateway_plans_kept: () => one(gauges.plansKept()),
      crm_gateway_breaker_state: () =>
        Object.entries(gauges.breakers()).map(([name, state]) => ({ labels: [name], value: BREAKER_VALUE[state] })),
      crm_gateway_supergraph_age_seconds: () => one(gauges.supergraphAgeMs() / 1_000),
      crm_gateway_supergraph_info: () => {
        const { kind, isCopy } = gauges.source();
        return [{ labels: [gauges.supergraph(), kind, String(isCopy)], value: 1 }];
      },
      crm_gateway_supergraph_release: () => one(gauges.source().release?.number ?? 0),
      crm_gateway_supergraph_source_age_seconds: () => one(gauges.source().readAgoMs / 1_000),
      crm_gateway_loop_delay_seconds: () => one(gauges.loopDelayMs() / 1_000),
    };
    const ofCounted = Object.entries(this.counted).map(([name, family]) => [name, { counters: family }]);
    const ofTimed = Object.entries(this.timed).map(([name, family]) => [name, { histograms: family }]);
    const ofGauges = Object.entries(read).map(([name, values]) => [name, { read: values }]);
    const found = Object.fromEntries([...ofCounted, ...ofTimed, ...ofGauges]) as Record<MetricName, object>;
    const named = Object.entries(METRICS).map(([name, metric]) => [name, { metric, ...found[name as MetricName] }]);
    return Object.fromEntries(named) as MetricSources;
  }

  private cellOfEachCode(family: CellFamily<CounterCell>): Record<ErrorCodeName, CounterCell> {
    return byName(Object.keys(ERROR_CODES) as ErrorCodeName[], (code) => family.cell(code));
  }
}

/** Opens an observer that counts from zero. */
export function openCountingObserver(): CountingObserver {
  return new Counting();
}
