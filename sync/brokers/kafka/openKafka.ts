// Kafka as a Broker (../broker.ts): topics of 16 partitions, a message's key is the entity's id, every confirmation means
// that all in-sync replicas have it. The client was chosen in docs/decisions/0020-kafka-client.md.
import type { Broker, Reading } from '../broker.ts';
import type { Connecting } from '../connecting.ts';
import { refuseFaultyMessages } from '../refuseFaultyMessages.ts';
import { readKafkaAddress } from './kafkaAddress.ts';
import { openKafkaAdmin, type KafkaContext } from './kafkaClient.ts';
import { followKafka } from './kafkaFollower.ts';
import { subscribeKafka } from './kafkaGroup.ts';
import { openKafkaPublisher } from './kafkaPublisher.ts';

const PROBE_MS = 1_000;

/** Takes `kafka://…`; gives the cluster as a broker, which connects by itself. Throws StartError for a wrong address. */
export async function openKafka(url: string, { name, log, clock }: Connecting): Promise<Broker> {
  const address = readKafkaAddress(url);
  const admin = openKafkaAdmin(name, address);
  let isConnected = false;
  let answers = 0;
  const context: KafkaContext = {
    ...{ name, log, clock, address },
    ensureTopics: (topics) => admin.ensureTopics(topics),
    answered() {
      answers++;
      isConnected = true;
    },
  };
  const publisher = openKafkaPublisher(context);
  const readings = new Set<Reading>();
  let isClosed = false;
  let cancelProbe = (): void => undefined;
  const probe = async (): Promise<void> => {
    const before = answers;
    // A question that began while the cluster was away ends late: what it answered since counts more.
    isConnected = (await admin.probe()) || answers > before;
    if (!isClosed) cancelProbe = clock.after(PROBE_MS, () => void probe());
  };
  await probe();
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
  return {
    kind: 'kafka',
    async publish(messages) {
      refuseClosed();
      refuseFaultyMessages(messages);
      await publisher.publish(messages);
    },
    // Async so that a refusal rejects.
    async subscribe(subscription) {
      refuseClosed();
      return Promise.resolve(keep(subscribeKafka(context, subscription)));
    },
    async follow(following) {
      refuseClosed();
      return keep(await followKafka(context, following, () => isClosed));
    },
    isConnected: () => isConnected && !isClosed,
    async close() {
      isClosed = true;
      cancelProbe();
      await Promise.all([...readings].map((reading) => reading.close()));
      await publisher.close();
      await admin.close();
    },
  };
}
