// A subgraph that gives one answer to everything and costs next to nothing, so that a load measures the gateway.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A subgraph that listens. */
export interface ConstantSubgraph {
  readonly url: string;
  stop(): Promise<void>;
}

/** Takes the answer; gives the subgraph. */
export async function startConstantSubgraph(answer: unknown): Promise<ConstantSubgraph> {
  const body = Buffer.from(JSON.stringify(answer));
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    request.once('end', () => {
      response.writeHead(200, headers);
      response.end(body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
