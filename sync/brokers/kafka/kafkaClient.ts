// What all our Kafka clients have in common: how long they wait, how often they try, and the topics that they stand on.
import { Admin, NetworkError, TimeoutError, type BaseOptions } from '@platformatic/kafka';
import { BROKER_KEPT_MS } from '../broker.ts';
import type { Connecting } from '../connecting.ts';
import type { KafkaAddress } from './kafkaAddress.ts';

/** What the parts of the adapter share. */
export interface KafkaContext extends Connecting {
  readonly address: KafkaAddress;
  /** Makes sure that topics are there; remembers those that are. */
  readonly ensureTopics: (topics: readonly string[]) => Promise<void>;
  /** Hears that the cluster has answered. */
  readonly answered: () => void;
}

const PARTITIONS = 16;
/** An hour more than positions hold, because Kafka drops whole segments, and a segment is closed after an hour. */
const RETENTION_MS = BROKER_KEPT_MS + 3_600_000;
const SEGMENT_MS = 3_600_000;
const TOPIC_CONFIGS = [
  { name: 'retention.ms', value: String(RETENTION_MS) },
  { name: 'segment.ms', value: String(SEGMENT_MS) },
  { name: 'cleanup.policy', value: 'delete' },
];

/** After a failure that the client did not get over by itself, we wait so long. */
export const RETRY_AFTER_MS = 500;

/** Takes the name of a connection and the address; gives the options that all clients share. */
export function clientOptions(name: string, address: KafkaAddress): BaseOptions {
  return {
    clientId: `crm-${name.replaceAll(/[^A-Za-z0-9._-]/g, '-')}`,
    ...address,
    connectTimeout: 3_000,
    // Longer than a join may wait for the other members.
    requestTimeout: 15_000,
    retries: 3,
    retryDelay: 250,
    autocreateTopics: false,
  };
}

/** Says whether an error, or one of those that it gathers, is of that kind. */
function hasWithin(error: unknown, isKind: (one: object) => boolean): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (isKind(error)) return true;
  const inner = 'errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : [];
  return inner.some((one) => hasWithin(one, isKind)) || ('cause' in error && hasWithin(error.cause, isKind));
}

/** Says whether an error, or one of those that it gathers, has that name in Kafka's protocol. */
export function isProtocolError(error: unknown, apiId: string): boolean {
  return hasWithin(error, (one) => 'apiId' in one && one.apiId === apiId);
}

/** Says whether an error means that a node could not be reached, or did not answer in time. */
export function isNetworkError(error: unknown): boolean {
  return hasWithin(error, (one) => one instanceof NetworkError || one instanceof TimeoutError);
}

/** What the adapter asks of a cluster beside messages. */
export interface KafkaAdmin {
  ensureTopics(topics: readonly string[]): Promise<void>;
  /** Asks whether the cluster answers. */
  probe(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens a client that makes topics and asks whether the cluster is there. */
export function openKafkaAdmin(name: string, address: KafkaAddress): KafkaAdmin {
  const admin = new Admin({ ...clientOptions(name, address), requestTimeout: 5_000, retries: 1 });
  const known = new Set<string>();
  return {
    async ensureTopics(topics) {
      if (topics.every((topic) => known.has(topic))) return;
      const present = new Set(await admin.listTopics());
      for (const topic of new Set(topics)) {
        if (!present.has(topic)) await createTopic(admin, topic);
        known.add(topic);
      }
    },
    async probe() {
      try {
        await admin.metadata({ topics: [], forceUpdate: true });
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      await admin.close().catch(() => undefined);
    },
  };
}

async function createTopic(admin: Admin, topic: string): Promise<void> {
  try {
    // -1: as many replicas as the cluster gives by default.
    await admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: -1, configs: TOPIC_CONFIGS });
  } catch (error) {
    // Somebody else was faster.
    if (!isProtocolError(error, 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}
