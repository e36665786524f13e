// A process's life: start → ready → drain → stop. Each part hands over what it has to close; the order is kept here.
// A child whose parent is gone stops by itself, so that no part is left behind.
import type { Log } from './log.ts';
import { ConfigError } from './config.ts';

type Stop = () => Promise<void>;

/** What a part's main passes to `runPart`. */
export interface Part {
  readonly name: string;
  /** Starts everything; gives the address to announce and what stops it, draining first. */
  start(): Promise<{ url: string; log: Log; stop: Stop; drainTimeoutMs: number }>;
}

/** A message that a started part sends to the process that started it. */
export interface ReadyMessage {
  readonly ready: string;
}

/** A fault that the person who starts the part can mend: its message stands alone, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

function describeStartFault(name: string, error: unknown): string {
  if (error instanceof ConfigError) return error.faults.map((fault) => `${name}: ${fault}`).join('\n');
  if (error instanceof StartError) return `${name}: ${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : '';
    return `${name}: port ${port} is in use; stop what listens there or choose another port`;
  }
  return `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function stopOnSignals(name: string, log: Log, stop: Stop, drainTimeoutMs: number): void {
  let stopping = false;
  const end = (reason: string): void => {
    if (stopping) {
      log.warn({ reason }, 'stopped at once');
      process.exit(1);
    }
    stopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => process.exit(1), drainTimeoutMs + 1_000).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, `${name} did not stop cleanly`);
        process.exit(1);
      },
    );
  };
  // An interrupt from the terminal reaches the whole group: a child leaves the order of stopping to its parent.
  process.on('SIGINT', () => (process.connected ? undefined : end('SIGINT')));
  process.on('SIGTERM', () => end('SIGTERM'));
  process.once('disconnect', () => end('the parent is gone'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
}

/** Runs a part as this process: announces it when ready, stops it on a signal; a fault at the start ends with code 1. */
export async function runPart(part: Part): Promise<void> {
  try {
    const { url, log, stop, drainTimeoutMs } = await part.start();
    stopOnSignals(part.name, log, stop, drainTimeoutMs);
    log.info({ url }, 'ready');
    process.send?.({ ready: url } satisfies ReadyMessage);
  } catch (error) {
    process.stderr.write(`${describeStartFault(part.name, error)}\n`);
    process.exit(1);
  }
}
