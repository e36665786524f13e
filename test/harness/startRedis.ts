// A fresh Redis of a test's own: in memory, on a free port, stopped, paused and killed by its own process id.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { inheritedEnvironment } from '../../platform/config.ts';
import { findPorts } from '../../scripts/findPorts.ts';
import { obtainRedis } from '../../scripts/startRedis.ts';

/** A running Redis. */
export interface TestRedis {
  readonly url: string;
  /** Stops it for good, without a goodbye; gives once it is gone. */
  kill(): Promise<void>;
  /** It takes connections and answers nothing, until `resume`. */
  pause(): void;
  resume(): void;
  /** Starts an empty one on the same port, after `kill`. */
  restart(): Promise<void>;
  /** Ends it, however it is. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 15_000;

async function spawnRedis(port: number): Promise<ChildProcess> {
  const { path, env } = obtainRedis();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(path, [...words, '--dir', tmpdir()], {
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`redis was not ready in time:\n${output}`)), READY_WITHIN_MS);
    child.once('exit', () => reject(new Error(`redis ended:\n${output}`)));
    child.once('error', reject);
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!/ready to accept connections/i.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Starts a Redis that holds nothing. */
export async function startRedis(): Promise<TestRedis> {
  const [port = 0] = await findPorts(1);
  let child = await spawnRedis(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(child),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async restart() {
      await end(child);
      child = await spawnRedis(port);
    },
    stop: () => end(child),
  };
}
