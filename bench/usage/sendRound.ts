// One round of load on one gateway: connections that send their next request when the last was answered.
import { systemClock } from '../../platform/clock.ts';
import { Connection } from '../gateway/load/connection.ts';
import { readCost } from '../processCost.ts';
import { MARK, type MeasuredGateway } from './recordedGraph.ts';

/** What a round came to. */
export interface Round {
  readonly requestsPerSecond: number;
  /** Processor time of the gateway a request, in milliseconds. */
  readonly cpuMs: number;
}

const DATA = Buffer.from('{"data":{"people":[{"id":');
let sent = 0;

/** Writes a number into a request that nobody else has. */
function numbered(template: Buffer): Buffer {
  const request = Buffer.from(template);
  sent += 1;
  request.write(String(sent).padStart(MARK.length, '0'), request.indexOf(MARK), 'latin1');
  return request;
}

/** Sends requests in turn for so long. Rejects for the first answer that is not right. */
export async function sendRound(
  { port, pid }: MeasuredGateway,
  requests: readonly Buffer[],
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Round> {
  const before = readCost(pid);
  const startMs = systemClock.steadyMs();
  let answered = 0;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const connection = new Connection('127.0.0.1', port, {
        onFault: (reason) => reject(new Error(reason)),
        onAnswer({ status, body }) {
          if (status !== 200 || !body.subarray(0, DATA.length).equals(DATA)) {
            connection.close();
            reject(new Error(`answered ${status}: ${body.toString('utf8', 0, 300)}`));
            return;
          }
          answered += 1;
          if (systemClock.steadyMs() - startMs < seconds * 1_000) next();
          else {
            connection.close();
            resolve();
          }
        },
      });
      const next = (): void => {
        const template = requests[sent % requests.length];
        if (template !== undefined) connection.send(numbered(template));
      };
      next();
    });
  await Promise.all(Array.from({ length: connections }, run));
  const tookMs = systemClock.steadyMs() - startMs;
  return { requestsPerSecond: (answered / tookMs) * 1_000, cpuMs: (readCost(pid).cpuMs - before.cpuMs) / answered };
}
