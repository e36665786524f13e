// Every read that the subgraphs send to MongoDB, taken from the wire over 50,000 documents: it names its index, has a
// limit and a time limit, and the server says that it uses that index and scans no collection.
import type { Connection } from 'mongoose';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';
import { everyQuery } from '../../harness/everyQuery.ts';
import { readExample, startTestGraph, SUBGRAPHS, type TestGraph } from '../../harness/testGraph.ts';
import { startWireTap, type TappedCommand, type WireTap } from '../../harness/wireTap.ts';

const CUSTOMERS = 4_000;
const DOCUMENTS_MIN = 50_000;
const READS = ['find', 'aggregate'] as const;
/** What a driver adds to a command and `explain` does not take. */
const OF_THE_SESSION = [
  'lsid',
  '$db',
  '$clusterTime',
  'txnNumber',
  'startTransaction',
  'autocommit',
  'comment',
  'readConcern',
  'writeConcern',
];

let graph: TestGraph;
let tap: WireTap;
let reads: { readonly name: string; readonly database: string; readonly command: TappedCommand }[];
const connections = new Map<string, Connection>();

/** Names a read by what makes its plan: the collection, the index, and the fields that it asks for. */
function nameOf(command: TappedCommand): string {
  const kind = READS.find((each) => each in command) ?? '';
  const shape = JSON.stringify(command['filter'] ?? command['pipeline'], (_key, value: unknown) =>
    typeof value === 'string' || typeof value === 'number' || value instanceof Date ? '?' : value,
  );
  const sort = JSON.stringify(command['sort'] ?? {});
  return `${kind} ${String(command[kind])} by ${String(command['hint'])}: ${shape.replaceAll(/("\?",?)+/g, '?')} ${sort}`;
}

function collectReads(commands: readonly TappedCommand[], prefix: string): typeof reads {
  const byName = new Map<string, (typeof reads)[number]>();
  for (const command of commands) {
    if (!READS.some((kind) => kind in command) || !String(command['$db']).startsWith(prefix)) continue;
    const name = nameOf(command);
    byName.set(name, { name, database: String(command['$db']), command });
  }
  return [...byName.values()];
}

async function explain(read: (typeof reads)[number]): Promise<string> {
  const connection = connections.get(read.database);
  const command = Object.fromEntries(
    Object.entries(read.command).filter(([field]) => !OF_THE_SESSION.includes(field) && field !== 'maxTimeMS'),
  );
  const plan = await connection?.db?.command({ explain: command, verbosity: 'queryPlanner' });
  return JSON.stringify(plan);
}

beforeAll(async () => {
  graph = await startTestGraph(CUSTOMERS, {}, async (uri) => {
    tap = await startWireTap(uri);
    return tap.uri;
  });
  for (const name of SUBGRAPHS) {
    const database = `${graph.prefix}_${name}`;
    connections.set(database, await openDatabase(graph.uri, database));
  }
  const { variables } = await readExample('customer360');
  for (const { query, variables: given } of await everyQuery(graph, String(variables['id']))) {
    const { errors } = await graph.ask(query, given);
    if (errors.length > 0) throw new Error(`${query}\n${JSON.stringify(errors)}`);
  }
  reads = collectReads(tap.commands, graph.prefix);
}, 300_000);

afterAll(async () => {
  for (const connection of connections.values()) await connection.close();
  await graph.stop();
  await tap.stop();
});

describe('every read', () => {
  it('is tried on 50,000 documents', async () => {
    let documents = 0;
    for (const connection of connections.values()) {
      for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
        documents += await connection.collection(name).countDocuments();
      }
    }
    expect(documents).toBeGreaterThanOrEqual(DOCUMENTS_MIN);
    expect(reads.length).toBeGreaterThan(40);
  });

  it('names its index, and has a limit and a time limit', () => {
    const faulty = reads.filter(({ command }) => {
      const stages = (command['pipeline'] ?? []) as readonly object[];
      const hasLimit =
        'find' in command
          ? Number(command['limit']) > 0
          : stages.some((stage) => '$limit' in stage || '$facet' in stage);
      return typeof command['hint'] !== 'string' || !hasLimit || !(Number(command['maxTimeMS']) > 0);
    });
    expect(faulty.map(({ name }) => name)).toEqual([]);
  });

  it('uses the index that it names, and scans no collection', async () => {
    const faulty: string[] = [];
    for (const read of reads) {
      const plan = await explain(read);
      if (!plan.includes(`"${String(read.command['hint'])}"`) || plan.includes('COLLSCAN'))
        faulty.push(`${read.name}\n${plan}`);
    }
    expect(faulty).toEqual([]);
  }, 120_000);
});
