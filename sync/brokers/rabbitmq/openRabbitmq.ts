// RabbitMQ as a Broker (../broker.ts): quorum queues for groups, shared out by a hash of the key, and a stream for
// followers. One connection publishes and one reads, because a server short of memory stops those that publish.
import { Connection } from 'rabbitmq-client';
import { StartError } from '../../../platform/lifecycle.ts';
import type { Broker, Reading } from '../broker.ts';
import type { Connecting } from '../connecting.ts';
import { refuseFaultyMessages } from '../refuseFaultyMessages.ts';
import type { RabbitContext } from './rabbitChannel.ts';
import { followRabbit } from './rabbitFollower.ts';
import { ensureLog } from './rabbitGroupSetup.ts';
import { subscribeRabbit } from './rabbitGroup.ts';
import { RabbitPublisher } from './rabbitPublisher.ts';

const FIRST_WITHIN_MS = 5_000;

function connectTo(url: string, { name, log }: Connecting, what: string): Connection {
  let connection: Connection;
  try {
    connection = new Connection({
      url,
      connectionName: `${name} ${what}`,
      connectionTimeout: 5_000,
      acquireTimeout: 5_000,
      heartbeat: 10,
      retryLow: 200,
      retryHigh: 1_000,
      noDelay: true,
    });
  } catch {
    // The address is not repeated: it may hold a password.
    throw new StartError('CRM_BROKER_URL must be amqp://user:password@host:port/vhost');
  }
  connection.on('error', (error: unknown) => log.debug({ error: String(error) }, 'the connection to RabbitMQ'));
  return connection;
}

/** Ends a connection; one that is not there is given up. */
async function disconnect(connection: Connection): Promise<void> {
  if (connection.ready) await connection.close().catch(() => undefined);
  else connection.unsafeDestroy();
}

/** Takes `amqp://…`; gives the server as a broker, which connects by itself. Throws StartError for a wrong address. */
export async function openRabbitmq(url: string, connecting: Connecting): Promise<Broker> {
  const reading = connectTo(url, connecting, 'reads');
  const publishing = connectTo(url, connecting, 'publishes');
  const context: RabbitContext = { ...connecting, reading, closers: new Set(), settingUp: new Map() };
  const publisher = new RabbitPublisher(connecting, publishing, () => ensureLog(context));
  const readings = new Set<Reading>();
  let isClosed = false;
  const refuseClosed = (): void => {
    if (isClosed) throw new Error('the connection to the broker is closed');
  };
  const keep = (reading: Reading): Reading => {
    const kept: Reading = {
      async close() {
        readings.delete(kept);
        await reading.close();
      },
    };
    readings.add(kept);
    return kept;
  };
  await Promise.all([reading, publishing].map((one) => one.onConnect(FIRST_WITHIN_MS, true).catch(() => undefined)));
  return {
    kind: 'rabbitmq',
    async publish(messages) {
      refuseClosed();
      refuseFaultyMessages(messages);
      await publisher.publish(messages);
    },
    // Async so that a refusal rejects.
    async subscribe(subscription) {
      refuseClosed();
      return Promise.resolve(keep(subscribeRabbit(context, subscription)));
    },
    async follow(following) {
      refuseClosed();
      return keep(await followRabbit(context, following));
    },
    isConnected: () => !isClosed && (reading.ready || publishing.ready),
    async close() {
      isClosed = true;
      await Promise.all([...readings, ...context.closers].map((one) => one.close()));
      await publisher.close();
      await Promise.all([disconnect(reading), disconnect(publishing)]);
    },
  };
}
