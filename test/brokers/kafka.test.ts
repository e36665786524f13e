// A real Kafka passes the suite of all brokers, and what only Kafka can get wrong holds.
import { Admin } from '@platformatic/kafka';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { findPorts } from '../../scripts/findPorts.ts';
import { startKafka } from '../../scripts/startKafka.ts';
import type { Broker } from '../../sync/brokers/broker.ts';
import { describeBroker } from '../../sync/brokers/conformance.ts';
import { openBroker } from '../../sync/brokers/openBroker.ts';
import { describeFaults } from '../harness/brokerFaults.ts';

const START_MS_MAX = 200_000;

const server = await startKafka();
const [serverPort = 0, proxyPort = 0] = await findPorts(2);
// It sends its clients to the proxy's port, as a Kafka does that stands behind one.
const proxied = await startKafka({ port: serverPort, advertisedPort: proxyPort });
const log = openLog('test', 'silent');
const open = (url = server.url): Promise<Broker> => openBroker(url, { name: 'test', log, clock: systemClock });

/** Makes Kafka forget all of a topic, as retention does after a day. */
async function openTooOld(topic: string): Promise<string> {
  const broker = await open();
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [server.url.replace('kafka://', '')] });
  const positions: string[] = [];
  await broker.follow({
    topics: [topic],
    after: 'now',
    deliver: (some) => void positions.push(some[0]?.position ?? ''),
  });
  await broker.publish([{ topic, key: 'a', value: 'before' }]);
  while (positions.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let at = 0; at < 3; at++) await broker.publish([{ topic, key: 'a', value: String(at) }]);
  const partitions = Array.from({ length: 16 }, (_, partition) => ({ partition, offset: -1n }));
  await admin.deleteRecords({ topics: [{ name: topic, partitions }] });
  await broker.close();
  await admin.close();
  return positions[0] ?? '';
}

describeBroker('kafka', { open: () => open(), restart: () => server.restart(), openTooOld });

describeFaults('kafka', {
  open,
  url: server.url,
  restart: () => server.restart(),
  behindProxy: { serverPort, proxyPort, url: `kafka://127.0.0.1:${proxyPort}` },
});

afterAll(() => Promise.all([server.stop(), proxied.stop()]), START_MS_MAX);
