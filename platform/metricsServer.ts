// Serves the metrics on a loopback port of their own, never on the public one: they tell what a stranger need not know.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port that serves metrics. */
export interface MetricsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Gives the page in Prometheus' text format. */
export type ReadMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** Takes the port (0 takes a free one) and what reads the metrics; serves them at /metrics. Rejects where it is taken. */
export async function serveMetrics(port: number, read: ReadMetrics): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    read().then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => ready());
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
