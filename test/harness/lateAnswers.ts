// Stands between a gateway and a subgraph and lets each answer come late, by a drawn time: an answer that was read before
// a change then comes after the change's event.
import { createServer, request, Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../../platform/random.ts';

/** What stands in between. */
export interface LateAnswers {
  /** The address through it. */
  readonly url: string;
  /** Requests that passed. */
  readonly passed: { count: number };
  stop(): Promise<void>;
}

/** Takes the address behind, by how many milliseconds an answer comes late at most, and a seed. */
export async function startLateAnswers(target: string, lateMsMax: number, seed: number): Promise<LateAnswers> {
  const random = seededRandom(seed);
  const agent = new Agent({ keepAlive: true });
  const passed = { count: 0 };
  const { hostname, port, pathname } = new URL(target);
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    passed.count++;
    const { method, headers } = incoming;
    const sent = request({ agent, hostname, port, path: pathname, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        setTimeout(() => {
          response.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(chunks));
        }, random() * lateMsMax);
      });
    });
    sent.on('error', () => response.destroy());
    incoming.pipe(sent);
  };
  const server = createServer(forward);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    passed,
    async stop() {
      agent.destroy();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}
