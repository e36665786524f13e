// A gateway process that serves subscriptions, over a local broker and three small subgraphs in the test's own process:
// a test changes an entity and publishes its event by hand, as the outbox would.
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sequenceOf, topicOf, type GraphEvent } from '../../contracts/event.ts';
import type { EntityType } from '../../contracts/entityId.ts';
import { systemClock } from '../../platform/clock.ts';
import { openLog } from '../../platform/log.ts';
import { drawId, drawSecret } from '../../platform/random.ts';
import { composeSupergraph } from '../../registry/compose.ts';
import { writeSupergraph } from '../../registry/watch.ts';
import { BROKER_KEPT_MS, type Broker, type BrokerMessage } from '../../sync/brokers/broker.ts';
import { startLocalBroker } from '../../sync/brokers/local/startLocalBroker.ts';
import { openBroker } from '../../sync/brokers/openBroker.ts';
import { startKeyedGateway, type KeyedGateway, type KeyedGatewayOptions } from './keyedGateway.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag",
  "@requiresScopes"])`;

/** The schemas of the small graph. */
export const LIVE_SCHEMAS = {
  customers: `${LINK}
    type Query { customer(id: ID!): Customer }
    type Subscription { customerChanged(id: ID): Customer }
    type Customer @key(fields: "id") @requiresScopes(scopes: [["customers:read"]]) {
      id: ID! displayName: String! version: Int!
      email: String @requiresScopes(scopes: [["customers:read:pii"]]) @tag(name: "pii")
    }`,
  orders: `${LINK}
    type Query { order(id: ID!): Order }
    type Subscription { orderChanged(customerId: ID, id: ID): Order }
    type Order @key(fields: "id") @requiresScopes(scopes: [["orders:read"]]) {
      id: ID! number: String! version: Int! customer: Customer note(length: Int = 1): String
    }
    type Customer @key(fields: "id", resolvable: false) { id: ID! }`,
  marketing: `${LINK}
    type Query { campaign(id: ID!): Campaign }
    type Subscription { campaignProgress(id: ID!): Campaign }
    type Campaign @key(fields: "id") @requiresScopes(scopes: [["marketing:read"]]) { id: ID! version: Int! }
    type Customer @key(fields: "id") { id: ID! consents: [String!] }`,
} as const;

type Name = keyof typeof LIVE_SCHEMAS;

/** A gateway with streams. */
export interface LiveGraph extends KeyedGateway {
  readonly broker: Broker;
  readonly brokerUrl: string;
  /** Says that an entity changed: it has the next version from then on, and its event is published. */
  change(type: EntityType, id: string, more?: Partial<GraphEvent>): Promise<number>;
  /** The same for many, in one publish. */
  changeAll(changes: readonly { readonly type: EntityType; readonly id: string }[]): Promise<void>;
  /** How many requests the subgraphs got. */
  asked(): number;
  /** Composes changed schemas and puts the result where the gateway looks. */
  publish(changes: Partial<Record<Name, string>>): Promise<void>;
}

const OWNERS: Partial<Record<EntityType, Name>> = { Customer: 'customers', Order: 'orders', Campaign: 'marketing' };
/** Every order of the small graph is this customer's. */
export const BUYER = 'cus_00000000001';

class Entities {
  readonly versions = new Map<string, number>();
  asked = 0;

  next(id: string): number {
    const version = (this.versions.get(id) ?? 0) + 1;
    this.versions.set(id, version);
    return version;
  }

  resolvers(name: Name): object {
    const version = (id: string): number => this.versions.get(id) ?? 0;
    const customer = ({ id }: { id: string }) =>
      id.endsWith('gone')
        ? null
        : { id, displayName: `Name of ${id}`, email: `${id}@secret.example`, version: version(id) };
    const order = ({ id }: { id: string }) => ({
      id,
      number: `N-${id}`,
      version: version(id),
      customer: { id: BUYER },
    });
    const byName = {
      customers: {
        Query: { customer: (_: unknown, given: { id: string }) => customer(given) },
        Customer: { __resolveReference: customer },
      },
      orders: {
        Query: { order: (_: unknown, given: { id: string }) => order(given) },
        Order: {
          __resolveReference: order,
          note: (_: unknown, { length }: { length: number }) => 'x'.repeat(length),
        },
      },
      marketing: {
        Query: { campaign: (_: unknown, { id }: { id: string }) => ({ id, version: version(id) }) },
        Customer: { __resolveReference: ({ id }: { id: string }) => ({ id }), consents: () => ['EMAIL'] },
      },
    };
    return byName[name];
  }
}

async function startSubgraph(
  name: Name,
  schemaText: string,
  entities: Entities,
): Promise<{ server: Server; url: string }> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(schemaText), resolvers: entities.resolvers(name) as never }]);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      entities.asked++;
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: object };
      void graphql({ schema, source: query, variableValues: { ...variables } }).then((result) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(result));
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

async function compose(folder: string, changes: Partial<Record<Name, string>>): Promise<string> {
  const lines = ['federation_version: =2.9.0', 'subgraphs:'];
  for (const [name, schema] of Object.entries({ ...LIVE_SCHEMAS, ...changes })) {
    await writeFile(join(folder, `${name}.graphql`), schema);
    lines.push(`  ${name}:`, '    routing_url: http://127.0.0.1:1/graphql', `    schema: { file: ./${name}.graphql }`);
  }
  await writeFile(join(folder, 'supergraph.yaml'), `${lines.join('\n')}\n`);
  const composed = await composeSupergraph(join(folder, 'supergraph.yaml'));
  if (!composed.ok) throw new Error(composed.messages.join('\n'));
  return composed.supergraph;
}

/** An event as the outbox makes it. */
export function eventOf(type: EntityType, id: string, version: number, more: Partial<GraphEvent> = {}): GraphEvent {
  const buyer = type === 'Order' ? ` Customer:${BUYER}` : '';
  return {
    specversion: '1.0',
    id: drawId(),
    source: `/crm/${OWNERS[type] ?? 'customers'}`,
    type: `crm.${type.toLowerCase()}.changed.v1`,
    subject: id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: '/events#any',
    partitionkey: id,
    sequence: sequenceOf(version),
    tenantid: 'main',
    entitykeys: `${type}:${id}${buyer}`,
    data: {},
    ...more,
  };
}

function messageOf(type: EntityType, event: GraphEvent): BrokerMessage {
  return { topic: topicOf(type), key: event.subject, value: JSON.stringify(event) };
}

/** Starts the small graph. */
export async function startLiveGraph(options: Partial<KeyedGatewayOptions> = {}): Promise<LiveGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-live-'));
  const secret = drawSecret(16);
  const log = openLog('test', 'silent');
  const server = await startLocalBroker({
    ...{ host: '127.0.0.1', port: 0, dataPath: join(folder, 'broker'), secret, log, clock: systemClock },
    retention: { keptMs: BROKER_KEPT_MS, bytesMax: 1_000_000_000 },
  });
  const brokerUrl = server.url.replace('local://', `local://crm:${secret}@`);
  const broker = await openBroker(brokerUrl, { name: 'test', log, clock: systemClock });
  const entities = new Entities();
  const names = Object.keys(LIVE_SCHEMAS) as Name[];
  const subgraphs = await Promise.all(names.map((name) => startSubgraph(name, LIVE_SCHEMAS[name], entities)));
  const addresses = Object.fromEntries(names.map((name, at) => [name, subgraphs[at]?.url ?? '']));
  const supergraph = await compose(folder, {});
  const gateway = await startKeyedGateway({
    ...{ supergraph, addresses, ...options },
    env: { CRM_BROKER_URL: brokerUrl, CRM_PROOF_SECRET: drawSecret(32), ...options.env },
  });
  return {
    ...{ ...gateway, broker, brokerUrl, asked: () => entities.asked },
    publish: async (changes) => writeSupergraph(gateway.supergraphPath, await compose(folder, changes)),
    async change(type, id, more) {
      const version = entities.next(id);
      await broker.publish([messageOf(type, eventOf(type, id, version, more))]);
      return version;
    },
    async changeAll(changes) {
      await broker.publish(changes.map(({ type, id }) => messageOf(type, eventOf(type, id, entities.next(id)))));
    },
    async stop() {
      try {
        await gateway.stop();
      } finally {
        await broker.close();
        await server.stop();
        for (const each of subgraphs) {
          each.server.closeAllConnections();
          each.server.close();
        }
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
