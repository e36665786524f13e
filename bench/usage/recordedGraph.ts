// Gateways with keys over the same subgraph, one that counts what is asked and two that do not, and requests of 50 keys
// with 20 operations for them: what bench/usage.ts measures. All run all the time, held to one core.
import { spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawId } from '../../platform/random.ts';
import { composeTexts } from '../../test/harness/authGraph.ts';
import { startConstantSubgraph } from '../../test/harness/constantSubgraph.ts';
import { drawPeppers, openTestKeys } from '../../test/harness/testKeys.ts';
import { askProcess, canPin, CORES, startPinned, stopProcess } from '../gateway/measure/pinned.ts';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const SCHEMA = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@listSize"])
  enum Order { NAME EMAIL CITY CREATED }
  input Filter { name: String city: String order: Order not: Filter any: [Filter!] }
  type Query { people(filter: Filter, order: Order, first: Int): [Person!] @listSize(assumedSize: 5) }
  interface Node { id: ID! label: String }
  type Person implements Node @key(fields: "id") {
    id: ID! label: String name: String email: String city: String country: String phone: String note: String
  }`;
const PERSON = { id: 'p1', label: 'a', name: 'b', email: 'c', city: 'd', country: 'e', phone: 'f', note: 'g' };
const KEYS = 50;
const OPERATIONS = 20;
/** A number that no other request has, so that no two share an answer. */
export const MARK = '##########';

/** One of the gateways. */
export interface MeasuredGateway {
  readonly port: number;
  readonly pid: number;
}

/** What runs. */
export interface RecordedGraph {
  readonly on: MeasuredGateway;
  readonly off: MeasuredGateway;
  /** Does not count either: what it differs by from the other is the machine's doing. */
  readonly control: MeasuredGateway;
  /** Requests for a host, with MARK where its number is to stand. */
  readonly requests: readonly Buffer[];
  stop(): Promise<void>;
}

function requestsOf(keys: readonly string[]): Buffer[] {
  const operations = Array.from({ length: OPERATIONS }, (_, at) => {
    const query = `query People${at}($filter: Filter, $order: Order) {
  people(filter: $filter, order: $order, first: 5) { id label name email city country phone note } }`;
    const variables = { filter: { name: MARK, any: [{ city: 'x' }, { order: 'EMAIL' }] }, order: 'NAME' };
    return JSON.stringify({ query, operationName: `People${at}`, variables });
  });
  return keys.flatMap((key) =>
    operations.map((body) => {
      const head = [
        'POST /graphql HTTP/1.1',
        'host: 127.0.0.1',
        'content-type: application/json',
        'accept: application/json',
        `authorization: Bearer ${key}`,
        'apollographql-client-name: bench',
        'apollographql-client-version: 1.0.0',
        `content-length: ${Buffer.byteLength(body)}`,
      ];
      return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
    }),
  );
}

async function startMongo(folder: string): Promise<{ readonly uri: string; readonly child: ChildProcess }> {
  const child = startPinned({
    ...{ core: CORES.rest, cwd: folder, channel: true, logPath: join(folder, 'mongo.log') },
    words: [join(TOP, 'embedded-mongo/main.ts'), '--port', '0', '--data', ':memory:'],
  });
  const { ready } = await askProcess<{ ready: string }>(child);
  return { uri: ready, child };
}

/** Starts all of it. This process, which sends the load and is the subgraph, is held to the other core. */
export async function startRecordedGraph(): Promise<RecordedGraph> {
  if (canPin) spawnSync('taskset', ['-cp', String(CORES.rest), String(process.pid)]);
  const folder = mkdtempSync(join(tmpdir(), 'bench-usage-'));
  const mongo = await startMongo(folder);
  const subgraph = await startConstantSubgraph({ data: { people: Array.from({ length: 5 }, () => PERSON) } });
  const supergraphPath = join(folder, 'supergraph.graphql');
  writeFileSync(supergraphPath, composeTexts({ crm: SCHEMA }));
  const prefix = `bench_${drawId().slice(0, 8)}`;
  const env = { CRM_KEYS_URI: mongo.uri, CRM_DATABASE_PREFIX: prefix, CRM_KEY_PEPPERS: drawPeppers() };
  const keys = await openTestKeys(env, []);
  const texts = await Promise.all(Array.from({ length: KEYS }, () => keys.create({ scopes: [] })));
  const children: ChildProcess[] = [];
  const startGateway = async (name: string, isRecorded: boolean): Promise<MeasuredGateway> => {
    const files = ['--supergraph', supergraphPath, '--subgraph', `crm=${subgraph.url}`];
    const child = startPinned({
      ...{ core: CORES.measured, cwd: folder, channel: true, logPath: join(folder, `${name}.log`) },
      words: ['--max-semi-space-size=32', join(TOP, 'gateway/main.ts'), '--access', 'keys', '--port', '0', ...files],
      env: { ...env, CRM_USAGE_RECORDED: String(isRecorded), CRM_LOG_LEVEL: 'warn' },
    });
    children.push(child);
    const { ready } = await askProcess<{ ready: string }>(child);
    return { port: Number(new URL(ready).port), pid: child.pid ?? 0 };
  };
  return {
    on: await startGateway('on', true),
    off: await startGateway('off', false),
    control: await startGateway('control', false),
    requests: requestsOf(texts),
    async stop() {
      for (const child of children) await stopProcess(child);
      await keys.stop();
      await stopProcess(mongo.child);
      await subgraph.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
