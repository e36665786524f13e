// Starts a real Cassandra: one node on loopback, from Maven Central's jars on the machine's Java 17. `node
// scripts/startCassandra.ts [--port 19042]` prints its URL and leaves it running; `--stop` ends it.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../platform/config.ts';
import { runBrokerCommand } from './brokerCommand.ts';
import { findPorts } from './findPorts.ts';
import { obtainJars, type ObtainedJars } from './obtainJars.ts';
import { askPort, runServer, type RunningServer, type ServerRecipe } from './serverProcess.ts';

const POM = fileURLToPath(new URL('./cassandra/pom.xml', import.meta.url));
const CACHE = fileURLToPath(new URL('../node_modules/.cache/cassandra-5.0.2', import.meta.url));
const DEFAULT_PORT = 19_042;
const HOW_TO_HELP =
  'A Cassandra node needs Java 17 and Maven, which fetches its jars: `apt-get install openjdk-17-jre-headless maven` on Debian.';
/** What Cassandra 5 reaches into the Java runtime for, as its own jvm17-server.options has it. */
const OPENED = [
  ...['io', 'lang', 'lang.module', 'lang.reflect', 'math', 'net', 'nio', 'nio.charset', 'nio.file.spi', 'util'],
  ...['util.concurrent', 'util.concurrent.atomic'],
].map((name) => `java.base/java.${name}`);
const OPENED_WITHIN = [
  ...['loader', 'math', 'module', 'ref', 'reflect', 'util', 'util.jar', 'vm'].map(
    (name) => `java.base/jdk.internal.${name}`,
  ),
  ...['java.base/sun.nio.ch', 'java.base/sun.nio.fs', 'java.base/sun.security.action'],
  ...[
    'java.rmi/sun.rmi.transport',
    'java.rmi/sun.rmi.transport.tcp',
    'java.rmi/sun.rmi.registry',
    'java.rmi/sun.rmi.server',
  ],
  ...['java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.management/com.sun.jmx.remote.security'],
  ...['jdk.management/com.sun.management.internal', 'java.sql/java.sql'],
];
/** 384 MB of heap with the small compiler: about 700 MB of memory in all. */
const JAVA_WORDS = [
  ...['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
  '-Djdk.attach.allowAttachSelf=true',
  '-Dio.netty.tryReflectionSetAccessible=true',
  // One node has nobody to wait for.
  ...['-Dcassandra.skip_wait_for_gossip_to_settle=0', '-Dcassandra.ring_delay_ms=0'],
  ...[...OPENED, ...OPENED_WITHIN].flatMap((name) => [
    '--add-opens',
    `${name}=ALL-UNNAMED`,
    '--add-exports',
    `${name}=ALL-UNNAMED`,
  ]),
];

/** Gives Java and the folder of the node's jars, fetched now where they are not in the cache; throws with what to do. */
export function obtainCassandra(): ObtainedJars {
  return obtainJars({ pom: POM, cache: CACHE, javaPackage: 'openjdk-17-jre-headless', howToHelp: HOW_TO_HELP });
}

function yamlOf(port: number, storagePort: number, folder: string): string {
  return [
    'cluster_name: crm',
    'num_tokens: 8',
    'partitioner: org.apache.cassandra.dht.Murmur3Partitioner',
    `data_file_directories: [${join(folder, 'data')}]`,
    `commitlog_directory: ${join(folder, 'commitlog')}`,
    `saved_caches_directory: ${join(folder, 'saved')}`,
    `hints_directory: ${join(folder, 'hints')}`,
    'commitlog_sync: periodic',
    'commitlog_sync_period: 1000ms',
    'listen_address: 127.0.0.1',
    'rpc_address: 127.0.0.1',
    `native_transport_port: ${port}`,
    `storage_port: ${storagePort}`,
    'endpoint_snitch: SimpleSnitch',
    'seed_provider:',
    '  - class_name: org.apache.cassandra.locator.SimpleSeedProvider',
    `    parameters: [{ seeds: '127.0.0.1:${storagePort}' }]`,
  ].join('\n');
}

/** OPTIONS of CQL's protocol, version 4: it is answered with SUPPORTED. */
const OPTIONS_FRAME = Buffer.from('040000000500000000', 'hex');
const SUPPORTED = 6;
const OPCODE_AT_BYTE = 4;

function prepare(port: number, storagePort: number, folder: string): ServerRecipe {
  const { java, jars } = obtainCassandra();
  const yaml = join(folder, 'cassandra.yaml');
  writeFileSync(yaml, yamlOf(port, storagePort, folder));
  const quiet = join(folder, 'logback.xml');
  writeFileSync(quiet, LOGBACK);
  const own = [
    `-Dcassandra.config=file://${yaml}`,
    `-Dcassandra.storagedir=${folder}`,
    `-Dlogback.configurationFile=${quiet}`,
  ];
  return {
    name: 'cassandra',
    url: `127.0.0.1:${port}`,
    folder,
    program: java,
    words: [...JAVA_WORDS, ...own, '-cp', join(jars, '*'), 'org.apache.cassandra.service.CassandraDaemon'],
    env: inheritedEnvironment(),
    isReady: async () => (await askPort(port, OPTIONS_FRAME))[OPCODE_AT_BYTE] === SUPPORTED,
  };
}

const LOGBACK =
  '<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%level %msg%n</pattern>' +
  '</encoder></appender><root level="WARN"><appender-ref ref="out"/></root></configuration>';

/** Starts a node that holds nothing, on free ports and in a folder of its own; resolves when it takes work. */
export async function startCassandra(): Promise<RunningServer> {
  const [port = 0, storagePort = 0] = await findPorts(2);
  return runServer(prepare(port, storagePort, mkdtempSync(join(tmpdir(), 'crm-cassandra-'))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBrokerCommand({
    name: 'cassandra',
    defaultPort: DEFAULT_PORT,
    prepare: (port, folder) => prepare(port, port + 1, folder),
  });
}
