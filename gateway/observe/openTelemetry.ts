// Traces as OpenTelemetry spans, sent in OTLP over HTTP. The only file that imports OpenTelemetry; loaded where an
// endpoint is set, so that a start without one does not pay for it. Nothing global is set: the provider is ours.
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type NodeTracerConfig,
} from '@opentelemetry/sdk-trace-node';
import type { Clock } from '../../platform/clock.ts';
import type { StepName } from './observer.ts';
import type { FetchTrace, RequestTrace, TracedRequest, Tracer } from './requestTrace.ts';
import { readTraceContext, traceHeaders, type TraceContext } from './traceContext.ts';

/** Where spans are sent and which. */
export interface TelemetrySettings {
  /** The address of an OTLP receiver; spans go to /v1/traces below it. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** How many of the requests that come without a trace get one; those with one do as it says. */
  readonly sampledPercent: number;
  readonly clock: Clock;
}

const EXPORT_EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 2_000;
const OPERATION_NAME_CHARACTERS_MAX = 100;

type Resource = NonNullable<NodeTracerConfig['resource']>;

/** The process that the spans are of. */
function describeProcess(serviceName: string): Resource {
  const attributes = { 'service.name': serviceName, 'process.pid': process.pid };
  const resource: Resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

/** What a trace needs beside its own span. */
interface TraceParts {
  readonly tracer: OtelTracer;
  readonly clock: Clock;
  /** The client's own `tracestate`. */
  readonly state: string | undefined;
}

class SpanTrace implements RequestTrace {
  private readonly parts: TraceParts;
  private readonly span: Span;
  private readonly context: Context;
  /** What turns the steady clock's time into that of the day, all through the request. */
  private readonly offsetMs: number;
  /** The span of the step that fetches: opened by the first fetch, as fetches hang below it. */
  private fetching: { readonly span: Span; readonly context: Context } | undefined;

  constructor(parts: TraceParts, parent: Context, startMs: number) {
    this.parts = parts;
    this.offsetMs = parts.clock.now().getTime() - parts.clock.steadyMs();
    this.span = parts.tracer.startSpan('request', { kind: SpanKind.SERVER, startTime: this.timeOf(startMs) }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  stepEnded(step: StepName, startMs: number, endMs: number): void {
    if (step === 'fetch' && this.fetching !== undefined) {
      this.endFetching(endMs);
      return;
    }
    this.parts.tracer.startSpan(step, { startTime: this.timeOf(startMs) }, this.context).end(this.timeOf(endMs));
  }

  fetch(subgraph: string): FetchTrace {
    const { tracer, clock, state } = this.parts;
    this.fetching ??= this.openFetching();
    const options = {
      kind: SpanKind.CLIENT,
      attributes: { 'crm.subgraph': subgraph },
      startTime: this.timeOf(clock.steadyMs()),
    };
    const span = tracer.startSpan(`fetch ${subgraph}`, options, this.fetching.context);
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      headers: traceHeaders({ traceId, spanId, sampled: (traceFlags & 1) === 1, state }),
      ended: (outcome) => {
        span.setAttribute('crm.outcome', outcome);
        if (outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(this.timeOf(clock.steadyMs()));
      },
    };
  }

  ended({ status, requestId, operation, codes }: TracedRequest): void {
    // A run that was given up has not ended its step.
    const endMs = this.parts.clock.steadyMs();
    this.endFetching(endMs);
    this.span.setAttributes({
      'http.response.status_code': status,
      'crm.request_id': requestId,
      ...(operation?.name !== undefined && {
        'graphql.operation.name': operation.name.slice(0, OPERATION_NAME_CHARACTERS_MAX),
      }),
      ...(operation !== undefined && { 'graphql.operation.type': operation.kind }),
    });
    const answered = [...codes];
    if (answered.length > 0) this.span.setAttribute('crm.codes', answered);
    if (status >= 500) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end(this.timeOf(endMs));
  }

  private timeOf(steadyMs: number): number {
    return this.offsetMs + steadyMs;
  }

  private openFetching(): { span: Span; context: Context } {
    const { tracer, clock } = this.parts;
    const span = tracer.startSpan('fetch', { startTime: this.timeOf(clock.steadyMs()) }, this.context);
    return { span, context: trace.setSpan(this.context, span) };
  }

  private endFetching(endMs: number): void {
    this.fetching?.span.end(this.timeOf(endMs));
    this.fetching = undefined;
  }
}

function parentOf(client: TraceContext | undefined): Context {
  if (client === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = client;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}

/** Opens a tracer that sends spans. An endpoint that does not answer costs spans, never a request. */
export function openTelemetry({ endpoint, serviceName, sampledPercent, clock }: TelemetrySettings): Tracer {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new NodeTracerProvider({
    resource: describeProcess(serviceName),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledPercent / 100) }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
    forceFlushTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const tracer = provider.getTracer('crm-gateway');
  return {
    begin({ traceparent, tracestate }, startMs) {
      const client = traceparent === undefined ? undefined : readTraceContext(traceparent, tracestate);
      return new SpanTrace({ tracer, clock, state: client?.state }, parentOf(client), startMs);
    },
    async stop() {
      // What cannot be sent any more is lost: a receiver that is away must not hold up the stop.
      await provider.shutdown().catch(() => undefined);
    },
  };
}
