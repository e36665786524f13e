// The one table of settings: name, kind, default, bounds, purpose. `config.ts` reads it, `docs/settings.md` is printed
// from it. A variable that starts with CRM_ and is not in here stops the start.
import { SYNC_SETTINGS } from './syncSettings.ts';

/** One setting that an operator may give as an environment variable. */
export interface Setting {
  readonly kind: 'text' | 'number' | 'boolean';
  /** What holds when the variable is absent; undefined: the part that needs it refuses to start. */
  readonly default: string | number | boolean | undefined;
  readonly min?: number;
  readonly max?: number;
  /** A secret may also come as a file, named by the variable with `_FILE` behind it; it is never printed. */
  readonly secret?: true;
  readonly purpose: string;
}

export const SETTINGS = {
  MONGODB_URI: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose: 'the MongoDB server of the subgraphs; without it `npm start` brings up the embedded database',
  },
  REDIS_URL: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose: 'the Redis in which several gateways share limits and revocations; without it each keeps its own',
  },
  ...SYNC_SETTINGS,
  CRM_HOST: { kind: 'text', default: '127.0.0.1', purpose: 'the address that the gateway and the subgraphs listen on' },
  CRM_GATEWAY_PORT: { kind: 'number', default: 4000, min: 0, max: 65_535, purpose: 'the port of the gateway' },
  CRM_CUSTOMERS_PORT: { kind: 'number', default: 4001, min: 0, max: 65_535, purpose: 'the port of customers' },
  CRM_ORDERS_PORT: { kind: 'number', default: 4002, min: 0, max: 65_535, purpose: 'the port of orders' },
  CRM_MARKETING_PORT: { kind: 'number', default: 4003, min: 0, max: 65_535, purpose: 'the port of marketing' },
  CRM_MONGO_PORT: {
    kind: 'number',
    default: 27_117,
    min: 0,
    max: 65_535,
    purpose: 'the port of the embedded database',
  },
  CRM_MONGO_HOST: { kind: 'text', default: '127.0.0.1', purpose: 'the address of the embedded database' },
  CRM_DATA_PATH: { kind: 'text', default: '.crm', purpose: 'the folder of the embedded database and composed files' },
  CRM_DATABASE_PREFIX: { kind: 'text', default: 'crm', purpose: 'databases are named <prefix>_<subgraph>' },
  CRM_PROOF_SECRET: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose:
      'signs what the gateway tells the subgraphs, for each with a secret of its own that is made of this one; at least 32 characters',
  },
  CRM_PROOF_SECRET_PREVIOUS: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose:
      'the CRM_PROOF_SECRET before, while it is changed: subgraphs accept both, the gateway signs with the new one',
  },
  CRM_PROOF_SUBGRAPH_SECRET: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose:
      "in place of CRM_PROOF_SECRET for a subgraph that is not to know the others' secrets: its own alone (docs/security/gateway-proof.md)",
  },
  CRM_PROOF_SUBGRAPH_SECRET_PREVIOUS: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose: 'the CRM_PROOF_SUBGRAPH_SECRET before, while it is changed',
  },
  SUPERGRAPH_SOURCE: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose:
      'where the gateway gets its supergraph from, and where `schema publish` puts it: file:FOLDER, mongodb://host/database, mongodb: for the database of the keys, https://…; see publishing.md',
  },
  CRM_SUPERGRAPH_COPY_PATH: {
    kind: 'text',
    default: '.crm/supergraph',
    purpose:
      'the folder of the last good supergraph of SUPERGRAPH_SOURCE, with which the gateway starts while that is away',
  },
  CRM_REGISTRY_SECRET: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose: 'signs what is published; a gateway that has it takes nothing else; at least 32 characters',
  },
  CRM_REGISTRY_SECRET_PREVIOUS: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose: 'the CRM_REGISTRY_SECRET before, while it is changed: what it signed is still taken',
  },
  CRM_REGISTRY_TOKEN: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose: 'shown as Authorization: Bearer to the server that SUPERGRAPH_SOURCE=https://… names',
  },
  CRM_TENANT_ID: { kind: 'text', default: 'main', purpose: 'the tenant whose data callers read and write' },
  CRM_LOG_LEVEL: { kind: 'text', default: 'info', purpose: 'fatal, error, warn, info, debug or silent' },
  CRM_INTROSPECTION_ALLOWED: { kind: 'boolean', default: false, purpose: 'whether clients may read the schema' },
  CRM_IDE_ALLOWED: { kind: 'boolean', default: false, purpose: 'whether the gateway serves GraphiQL at /' },
  CRM_EXPLAIN_ALLOWED: { kind: 'boolean', default: false, purpose: 'whether a request may ask for its plan and costs' },
  CRM_CROSS_SITE_REQUESTS_ALLOWED: {
    kind: 'boolean',
    default: false,
    purpose:
      'whether any web page may send queries by GET, as its visitor; never where cookies or addresses give rights',
  },
  CRM_SOCKET_ORIGINS: {
    kind: 'text',
    default: undefined,
    purpose:
      'origins whose web pages may open WebSockets at /graphql, with commas between them, beside pages of the same address',
  },
  CRM_LIMITS_SHARE_PERCENT: {
    kind: 'number',
    default: undefined,
    min: 1,
    max: 100,
    purpose:
      "a gateway's share of each caller's limits while Redis is away; one by the number of gateways last seen without it",
  },
  CRM_OPERATIONS_MANIFESTS: {
    kind: 'text',
    default: undefined,
    purpose: "files of registered operations, with commas between them, in Apollo's or Relay's format",
  },
  CRM_REQUEST_TIMEOUT_MS: { kind: 'number', default: 10_000, min: 100, max: 120_000, purpose: 'a request, whole' },
  CRM_FETCH_TIMEOUT_MS: { kind: 'number', default: 4_000, min: 50, max: 60_000, purpose: 'one fetch from a subgraph' },
  CRM_DRAIN_TIMEOUT_MS: { kind: 'number', default: 10_000, min: 0, max: 60_000, purpose: 'open requests on SIGTERM' },
  CRM_LOOP_DELAY_MS_MAX: {
    kind: 'number',
    default: undefined,
    min: 10,
    max: 60_000,
    purpose: 'how late the event loop may be by its own work before fewer requests wait; 100 without it, see limits.md',
  },
  CRM_METRICS_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where the gateway serves Prometheus metrics at /metrics; not served without it',
  },
  CRM_KEYS_URI: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose:
      "the MongoDB server of the gateway's own database, <prefix>_gateway, with its keys; MONGODB_URI without it",
  },
  CRM_KEY_PEPPERS: {
    kind: 'text',
    default: undefined,
    min: 66,
    secret: true,
    purpose:
      "what keys' secrets are hashed with: lines of <number>=<64 hexadecimal digits>, the highest number for new ones",
  },
  CRM_USAGE_RECORDED: {
    kind: 'boolean',
    default: true,
    purpose: 'whether a gateway with keys counts who asks for what of the schema, in its own database, see usage.md',
  },
  CRM_USAGE_DAYS: {
    kind: 'number',
    default: 90,
    min: 1,
    max: 3_650,
    purpose: 'how many days these counts are kept',
  },
  CRM_API_KEY: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose: 'the key that our own clients show (explain, bench:360); the development key of `npm start` without it',
  },
  CRM_ADMIN_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where the gateway lets its keys be managed; not served without it',
  },
  CRM_ADMIN_TOKEN: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose: 'who manages keys shows this as Authorization: Bearer; at least 32 characters',
  },
  CRM_ADMIN_SCOPES: {
    kind: 'text',
    default: undefined,
    purpose: 'the scopes that may be granted at the admin port, with spaces between them; all without it',
  },
  CRM_ENTITY_CACHE: {
    kind: 'text',
    default: 'off',
    purpose: 'where the gateway keeps entities whose types allow it: off, memory or redis, see entity-cache.md',
  },
  CRM_ENTITY_CACHE_MIB_MAX: {
    kind: 'number',
    default: 64,
    min: 1,
    max: 65_536,
    purpose: 'how much memory kept entities take in each gateway process, in MiB',
  },
  CRM_LIST_SIZE_ASSUMED: {
    kind: 'number',
    default: 10,
    min: 0,
    max: 10_000,
    purpose: 'how long a list is taken to be in the cost of an operation where @listSize says nothing, see cost.md',
  },
  CRM_JWT_JWKS_URL: {
    kind: 'text',
    default: undefined,
    purpose: "where an OpenID provider publishes its keys (https, or http on this machine): people's tokens are taken",
  },
  CRM_JWT_ISSUER: { kind: 'text', default: undefined, purpose: 'the `iss` that a token must have' },
  CRM_JWT_AUDIENCE: { kind: 'text', default: undefined, purpose: 'the `aud` that a token must have' },
  CRM_JWT_CLOCK_TOLERANCE_S: {
    kind: 'number',
    default: 30,
    min: 0,
    max: 300,
    purpose: "by how many seconds the provider's clock may differ",
  },
  CRM_JWT_SCOPE_CLAIMS: {
    kind: 'text',
    default: 'scope scp',
    purpose: "the claims that hold a person's scopes, as a list or as words with spaces between them",
  },
  CRM_JWT_ROLE_CLAIMS: {
    kind: 'text',
    default: 'roles',
    purpose: "the claims that hold a person's roles; a dot goes inward, as in realm_access.roles",
  },
  CRM_JWT_ROLE_SCOPES: {
    kind: 'text',
    default: '',
    purpose: 'what a role gives, as support=customers:read orders:read; admin=customers:write',
  },
  CRM_PEOPLE_CONTRACT: {
    kind: 'text',
    default: undefined,
    purpose: 'the contract by which people see the graph; the whole of it without one',
  },
  CRM_PEOPLE_FILTERED: {
    kind: 'boolean',
    default: false,
    purpose: 'whether people get null for fields that they may not see, in place of a refusal of the whole query',
  },
  CRM_JWT_ALGORITHMS: {
    kind: 'text',
    default: 'RS256 ES256 PS256 EdDSA',
    purpose: 'how a token may be signed; algorithms with a shared secret are refused',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: 'text',
    default: undefined,
    purpose: 'an OTLP receiver, as http://127.0.0.1:4318: the gateway sends it spans (JSON over HTTP, /v1/traces)',
  },
  OTEL_SERVICE_NAME: { kind: 'text', default: 'crm-gateway', purpose: "the gateway's name in its spans" },
  CRM_TRACES_SAMPLED_PERCENT: {
    kind: 'number',
    default: 100,
    min: 0,
    max: 100,
    purpose: 'how many of the requests that come without a trace get one; those with one do as it says',
  },
  GATEWAY_WORKERS: {
    kind: 'number',
    default: 1,
    min: 1,
    max: 64,
    purpose: 'processes that serve the gateway together on its port; a lost one is replaced',
  },
} as const satisfies Record<string, Setting>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;
