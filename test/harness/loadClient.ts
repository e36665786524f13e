// Load from a process of its own, and the figures that the promises are about: shares, percentiles, medians of rounds.
import { startProcess } from './startProcess.ts';

/** What is sent, how fast and for how long. */
export interface Load {
  /** The gateway's address. */
  readonly url: string;
  /** Sent in turn. */
  readonly requests: readonly LoadRequest[];
  /** Requests a second, whatever the answers do; without it each connection sends when its answer is there. */
  readonly perSecond?: number;
  readonly connections?: number;
  /** Connections that are there before the first request, so that a rush does not measure the opening of sockets. */
  readonly openBefore?: number;
  readonly durationMs: number;
}

/** Stands in a body for a number that no other request of the load has, so that nothing is shared or kept ready. */
export const UNIQUE = '__UNIQUE__';

/** A request, the name its samples carry, and the answer it must get; without one any answer without errors is right. */
export interface LoadRequest {
  readonly name: string;
  readonly body: string;
  readonly answer?: string;
}

/** How one request went. Status 0: the connection broke. */
export interface LoadSample {
  readonly name: string;
  /** When it was sent, after the beginning of the load. */
  readonly atMs: number;
  readonly ms: number;
  readonly status: number;
  readonly isRight: boolean;
}

/** A wrong answer, or why there was none. */
export interface WrongAnswer {
  readonly name: string;
  readonly status: number;
  readonly text: string;
}

/** All samples, and the first few wrong answers to the requests of each name. */
export interface LoadResult {
  readonly samples: readonly LoadSample[];
  readonly wrong: readonly WrongAnswer[];
}

/** A process that makes load. */
export interface LoadClient {
  run(load: Load): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the process. */
export async function startLoadClient(): Promise<LoadClient> {
  const loader = await startProcess(['test/harness/loadProcess.ts']);
  const { child } = loader;
  let count = 0;
  return {
    run: (load) =>
      new Promise((resolve, reject) => {
        const id = count++;
        const take = (message: unknown): void => {
          const { id: answered, result } = message as { id: number; result: LoadResult };
          if (answered !== id) return;
          child.off('message', take);
          resolve(result);
        };
        child.on('message', take);
        // A process that ends takes its answers with it.
        if (child.exitCode !== null) reject(new Error('the load process ended'));
        child.send({ id, load });
      }),
    async stop() {
      await loader.stop('SIGKILL');
    },
  };
}

/** Gives a GraphQL request as a load sends it. */
export function loadRequest(name: string, query: string, answer?: unknown, variables: object = {}): LoadRequest {
  const body = JSON.stringify({ query, variables });
  return { name, body, ...(answer !== undefined && { answer: JSON.stringify(answer) }) };
}

/** Takes times; gives the one that `share` of them do not exceed. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * Measures again where a busy machine spoiled a measurement: the promise is kept when one of `times` rounds keeps it.
 * Gives the first result that holds, or the last one.
 */
export async function measureUpTo<T>(
  times: number,
  measure: () => Promise<T>,
  holds: (result: T) => boolean,
): Promise<T> {
  for (let round = 1; ; round++) {
    const result = await measure();
    if (round === times || holds(result)) return result;
  }
}
