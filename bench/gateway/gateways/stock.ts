// Stock Apollo: @apollo/gateway behind @apollo/server's standalone server, as its documentation says, with the caller's
// authorization passed on.
import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { readRun } from './readRun.ts';

interface Context {
  readonly authorization?: string | undefined;
}

const run = readRun();
const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(run.supergraphPath, 'utf8'),
  buildService: ({ url = '' }) =>
    new RemoteGraphQLDataSource<Context>({
      url,
      willSendRequest({ request, context }) {
        const { authorization } = context as Context;
        if (authorization !== undefined) request.http?.headers.set('authorization', authorization);
      },
    }),
});
const server = new ApolloServer<Context>({ gateway });
await startStandaloneServer(server, {
  listen: { port: run.port, host: '127.0.0.1' },
  context: ({ req }) => Promise.resolve({ authorization: req.headers.authorization }),
});
