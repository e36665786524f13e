// The trace of one request, as its steps see it: what a subgraph gets to know of it, and how long what took. A request
// without a trace has none of this (undefined), which costs nothing.
import type { IncomingHttpHeaders } from 'node:http';
import type { FetchOutcome, StepName } from './observer.ts';
import { readTraceContext, traceHeaders, type TraceHeaders } from './traceContext.ts';

/** One fetch in a trace. */
export interface FetchTrace {
  /** What the subgraph gets: with it its own spans hang below this one. */
  readonly headers: TraceHeaders;
  ended(outcome: FetchOutcome): void;
}

/** What is known of a request when it ends. */
export interface TracedRequest {
  readonly status: number;
  readonly requestId: string;
  readonly operation: { readonly name: string | undefined; readonly kind: string } | undefined;
  /** The codes of the errors in the answer. */
  readonly codes: Iterable<string>;
}

/** The trace of a request. Times are on the steady clock, in milliseconds. */
export interface RequestTrace {
  /** A step is done, that began at `startMs` and ended at `endMs`. */
  stepEnded(step: StepName, startMs: number, endMs: number): void;
  /** A fetch begins. */
  fetch(subgraph: string): FetchTrace;
  ended(request: TracedRequest): void;
}

/** Begins the traces of requests. */
export interface Tracer {
  /** Takes the client's headers and when the request came; gives its trace, undefined where it has none. */
  begin(headers: IncomingHttpHeaders, startMs: number): RequestTrace | undefined;
  /** Sends what is not sent yet, within a short time, and ends. */
  stop(): Promise<void>;
}

/** Passes the client's trace on to the subgraphs and keeps nothing of it. */
export const PASSING_TRACER: Tracer = {
  begin({ traceparent, tracestate }) {
    if (traceparent === undefined) return undefined;
    const context = readTraceContext(traceparent, tracestate);
    if (context === undefined) return undefined;
    const fetch: FetchTrace = { headers: traceHeaders(context), ended: () => undefined };
    return { stepEnded: () => undefined, fetch: () => fetch, ended: () => undefined };
  },
  stop: () => Promise.resolve(),
};
