// Starts a real Kafka broker: one node in KRaft mode, on loopback, from Maven Central's jars on the machine's Java.
// `node scripts/startKafka.ts [--port 19092]` prints its URL and leaves it running; `--stop` ends it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';
import { runBrokerCommand } from './brokerCommand.ts';
import { findPorts } from './findPorts.ts';
import { obtainJars, type ObtainedJars } from './obtainJars.ts';
import { askPort, runServer, type RunningServer, type ServerRecipe } from './serverProcess.ts';

const POM = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url));
const CACHE = fileURLToPath(new URL('../node_modules/.cache/kafka-4.1.1', import.meta.url));
const DEFAULT_PORT = 19_092;
const HOW_TO_HELP =
  'A Kafka broker needs Java 17 or later and Maven, which fetches its jars: `apt-get install default-jre-headless maven` ' +
  'on Debian and Ubuntu, `dnf install java-21-openjdk-headless maven` on Fedora, `brew install openjdk maven` on macOS.';
/** 256 MB of heap with the small compiler: about 350 MB of memory in all. */
const JAVA_WORDS = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:MaxMetaspaceSize=128m',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

/** Gives a broker's jars, fetched now where they are not in the cache (ten seconds, once); throws with what to do. */
export function obtainKafka(): ObtainedJars {
  return obtainJars({ pom: POM, cache: CACHE, javaPackage: 'default-jre-headless', howToHelp: HOW_TO_HELP });
}

/** Where a broker listens, and where it tells its clients to look for it: elsewhere if a proxy stands before it. */
interface KafkaPorts {
  readonly port: number;
  readonly controllerPort: number;
  readonly advertisedPort: number;
}

function propertiesOf({ port, controllerPort, advertisedPort }: KafkaPorts, folder: string): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=BROKER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=BROKER://127.0.0.1:${advertisedPort}`,
    'inter.broker.listener.name=BROKER',
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(folder, 'data')}`,
    'num.network.threads=2',
    'num.io.threads=4',
    'background.threads=2',
    'log.cleaner.dedupe.buffer.size=4194304',
    'offsets.topic.num.partitions=4',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    // Groups of tests form at once, and members that were killed are missed soon.
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    // After a kill the node may register again as soon as its old session has ended.
    'broker.heartbeat.interval.ms=500',
    'broker.session.timeout.ms=3000',
    'auto.create.topics.enable=false',
    // So that a test can make old messages go.
    'log.retention.check.interval.ms=1000',
    'log.segment.delete.delay.ms=100',
  ].join('\n');
}

/** ApiVersions, version 0, correlation 1, no client id: what every client asks first. */
const API_VERSIONS = Buffer.from('0000000a0012000000000001ffff', 'hex');
const ERROR_CODE_AT_BYTE = 8;

function prepare(ports: KafkaPorts, folder: string): ServerRecipe {
  const { port } = ports;
  const { java, jars } = obtainKafka();
  const words = [...JAVA_WORDS, '-cp', join(jars, '*')];
  const properties = join(folder, 'server.properties');
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    writeFileSync(properties, propertiesOf(ports, folder));
    const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties];
    execFileSync(java, [...words, ...format], { stdio: ['ignore', 'pipe', 'pipe'] });
  }
  return {
    name: 'kafka',
    url: `kafka://127.0.0.1:${port}`,
    folder,
    program: java,
    words: [...words, 'kafka.Kafka', properties],
    env: inheritedEnvironment(),
    isReady: async () => (await askPort(port, API_VERSIONS)).readInt16BE(ERROR_CODE_AT_BYTE) === 0,
  };
}

/**
 * Starts a broker that holds nothing, on free ports and in a folder of its own; resolves when it takes work. Clients are
 * sent to `advertisedPort`, for a proxy before it that listens there and connects to `port`.
 */
export async function startKafka(proxied?: { port: number; advertisedPort: number }): Promise<RunningServer> {
  const [free = 0, controllerPort = 0] = await findPorts(2);
  const { port, advertisedPort } = proxied ?? { port: free, advertisedPort: free };
  const folder = mkdtempSync(join(tmpdir(), 'crm-kafka-'));
  return runServer(prepare({ port, controllerPort, advertisedPort }, folder));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBrokerCommand({
    name: 'kafka',
    defaultPort: DEFAULT_PORT,
    prepare: (port, folder) => prepare({ port, controllerPort: port + 1, advertisedPort: port }, folder),
  });
}
