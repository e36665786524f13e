// For unit tests of what calls subgraphs: a server that keeps every request until the test answers it.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that waits for the test. */
export interface HeldRequest {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  /** The caller's port: tells connections apart. */
  readonly fromPort: number | undefined;
  /** Resolves when the connection is gone or the answer is out. */
  readonly closed: Promise<unknown>;
  /** Answers with status 200 and JSON. */
  answer(text: string): void;
}

/** The server. */
export interface HeldServer {
  readonly url: string;
  readonly requests: readonly HeldRequest[];
  /** Waits until as many requests have come as a whole; gives the last of them. */
  arrived(count: number): Promise<HeldRequest>;
  close(): void;
}

/** Opens a server on a free port. */
export async function openHeldServer(): Promise<HeldServer> {
  const requests: HeldRequest[] = [];
  let wake = (): void => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
        response,
        fromPort: request.socket.remotePort,
        closed: once(response, 'close'),
        answer: (text) => void response.writeHead(200, { 'content-type': 'application/json' }).end(text),
      });
      wake();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    requests,
    async arrived(count) {
      for (;;) {
        const request = requests[count - 1];
        if (request !== undefined) return request;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
