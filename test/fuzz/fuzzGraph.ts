// The graphs that are fuzzed: the fixture graph with interfaces, unions, lists of lists and every kind of argument; and
// our own. Their subgraphs answer whatever they are asked without an error, so that each error has come from the gateway.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { startAnsweringSubgraph } from '../harness/answeringSubgraph.ts';
import { FIXTURE_SCHEMAS, type FixtureName } from '../harness/fixtureSchemas.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startKeyedGateway } from '../harness/keyedGateway.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';
import { composeSchema } from '../oracle/federatedSchema.ts';

type Schemas = Readonly<Record<FixtureName, string>>;

const readOwn = (name: FixtureName): string =>
  readFileSync(new URL(`../../subgraphs/${name}/schema.graphql`, import.meta.url), 'utf8');

const WIDER_FIXTURE: Schemas = {
  ...FIXTURE_SCHEMAS,
  marketing: `${FIXTURE_SCHEMAS.marketing}
    scalar Anything
    interface Named { name: String! }
    type Flyer implements Named { name: String! pages: [[Int!]!] about: Customer }
    union Hit = Flyer | Customer
    input Choice { text: String number: Int }
    input Span { from: Float = 0.5 to: Float! tags: [[ID!]] open: Boolean = true }
    extend type Query {
      named(first: Int): [Named!]!
      search(text: String = "a", any: Anything, span: Span, choice: Choice): [Hit]
      echo(id: ID, number: Int!, float: Float = 1e3, list: [[Int]!], channel: Channel = SMS): String
    }
    type Mutation { send(rule: Rule!, span: Span): Flyer }`,
};

const GRAPHS = {
  fixture: WIDER_FIXTURE,
  crm: { customers: readOwn('customers'), orders: readOwn('orders'), marketing: readOwn('marketing') },
} satisfies Record<string, Schemas>;

/** The name of a graph that can be fuzzed. */
export type FuzzedGraph = keyof typeof GRAPHS;

/** Their names. */
export const FUZZED_GRAPHS = Object.keys(GRAPHS) as FuzzedGraph[];

/** A gateway process over the graph that is fuzzed. */
export interface FuzzGraph {
  readonly gateway: Pick<TestGateway, 'url' | 'process' | 'query'>;
  /** A key with every scope; undefined where none is asked for. */
  readonly key: string | undefined;
  /** What clients see. */
  readonly api: GraphQLSchema;
  stop(): Promise<void>;
}

type OpenedGateway = Pick<FuzzGraph, 'gateway' | 'key' | 'stop'>;

const ENV = { CRM_LOG_LEVEL: 'warn' };

/** A gateway that takes everybody. */
async function openFreely(schemas: Schemas, addresses: Readonly<Record<string, string>>): Promise<OpenedGateway> {
  const gateway = await startTestGateway({ addresses, env: ENV });
  const servedHash = async () => JSON.stringify((await gateway.health()).body['supergraph'], ['hash']);
  const before = await servedHash();
  await gateway.publish(schemas);
  await waitUntil(async () => (await servedHash()) !== before);
  return { gateway, key: undefined, stop: () => gateway.stop() };
}

/** A gateway that asks for keys, with one that may everything. */
async function openWithKey(schemas: Schemas, addresses: Readonly<Record<string, string>>): Promise<OpenedGateway> {
  const { supergraph } = await composeSchema({ name: 'fuzzed', subgraphs: schemas });
  const keyed = await startKeyedGateway({ supergraph, addresses, env: ENV, moreScopes: ['fuzz:read'] });
  const key = await keyed.keys.create({ scopes: ['fuzz:read', ...keyed.scopes] });
  const gateway = {
    url: new URL(keyed.url).origin,
    process: keyed.process,
    query: (query: string, variables?: object) => keyed.ask(key, query, variables),
  };
  return { gateway, key, stop: () => keyed.stop() };
}

/**
 * Takes a graph's name and whether keys are asked for; starts its subgraphs and a gateway, which tells of faults alone. A
 * graph that says who may see what is served with keys alone.
 */
export async function startFuzzGraph(name: FuzzedGraph, hasKeys = false): Promise<FuzzGraph> {
  const schemas: Schemas = GRAPHS[name];
  const names = Object.keys(schemas) as FixtureName[];
  const servers = await Promise.all(names.map((each) => startAnsweringSubgraph(schemas[each])));
  const addresses = Object.fromEntries(
    servers.map((server, at) => [
      names[at] ?? '',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    ]),
  );
  const isGuarded = Object.values(schemas).some((schema) => schema.includes('@requiresScopes'));
  const { gateway, key, stop } = await (hasKeys || isGuarded ? openWithKey : openFreely)(schemas, addresses);
  const { data } = await gateway.query(getIntrospectionQuery());
  return {
    gateway,
    key,
    api: buildClientSchema(data as unknown as IntrospectionQuery),
    async stop() {
      await stop();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
