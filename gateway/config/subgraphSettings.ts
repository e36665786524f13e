// What gateway.yaml can say of a subgraph: the table that the file is checked against and docs/gateway-yaml.md is
// printed from, and the settings of a subgraph by its name. Pure: the file itself is read in readGatewayYaml.ts.
import { LIMITS } from '../admit/limits.ts';

/** How the gateway treats one subgraph. */
export interface SubgraphSettings {
  /** One fetch, from its sending to its last byte; the request's own deadline may be sooner. */
  readonly fetchTimeoutMs: number;
  readonly socketsMax: number;
  readonly fetchesWaitingMax: number;
  readonly answerBytesMax: number;
  /** How often a query is sent again when its connection broke before the first byte. Mutations never are. */
  readonly retries: 0 | 1;
  /** Names of the client's headers that are passed on, in lower case. */
  readonly headers: readonly string[];
  readonly breaker: BreakerSettings;
}

/** When a subgraph is no longer called, and how often it is tried then. */
export interface BreakerSettings {
  readonly failuresMax: number;
  readonly probeEveryMs: number;
}

/** What the file gives of a subgraph; the rest holds as in `all`, or by default. */
export interface GivenSettings extends Partial<Omit<SubgraphSettings, 'breaker'>> {
  readonly breaker?: Partial<BreakerSettings>;
}

/** The whole file. */
export interface GatewayYaml {
  readonly all: GivenSettings;
  readonly subgraphs: Readonly<Record<string, GivenSettings>>;
}

/** One number of the file: its bounds and what it is for. */
export interface YamlNumber {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly purpose: string;
}

/** The numbers of a subgraph, by their key in the file; a dot leads into a map. */
export const SUBGRAPH_NUMBERS = {
  fetchTimeoutMs: {
    default: 4_000,
    min: 50,
    max: 60_000,
    unit: 'ms',
    purpose: 'one fetch; then its fields are null with SUBGRAPH_TIMEOUT. CRM_FETCH_TIMEOUT_MS is its default',
  },
  socketsMax: {
    default: LIMITS.socketsPerSubgraphMax.value,
    min: 1,
    max: 1_024,
    unit: 'connections',
    purpose: 'connections to the subgraph; further fetches wait',
  },
  fetchesWaitingMax: {
    default: LIMITS.fetchesWaitingMax.value,
    min: 0,
    max: 10_000,
    unit: 'fetches',
    purpose: 'how many fetches wait for a connection; one more is SUBGRAPH_BUSY at once',
  },
  answerBytesMax: {
    default: LIMITS.answerBytesMax.value,
    min: 1_024,
    max: 67_108_864,
    unit: 'bytes',
    purpose: 'an answer over it is SUBGRAPH_BAD_ANSWER; counted while it is read',
  },
  retries: {
    default: 1,
    min: 0,
    max: 1,
    unit: 'times',
    purpose: 'whether a query is sent again when its connection broke before the first byte; mutations never are',
  },
  'breaker.failuresMax': {
    default: 5,
    min: 1,
    max: 1_000,
    unit: 'connections',
    purpose: 'after so many refused connections in a row the subgraph is only tried now and then',
  },
  'breaker.probeEveryMs': {
    default: 1_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    purpose: 'how often it is tried then; it is back within this time of its return',
  },
} as const satisfies Record<string, YamlNumber>;

/** How many headers a subgraph can get from the client. */
export const HEADERS_MAX = 20;

/** Headers that are never passed on, and why. */
export const KEPT_HEADERS: readonly { readonly names: readonly string[]; readonly why: string }[] = [
  {
    names: ['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
    why: 'it is about the connection that the client has with the gateway',
  },
  {
    names: ['accept', 'accept-encoding', 'content-encoding', 'content-length', 'content-type', 'host'],
    why: "it is about the client's own message; the gateway writes a new one",
  },
  {
    names: ['crm-explain', 'crm-gateway-proof', 'traceparent', 'tracestate', 'x-request-id'],
    why: "it is the gateway's own word to a subgraph",
  },
  {
    names: ['cookie', 'proxy-authorization', 'set-cookie'],
    why: 'browsers and proxies add it by themselves: a subgraph would act for somebody who did not ask for it',
  },
  {
    names: ['x-caller', 'x-gateway-proof', 'x-scopes', 'x-tenant'],
    why: 'it says who calls and may what, which a client does not say of itself; the signed statement does',
  },
  { names: ['x-http-method-override'], why: 'it changes what a message means' },
];

/** The settings of each subgraph, whatever the supergraph of the moment names. */
export interface SubgraphSettingsSource {
  /** Gives the settings of a subgraph; those of `all` for one that the file does not name. */
  readonly settingsOf: (subgraph: string) => SubgraphSettings;
  /** The subgraphs that the file names. */
  readonly named: readonly string[];
  /** Every header that some subgraph gets, in lower case. */
  readonly headers: ReadonlySet<string>;
}

function overlay(base: SubgraphSettings, given: GivenSettings): SubgraphSettings {
  return { ...base, ...given, breaker: { ...base.breaker, ...given.breaker } };
}

/** Takes the file (an empty one where there is none) and the default of `fetchTimeoutMs`; gives each one's settings. */
export function openSubgraphSettings(yaml: GatewayYaml, fetchTimeoutMs: number): SubgraphSettingsSource {
  const defaults: SubgraphSettings = {
    fetchTimeoutMs,
    socketsMax: SUBGRAPH_NUMBERS.socketsMax.default,
    fetchesWaitingMax: SUBGRAPH_NUMBERS.fetchesWaitingMax.default,
    answerBytesMax: SUBGRAPH_NUMBERS.answerBytesMax.default,
    retries: SUBGRAPH_NUMBERS.retries.default,
    headers: [],
    breaker: {
      failuresMax: SUBGRAPH_NUMBERS['breaker.failuresMax'].default,
      probeEveryMs: SUBGRAPH_NUMBERS['breaker.probeEveryMs'].default,
    },
  };
  const all = overlay(defaults, yaml.all);
  const own = new Map(Object.entries(yaml.subgraphs).map(([name, given]) => [name, overlay(all, given)]));
  return {
    settingsOf: (subgraph) => own.get(subgraph) ?? all,
    named: [...own.keys()],
    headers: new Set([all, ...own.values()].flatMap((settings) => settings.headers)),
  };
}
