// What is attacked: a gateway over the fixture graph, the same gateway with a liar in place of customers, and a subgraph
// that strangers can reach. Once ours, once stock Apollo's.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordersModels } from '../../../subgraphs/orders/model.ts';
import type { FixtureName } from '../../harness/fixtureSchemas.ts';
import { startFixtureSubgraph, type FixtureSubgraph } from '../../harness/fixtureSubgraph.ts';
import { startLiarSubgraph, type LiarSubgraph } from '../../harness/liarSubgraph.ts';
import { proofHeader } from '../../harness/proofHeader.ts';
import { sendRaw, type RawAnswer } from '../../harness/rawRequest.ts';
import { startProcess, type StartedProcess } from '../../harness/startProcess.ts';
import { startTestSubgraph } from '../../harness/subgraphClient.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';
import { composeFixture } from '../../harness/testGateway.ts';
import { drawPeppers } from '../../harness/testKeys.ts';

/** A gateway and a subgraph under attack. */
export interface Target {
  readonly gateway: StartedProcess;
  /** Over a liar in place of customers. */
  readonly lied: StartedProcess;
  readonly liar: LiarSubgraph;
  readonly subgraphs: Readonly<Record<FixtureName, FixtureSubgraph>>;
  /** The type and the key of an entity of the subgraph that strangers can reach. */
  readonly entity: { readonly __typename: string; readonly id: string };
  /** Sends a body to that subgraph, as a stranger; `trusted`: as the gateway would. */
  askSubgraph(body: string, trusted?: boolean): Promise<RawAnswer>;
  /** Starts a gateway of this kind over a supergraph. Rejects with its last word where it does not start. */
  startOver(supergraph: string): Promise<StartedProcess>;
  stop(): Promise<void>;
}

interface Kind {
  readonly words: (supergraphPath: string, addresses: ReadonlyMap<string, string>) => readonly string[];
  /** What is put behind the words for a graph that says who may see what. */
  readonly securedWords: (contractsPath: string) => readonly string[];
  readonly openSubgraph: () => Promise<Pick<Target, 'askSubgraph' | 'entity'> & { stop: () => Promise<unknown> }>;
}

const JSON_TYPE = ['content-type', 'application/json'];

const OURS: Kind = {
  words: (path, addresses) => [
    ...['gateway/main.ts', '--access', 'open', '--supergraph', path, '--port', '0'],
    ...[...addresses].flatMap(([name, url]) => ['--subgraph', `${name}=${url}`]),
  ],
  securedWords: (contractsPath) => ['--access', 'keys', '--contracts', contractsPath],
  async openSubgraph() {
    const subgraph = await startTestSubgraph('orders', ordersModels);
    const { url, secret } = subgraph;
    return {
      entity: { __typename: 'Order', id: 'ord_aaaaaaaa' },
      askSubgraph(body, trusted = false) {
        const proof = trusted ? Object.entries(proofHeader(secret, 'orders', body)).flat() : [];
        return sendRaw(url, { headers: [...JSON_TYPE, ...proof], body });
      },
      stop: () => subgraph.stop(),
    };
  },
};

const STOCK: Kind = {
  words: (path, addresses) => [
    ...['test/attacks/stock/stockGateway.ts', path],
    ...[...addresses].map(([name, url]) => `${name}=${url}`),
  ],
  securedWords: () => [],
  async openSubgraph() {
    const running = await startProcess(['test/attacks/stock/stockSubgraph.ts']);
    return {
      entity: { __typename: 'Customer', id: 'c1' },
      askSubgraph: (body) => sendRaw(running.ready, { headers: JSON_TYPE, body }),
      stop: () => running.stop('SIGKILL'),
    };
  },
};

const ENV = { APOLLO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', CRM_LOG_LEVEL: 'error' };

/** Starts ours or stock. */
export async function startTarget(name: 'ours' | 'stock'): Promise<Target> {
  const kind = name === 'ours' ? OURS : STOCK;
  const folder = await mkdtemp(join(tmpdir(), 'crm-stock-'));
  const names = ['customers', 'orders', 'marketing'] as const;
  const [customers, orders, marketing] = await Promise.all([
    startFixtureSubgraph('customers'),
    startFixtureSubgraph('orders'),
    startFixtureSubgraph('marketing'),
  ]);
  const subgraphs = { customers, orders, marketing };
  const liar = await startLiarSubgraph('hangs');
  const whole = new Map(names.map((each) => [each, subgraphs[each].url]));
  const path = join(folder, 'supergraph.graphql');
  await writeFile(path, await composeFixture(folder, {}));
  const start = (file: string, addresses: ReadonlyMap<string, string>): Promise<StartedProcess> =>
    startProcess(kind.words(file, addresses), ENV);
  const gateway = await start(path, whole);
  const lied = await start(path, new Map([...whole, ['customers', liar.url]]));
  const keys = await openTestDatabase();
  const keysEnv = { CRM_KEYS_URI: keys.uri, CRM_KEY_PEPPERS: drawPeppers() };
  const { stop: stopSubgraph, ...subgraph } = await kind.openSubgraph();
  return {
    gateway,
    lied,
    liar,
    subgraphs,
    ...subgraph,
    async startOver(supergraph) {
      const other = join(folder, 'other.graphql');
      await writeFile(other, supergraph);
      // None: those of the customer graph are not for this one.
      const contracts = join(folder, 'contracts.yaml');
      await writeFile(contracts, '{}\n');
      return startProcess([...kind.words(other, whole), ...kind.securedWords(contracts)], { ...ENV, ...keysEnv });
    },
    async stop() {
      await Promise.all([gateway.stop('SIGKILL'), lied.stop('SIGKILL'), liar.stop(), stopSubgraph()]);
      await Promise.all(names.map((each) => subgraphs[each].stop()));
      await keys.stop();
      await rm(folder, { recursive: true });
    },
  };
}
