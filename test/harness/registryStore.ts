// A store as a team fills it: schemas published one after another by the command, one put back, and a month of use by
// day. What the registry's page shows is made of it.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UsageExport, UsageRow } from '../../contracts/usageExport.ts';
import { runProcess } from './startProcess.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUBGRAPHS = ['customers', 'orders', 'marketing'] as const;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 9, 1);
const DAYS = 30;

/** A filled store. */
export interface RegistryStore {
  readonly folder: string;
  /** What `--store` is to be. */
  readonly place: string;
  /** What `--usage` is to be, once each. */
  readonly usageFiles: readonly string[];
  stop(): Promise<void>;
}

const ASKED = [
  { coordinate: 'Customer.email', name: 'loyalty-app', version: '4.2.0', operation: 'Customer360', each: 40 },
  { coordinate: 'Customer.email', name: 'loyalty-app', version: '4.1.3', operation: 'Customer360', each: 11 },
  { coordinate: 'Customer.email', name: 'billing', version: '2.0.1', operation: 'SendInvoice', each: 7 },
  { coordinate: 'Customer.displayName', name: 'loyalty-app', version: '4.2.0', operation: 'Customer360', each: 62 },
  { coordinate: 'Query.orders', name: 'billing', version: '2.0.1', operation: 'OrderList', each: 19 },
  { coordinate: 'Query.orders(first:)', name: 'billing', version: '2.0.1', operation: 'OrderList', each: 19 },
] as const;

function rowsOf(day: number): UsageRow[] {
  const at = new Date(FIRST_DAY_MS + day * DAY_MS + 43_200_000).toISOString();
  // Busy weeks and quiet week-ends; the second app came in the middle of the month.
  const isQuiet = day % 7 === 2 || day % 7 === 3;
  const asked = ASKED.filter(({ version }) => version !== '4.2.0' || day > 12);
  return asked.map(({ coordinate, name, version, operation, each }) => ({
    coordinate,
    caller: { kind: 'client', name, version },
    operation: { hash: operation.padEnd(64, '0'), name: operation },
    contract: undefined,
    count: isQuiet ? Math.ceil(each / 6) : each + ((day * 13) % 9) * 3,
    firstSeen: at,
    lastSeen: at,
  }));
}

async function writeUsage(folder: string): Promise<string[]> {
  return Promise.all(
    Array.from({ length: DAYS }, async (_, day) => {
      const [from, to] = [day, day + 1].map((each) => new Date(FIRST_DAY_MS + each * DAY_MS).toISOString());
      const usage: UsageExport = {
        ...{ formatVersion: 1, from: from ?? '', to: to ?? '', gaps: [], requests: 400, rows: rowsOf(day) },
      };
      const file = join(folder, `usage-${String(day).padStart(2, '0')}.json`);
      await writeFile(file, JSON.stringify(usage));
      return file;
    }),
  );
}

async function copySchemas(folder: string): Promise<void> {
  for (const name of SUBGRAPHS) {
    await mkdir(join(folder, 'subgraphs', name), { recursive: true });
    const path = `subgraphs/${name}/schema.graphql`;
    await cp(join(ROOT, path), join(folder, path));
  }
  for (const file of ['supergraph.yaml', 'contracts.yaml']) await cp(join(ROOT, file), join(folder, file));
}

async function edit(folder: string, subgraph: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(folder, 'subgraphs', subgraph, 'schema.graphql');
  const text = await readFile(path, 'utf8');
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${subgraph} has nothing like ${String(from)}`);
  await writeFile(path, edited);
}

/** Fills a store: three releases and a rollback to the second. */
export async function fillRegistryStore(): Promise<RegistryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-page-'));
  const place = `file:${join(folder, 'store')}`;
  const command = async (...words: string[]): Promise<void> => {
    const { code, output } = await runProcess(['registry/main.ts', ...words, '--store', place]);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}:\n${output.slice(0, 2_000)}`);
  };
  const publish = (author: string, commit: string, message: string): Promise<void> =>
    command(
      ...['publish', '--config', join(folder, 'supergraph.yaml'), '--message', message],
      ...['--author', author, '--commit', commit],
    );
  await copySchemas(folder);
  await publish('Ines Okafor', '4f2a9c1d', 'The customer graph, as the first partners get it');
  const greeting =
    '\n  "How this customer wishes to be addressed."\n  greeting: String @deprecated(reason: "use displayName")\n  displayName: String! @shareable';
  await edit(folder, 'customers', /\n {2}displayName: String! @shareable/, greeting);
  await publish('Tom Reyes', '91be77a0', 'Let customers say how they wish to be addressed');
  await edit(
    folder,
    'orders',
    'type Query {',
    'type Query {\n  "How many orders there are in all."\n  ordersTotal: Int @federation__cost(weight: 5)\n',
  );
  await publish('Mei <b>Lin</b>', 'c30d12ef', 'Count all orders <script>alert(1)</script>');
  await command(
    'rollback',
    '#2',
    '--author',
    'Tom Reyes',
    '--message',
    'Counting all orders is too slow for the nightly report',
  );
  const usageFiles = await writeUsage(folder);
  return { folder, place, usageFiles, stop: () => rm(folder, { recursive: true, force: true }) };
}
