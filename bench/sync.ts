// How fast changes travel: events a second from an outbox through each broker into an inbox, and how long after a
// mutation's answer its change is seen in another subgraph. `npm run bench:sync` writes bench/results/<date>-sync.md;
// `-- --broker kafka rabbitmq` measures those too, `-- --help` tells the rest.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command as Program } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { readConfig } from '../platform/config.ts';
import { openLog } from '../platform/log.ts';
import type { Broker } from '../sync/brokers/broker.ts';
import { openMemoryBroker } from '../sync/brokers/memory.ts';
import { openBroker } from '../sync/brokers/openBroker.ts';
import { startKafka } from '../scripts/startKafka.ts';
import { startRabbitmq } from '../scripts/startRabbitmq.ts';
import { startProcess, type StartedProcess } from '../test/harness/startProcess.ts';
import { startTestBroker } from '../test/harness/testBroker.ts';
import { figuresLine } from './figures.ts';
import { measureLatency, type Latency } from './sync/latency.ts';
import { measureThroughput, type Throughput } from './sync/throughput.ts';

const TICKS_A_SECOND = 100;
const GOALS = { eventsPerSecond: 5_000, latencyP99Ms: 500 };

interface Options {
  readonly events: number;
  readonly seconds: number;
  readonly rate: number;
  readonly broker: readonly string[];
  readonly latency: boolean;
}

const program = new Program('bench:sync')
  .description(
    'Measures how fast changes travel between subgraphs. MONGODB_URI: on that server instead of the embedded.',
  )
  .option('--events <count>', 'events of a measurement of throughput', Number, 20_000)
  .option('--seconds <count>', 'how long latency is measured', Number, 10)
  .option('--rate <count>', 'customers renamed a second, for latency', Number, 200)
  .option(
    '--broker <broker...>',
    'further brokers: kafka, rabbitmq (each started anew), or the URL of one that runs and is empty (with --no-latency)',
    [],
  )
  .option('--no-latency', 'throughput alone')
  .parse();
const options = program.opts<Options>();

/** Gives what reads the processors' seconds that processes have used (Linux; 0 elsewhere). */
function cpuSecondsOf(processes: readonly StartedProcess[]): () => Promise<number> {
  return async () => {
    let ticks = 0;
    for (const { child } of processes) {
      const stat = await readFile(`/proc/${String(child.pid)}/stat`, 'utf8').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    }
    return ticks / TICKS_A_SECOND;
  };
}

interface Server {
  readonly url: string;
  readonly processes: readonly StartedProcess[];
  stop(): Promise<void>;
}

const stopNothing = (): Promise<void> => Promise.resolve();

/** A database in a process of its own: one for throughput, one for each broker's latency. */
async function openDatabaseServer(folder: string): Promise<Server> {
  const given = readConfig().MONGODB_URI;
  if (given !== undefined) return { url: given, processes: [], stop: stopNothing };
  const path = await mkdtemp(join(folder, 'mongo-'));
  const started = await startProcess(['embedded-mongo/main.ts', '--port', '0', '--data', path]);
  return {
    url: started.ready,
    processes: [started],
    stop: async () => {
      await started.stop();
    },
  };
}

/** A broker with nothing in it: what another graph left would be a backlog, or count as stale. */
async function openBrokerServer(named: string, folder: string): Promise<Server> {
  if (named === 'kafka') return { ...(await startKafka()), processes: [] };
  if (named === 'rabbitmq') return { ...(await startRabbitmq()), processes: [] };
  if (named !== 'local') return { url: named, processes: [], stop: stopNothing };
  const started = await startTestBroker(await mkdtemp(join(folder, 'broker-')));
  return { url: started.url, processes: [started.process], stop: () => started.stop() };
}

/** Ends a server after the work that needs it, whether that succeeds or not. */
async function measureOn<T>(server: Server, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await server.stop();
  }
}

const nameOf = (broker: string): string => broker.replace(/:.*/, '');

interface Row {
  readonly broker: string;
  readonly throughput: Throughput;
}

function openNamed(url: string): Promise<Broker> {
  return openBroker(url, { name: 'bench', log: openLog('bench', 'warn'), clock: systemClock });
}

