// A stock subgraph as a process, @apollo/subgraph behind @apollo/server's standalone server, over the fixture's marketing
// schema: `node stockSubgraph.ts`. Its entities answer what key they were asked with.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { FIXTURE_SCHEMAS } from '../../harness/fixtureSchemas.ts';

interface Reference {
  readonly id: unknown;
  readonly orderStats?: { readonly orderCount: number };
}

const resolvers = {
  Query: { campaigns: () => [{ name: 'Spring', channel: 'EMAIL' }], find: () => 1 },
  Customer: {
    __resolveReference: (reference: Reference) => ({ ...reference, id: JSON.stringify(reference.id) }),
    frequency: ({ orderStats }: Reference) => orderStats?.orderCount ?? null,
  },
};
const schema = buildSubgraphSchema([{ typeDefs: parse(FIXTURE_SCHEMAS.marketing), resolvers }]);
const server = new ApolloServer({ schema, introspection: false });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: url });
