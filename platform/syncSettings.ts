// The settings of keeping data in step: brokers, relays, consumers, schedules. Part of the one table in `settings.ts`.

/** Settings of `sync/` by name; what each field means stands at `Setting`. */
export const SYNC_SETTINGS = {
  CRM_BROKER_URL: {
    kind: 'text',
    default: undefined,
    secret: true,
    purpose:
      'the broker of events: local://crm:SECRET@127.0.0.1:PORT, kafka://host:port[,host:port] or amqp://user:password@host:port/vhost; without it no events are sent',
  },
  CRM_BROKER_PORT: { kind: 'number', default: 27_119, min: 0, max: 65_535, purpose: 'the port of the local broker' },
  CRM_BROKER_HOST: { kind: 'text', default: '127.0.0.1', purpose: 'the address of the local broker' },
  CRM_BROKER_SECRET: {
    kind: 'text',
    default: undefined,
    min: 32,
    secret: true,
    purpose: 'what the local broker wants to be shown, as the password in CRM_BROKER_URL; `npm start` draws one',
  },
  CRM_BROKER_MEGABYTES_MAX: {
    kind: 'number',
    default: 4_096,
    min: 16,
    max: 1_000_000,
    purpose: 'the log of the local broker drops its oldest messages above this, and those older than 24 hours',
  },
  CRM_EVENTS_RELAYED: {
    kind: 'boolean',
    default: true,
    purpose: 'whether the subgraphs send their events themselves; false where Debezium reads their outboxes',
  },
  CRM_CUSTOMERS_METRICS_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where customers serves the metrics of its events at /metrics; not served without it',
  },
  CRM_ORDERS_METRICS_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where orders serves the metrics of its events at /metrics; not served without it',
  },
  CRM_MARKETING_METRICS_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where marketing serves the metrics of its events at /metrics; not served without it',
  },
  CRM_SYNC_CONFIG: {
    kind: 'text',
    default: undefined,
    purpose: 'the file that says which outside sources are read and when; sync.yaml of the working folder without it',
  },
  CRM_SYNC_METRICS_PORT: {
    kind: 'number',
    default: undefined,
    min: 0,
    max: 65_535,
    purpose: 'a port on 127.0.0.1 where the process of schedules serves its metrics at /metrics; not served without it',
  },
  CRM_DRIFT_CRON: {
    kind: 'text',
    default: '30 3 * * *',
    purpose: 'when copies are compared with their owners, as five fields of cron in UTC; see sync.md',
  },
  CRM_DRIFT_REPAIRED: {
    kind: 'boolean',
    default: true,
    purpose: 'whether the comparison at that time also repairs what differs',
  },
} as const;
