// From the one setting CRM_BROKER_URL to a broker: its scheme names the adapter. Each adapter has one line in the table.
import type { Clock } from '../../platform/clock.ts';
import { StartError } from '../../platform/lifecycle.ts';
import type { Log } from '../../platform/log.ts';
import type { Broker } from './broker.ts';
import { openKafka } from './kafka/openKafka.ts';
import { openLocalBroker } from './local/localBroker.ts';
import { openMemoryBroker, type MemoryBroker } from './memory.ts';
import { openRabbitmq } from './rabbitmq/openRabbitmq.ts';

/** What every adapter gets beside its address. */
export interface BrokerOptions {
  /** Who connects, as `relay orders`: shown in logs and, where a broker has room for it, in its list of connections. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** Takes the whole address as it was given. */
type OpenAdapter = (url: string, options: BrokerOptions) => Promise<Broker>;

const FORMS =
  'local://crm:secret@host:port, kafka://host:port[,host:port], amqp://user:password@host:port/vhost or memory:';

/** The brokers of this process, by address: whoever opens the same one meets the others there. */
const memoryBrokers = new Map<string, MemoryBroker>();

function openMemory(url: string, { clock }: BrokerOptions): Promise<Broker> {
  const broker = memoryBrokers.get(url) ?? openMemoryBroker({ clock });
  memoryBrokers.set(url, broker);
  return Promise.resolve(broker.connect());
}

const ADAPTERS: ReadonlyMap<string, OpenAdapter> = new Map([
  ['memory', openMemory],
  ['local', openLocalBroker],
  ['kafka', openKafka],
  ['kafkas', openKafka],
  ['amqp', openRabbitmq],
  ['amqps', openRabbitmq],
]);

/**
 * Takes the address of a broker; gives it, connected or connecting by itself. Throws StartError for an address that
 * names no broker; its message does not repeat the address, which may hold a password.
 */
export async function openBroker(url: string, options: BrokerOptions): Promise<Broker> {
  const open = ADAPTERS.get(/^(\w+):/.exec(url)?.[1] ?? '');
  if (open === undefined) throw new StartError(`CRM_BROKER_URL must be ${FORMS}`);
  return open(url, options);
}
