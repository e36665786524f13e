// W3C trace context: reads what a client sends and writes what a subgraph gets. A malformed header is treated as none:
// it comes from strangers and must not end up in another system as it is.

/** Where a request stands in somebody's trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's own span. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What other tracing systems add, as received; undefined where there is nothing right. */
  readonly state: string | undefined;
}

/** The headers of a trace. */
export type TraceHeaders = Readonly<Record<string, string>>;

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const PARENT_CHARACTERS_MAX = 128;
const STATE_CHARACTERS_MAX = 512;
const STATE_MEMBERS_MAX = 32;
const STATE_MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

function readState(header: string | undefined): string | undefined {
  if (header === undefined || header.length > STATE_CHARACTERS_MAX) return undefined;
  const members = header
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > STATE_MEMBERS_MAX) return undefined;
  return members.every((member) => STATE_MEMBER.test(member)) ? members.join(',') : undefined;
}

/** Takes the headers `traceparent` and `tracestate` as received; gives the context, or undefined where there is none. */
export function readTraceContext(
  parent: string | string[] | undefined,
  state: string | string[] | undefined,
): TraceContext | undefined {
  if (typeof parent !== 'string' || parent.length > PARENT_CHARACTERS_MAX) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = PARENT.exec(parent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, sampled, state: readState(Array.isArray(state) ? state.join(',') : state) };
}

/** Takes a context; gives the headers that pass it on. */
export function traceHeaders({ traceId, spanId, sampled, state }: TraceContext): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}