async function measureBrokers(folder: string, database: Server): Promise<Row[]> {
  const { url: uri } = database;
  const { events } = options;
  const inDatabase = cpuSecondsOf(database.processes);
  const memory = openMemoryBroker();
  const open = (): Promise<Broker> => Promise.resolve(memory.connect());
  // A small one first: what runs for the first time runs slowly.
  await measureThroughput({ uri, open, events: Math.ceil(events / 10), othersCpuSeconds: inDatabase });
  const rows = [
    { broker: 'in process', throughput: await measureThroughput({ uri, open, events, othersCpuSeconds: inDatabase }) },
  ];
  for (const broker of ['local', ...options.broker]) {
    const server = await openBrokerServer(broker, folder);
    const othersCpuSeconds = cpuSecondsOf([...database.processes, ...server.processes]);
    const plan = { uri, open: () => openNamed(server.url), events, othersCpuSeconds };
    const throughput = await measureOn(server, () => measureThroughput(plan));
    rows.push({ broker: nameOf(broker), throughput });
  }
  return rows;
}

async function measureLatencies(folder: string): Promise<[string, Latency][]> {
  const { seconds, rate } = options;
  const measured: [string, Latency][] = [];
  for (const broker of ['local', ...options.broker]) {
    const database = await openDatabaseServer(folder);
    const latency = await measureOn(database, async () => {
      const server = await openBrokerServer(broker, folder);
      const settings = { MONGODB_URI: database.url, CRM_BROKER_URL: server.url };
      return measureOn(server, () => measureLatency({ settings, seconds, rate }));
    });
    measured.push([nameOf(broker), latency]);
  }
  return measured;
}

const thousands = (count: number): string => count.toLocaleString('en-GB');

function throughputLine({ broker, throughput }: Row): string {
  const { events, eventsPerSecond, ownCpuMicros, othersCpuMicros } = throughput;
  const busiest = Math.max(ownCpuMicros, othersCpuMicros);
  return `| ${broker} | ${thousands(events)} | ${thousands(eventsPerSecond)} | ${ownCpuMicros} µs | ${othersCpuMicros} µs | ${thousands(Math.round(1e6 / busiest))} |`;
}

function report(rows: readonly Row[], latencies: readonly [string, Latency][], loads: string): string {
  const database =
    readConfig().MONGODB_URI === undefined ? 'the embedded database, on disk' : 'the server of MONGODB_URI';
  const { bytesPerEvent } = rows[0]?.throughput ?? { bytesPerEvent: 0 };
  return `# How fast changes travel

\`npm run bench:sync\`, ${systemClock.now().toISOString().slice(0, 16)} UTC; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}; ${database}.
Processes that wanted a processor (load average, 1 min), before and after: ${loads}. Above the number of processors the machine was not ours alone: then a second is worth less here, and the
processor time of an event says more than the events of a second.

## Events a second

From an outbox that is full, by the relay, through the broker, into the inbox of another subgraph with the version of the entity and one small write of an effect. Events of ${bytesPerEvent} bytes.
Relay and consumer in one process, the database and the broker each in one of its own; in the processor time of the others, Kafka and RabbitMQ are not counted. Goal in process: ${thousands(GOALS.eventsPerSecond)} a second.

| broker | events | events a second | processor, relay and consumer | processor, database and broker | a second, were the busier side alone on a core |
|---|---|---|---|---|---|
${rows.map(throughputLine).join('\n')}
${latencies.length === 0 ? '' : latencySection(latencies)}`;
}

function latencySection(latencies: readonly [string, Latency][]): string {
  const lines = latencies.map(([broker, latency]) => {
    const { eventsPerSecond, missing } = latency;
    return `| ${broker} | ${eventsPerSecond} | ${latency.count} | ${figuresLine(latency)} | ${missing} |`;
  });
  return `
## From a mutation's answer to the change in another subgraph

The whole graph, each part a process: customers are renamed through the gateway, and seen by their new name in the orders of the orders subgraph, whose database is looked at every few milliseconds.
Goal: p99 below ${GOALS.latencyP99Ms} ms at 200 events a second.

| broker | events a second | seen | from answer to seen | not seen |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

const folder = await mkdtemp(join(tmpdir(), 'crm-bench-sync-'));
const before = loadavg()[0] ?? 0;
let text: string;
try {
  const database = await openDatabaseServer(folder);
  const rows = await measureOn(database, () => measureBrokers(folder, database));
  const latencies = options.latency ? await measureLatencies(folder) : [];
  text = report(rows, latencies, `${before.toFixed(1)} and ${(loadavg()[0] ?? 0).toFixed(1)}`);
} finally {
  await rm(folder, { recursive: true });
}
const path = join('bench', 'results', `${systemClock.now().toISOString().slice(0, 10)}-sync.md`);
await mkdir(join('bench', 'results'), { recursive: true });
await writeFile(path, text);
process.stdout.write(`${text}\nwritten to ${path}\n`);
