// A well-behaved subgraph of the fixture graph, as a plain HTTP server in the test's own process. It counts what it is
// asked, can be stopped and started again on its port, and says what a test tells it to.
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type GraphQLSchema } from 'graphql';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FIXTURE_SCHEMAS, type FixtureName } from './fixtureSchemas.ts';

interface Reference {
  readonly id: string;
  readonly orderStats?: { readonly orderCount: number };
}

const customer = (id: string) => ({
  id,
  displayName: `Name of ${id}`,
  email: `${id}@example.com`,
  score: 7,
  friends: [],
});
const order = (number: number) => ({
  id: `o${number}`,
  number: `N-${number}`,
  customer: { id: `c${number}`, displayName: `Name of c${number}` },
});
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const RESOLVERS = {
  customers: {
    Query: {
      customer: (_: unknown, { id }: { id: string }) => (id === 'nobody' ? null : customer(id)),
      customers: (_: unknown, { first }: { first: number }) => upTo(first).map((number) => customer(`c${number}`)),
      company: () => ({ name: 'Acme', city: 'Berlin' }),
    },
    Mutation: { renameCustomer: (_: unknown, { id, name }: Record<string, string>) => ({ id, displayName: name }) },
    Customer: { __resolveReference: ({ id }: Reference) => customer(id) },
  },
  orders: {
    Query: { orders: (_: unknown, { first }: { first: number }) => upTo(first).map(order) },
    Mutation: { placeOrder: (_: unknown, { number }: { number: string }) => ({ ...order(1), number }) },
    Order: { __resolveReference: () => order(1) },
    Customer: {
      __resolveReference: ({ id }: Reference) => ({ id }),
      orders: (_: Reference, { first }: { first: number }) => upTo(first).map(order),
      orderStats: () => ({ orderCount: 3 }),
    },
  },
  marketing: {
    Query: { campaigns: () => [{ name: 'Spring', channel: 'EMAIL' }], find: () => 1 },
    Customer: {
      __resolveReference: (reference: Reference) => reference,
      consents: () => ['EMAIL'],
      frequency: ({ orderStats }: Reference) => orderStats?.orderCount ?? null,
    },
  },
};

/** What a fixture subgraph was asked. */
export interface AskedRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A fixture subgraph that runs. */
export interface FixtureSubgraph {
  readonly url: string;
  readonly asked: AskedRequest[];
  /** Goes away: open connections break, new ones are refused. */
  stop(): Promise<void>;
  /** Comes back on the same port. */
  start(): Promise<void>;
  /** Answers wait for this; a test can hold them. */
  hold: Promise<void>;
  /** Stands in `extensions` of each answer. */
  extensions: Record<string, unknown> | undefined;
}

async function answer(schema: GraphQLSchema, subgraph: FixtureSubgraph, body: string): Promise<string> {
  const { query, variables } = JSON.parse(body) as AskedRequest;
  await subgraph.hold;
  const result = await graphql({ schema, source: query, variableValues: variables });
  return JSON.stringify({ ...result, ...(subgraph.extensions && { extensions: subgraph.extensions }) });
}

function makeServer(schema: GraphQLSchema, subgraph: FixtureSubgraph): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { query, variables } = JSON.parse(body) as AskedRequest;
      subgraph.asked.push({ query, variables, headers: request.headers, body });
      void answer(schema, subgraph, body).then((text) => {
        response.setHeader('content-type', 'application/json');
        response.end(text);
      });
    });
  });
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Takes a name; gives that subgraph, listening. */
export async function startFixtureSubgraph(name: FixtureName): Promise<FixtureSubgraph> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(FIXTURE_SCHEMAS[name]), resolvers: RESOLVERS[name] }]);
  let server: Server | undefined;
  let port = 0;
  const subgraph: FixtureSubgraph = {
    asked: [],
    hold: Promise.resolve(),
    extensions: undefined,
    get url() {
      return `http://127.0.0.1:${port}/graphql`;
    },
    async start() {
      server = makeServer(schema, subgraph);
      port = await listenOn(server, port);
    },
    async stop() {
      const closing = server;
      if (closing === undefined) return;
      server = undefined;
      await new Promise((done) => {
        closing.close(done);
        closing.closeAllConnections();
      });
    },
  };
  await subgraph.start();
  return subgraph;
}
