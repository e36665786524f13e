// Stock @apollo/gateway behind @apollo/server's standalone server as a process, as its documentation has it:
// `node stockGateway.ts SUPERGRAPH name=url …`. What stops its start is its last word.
import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const [supergraphPath = '', ...words] = process.argv.slice(2);
const addresses = new Map(words.map((word) => [word.split('=')[0], word.slice(word.indexOf('=') + 1)]));
const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraphPath, 'utf8'),
  buildService: ({ name, url = '' }) => new RemoteGraphQLDataSource({ url: addresses.get(name) ?? url }),
});
const { url } = await startStandaloneServer(new ApolloServer({ gateway }), { listen: { port: 0, host: '127.0.0.1' } });
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: new URL(url).origin });
