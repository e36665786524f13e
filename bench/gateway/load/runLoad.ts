// Sends requests over a number of connections for a time, each connection its next one as soon as it was answered, and
// compares every answer with the reference. The first wrong or missing answer ends the run.
import { systemClock } from '../../../platform/clock.ts';
import { figuresOf, type Figures } from '../../figures.ts';
import { readCost } from '../../processCost.ts';
import { answerChecker } from './checkAnswer.ts';
import { Connection } from './connection.ts';
import { requestMaker, type RequestPattern } from './requestMaker.ts';

/** What to send, for how long, and to whose cost. */
export interface LoadJob extends RequestPattern {
  readonly port: number;
  /** The reference data's text. */
  readonly reference: string;
  readonly connections: number;
  readonly seconds: number;
  /** The measured process. */
  readonly pid: number;
}

/** What a load came to. */
export interface LoadResult extends Figures {
  readonly requestsPerSecond: number;
  /** Processor time of the gateway a request. */
  readonly cpuMs: number;
  /** How much of one core the gateway used, 0 to 1. */
  readonly coreShare: number;
  readonly peakMb: number;
}

/** A load that was answered wrongly, or not at all. */
export class FailedLoad extends Error {
  override readonly name = 'FailedLoad';
}

const ANSWER_TIMEOUT_MS = 30_000;
const LOOPBACK = '127.0.0.1';

/** Runs the connections; gives each request's time. The requests that are open at the end are waited for. */
function sendAll(job: LoadJob): Promise<number[]> {
  const nextRequest = requestMaker(job);
  const findFault = answerChecker(Buffer.from(job.reference));
  const timesMs: number[] = [];
  const endMs = systemClock.steadyMs() + job.seconds * 1_000;
  const connections = new Set<Connection>();
  return new Promise((resolve, reject) => {
    let answeredMs = systemClock.steadyMs();
    const watch = setInterval(() => {
      if (systemClock.steadyMs() - answeredMs > ANSWER_TIMEOUT_MS) fail(`no answer within ${ANSWER_TIMEOUT_MS} ms`);
    }, 1_000);
    const finish = (): void => {
      clearInterval(watch);
      for (const connection of connections) connection.close();
    };
    const fail = (reason: string): void => {
      finish();
      reject(new FailedLoad(reason));
    };
    const end = (connection: Connection): void => {
      connections.delete(connection);
      connection.close();
      if (connections.size > 0) return;
      finish();
      resolve(timesMs);
    };
    const open = (): void => {
      let startMs = 0;
      const next = (): void => {
        startMs = systemClock.steadyMs();
        connection.send(nextRequest());
      };
      const connection = new Connection(LOOPBACK, job.port, {
        onFault: fail,
        onAnswer({ status, body }) {
          answeredMs = systemClock.steadyMs();
          timesMs.push(answeredMs - startMs);
          const fault = findFault(body) ?? (status === 200 ? undefined : `status ${status}`);
          if (fault !== undefined) fail(fault);
          else if (answeredMs < endMs) next();
          else end(connection);
        },
      });
      connections.add(connection);
      next();
    };
    for (let count = 0; count < job.connections; count += 1) open();
  });
}

/** Takes a job; gives its figures. Rejects with FailedLoad where an answer was wrong or did not come. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const before = readCost(job.pid);
  const startMs = systemClock.steadyMs();
  const timesMs = await sendAll(job);
  const tookMs = systemClock.steadyMs() - startMs;
  const after = readCost(job.pid);
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    ...figuresOf(timesMs),
    requestsPerSecond: (timesMs.length / tookMs) * 1_000,
    cpuMs: cpuMs / timesMs.length,
    coreShare: cpuMs / tookMs,
    peakMb: after.peakMb,
  };
}
