// The page on a port of its own, on this machine alone, for `crm-graph registry serve`. It has no credential, so only
// requests that name this machine are answered: another site's page could otherwise ask by a name of its own.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerHttp, type PageParts } from './answerHttp.ts';

/** A page that is served. */
export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const REQUEST_TIMEOUT_MS = 10_000;
const HERE = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Serves the page at `/`. Rejects where the port is taken. */
export async function openPageServer(parts: Omit<PageParts, 'isLetIn'>, port: number): Promise<PageServer> {
  const isLetIn = ({ host }: IncomingHttpHeaders): boolean => HERE.test(host ?? '');
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const { method, headers, url = '/' } = request;
      answerHttp({ method, headers, address: url.replace(/^\/+/, '') }, { ...parts, isLetIn }).then(
        ({ status, headers: sent, body }) => response.writeHead(status, sent).end(method === 'HEAD' ? undefined : body),
        (error: unknown) => {
          parts.onFault(error);
          response.writeHead(500).end();
        },
      );
    },
  );
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen(port, HOST, ready);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}/`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
