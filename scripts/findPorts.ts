// Free ports for servers that take a while to listen, or are killed and started again where they were.
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { inheritedEnvironment } from '../platform/config.ts';

/** Below those that Linux gives to whoever asks for any: between finding a port and listening on it, nobody gets it. */
const FIRST = 20_000;
/** Test files that run side by side look in ranges of their own. */
const FOR_A_WORKER = 2_000;
const WORKERS_MAX = 6;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  if (!(await listening)) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Gives so many different ports of 127.0.0.1 that are free now. */
export async function findPorts(count: number): Promise<number[]> {
  const worker = Number(inheritedEnvironment()['JEST_WORKER_ID'] ?? 0) % WORKERS_MAX;
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + worker * FOR_A_WORKER + randomInt(FOR_A_WORKER);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
