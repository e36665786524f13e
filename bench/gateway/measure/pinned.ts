// Starts the processes of a run, each on the core it belongs to: what is measured on one, everything else on the other.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { cpus } from 'node:os';
import { systemClock } from '../../../platform/clock.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';

/** The core of the gateway and that of subgraphs and load. */
export const CORES = { measured: 0, rest: 1 } as const;

/** Whether this machine lets processes be held to a core each. */
export const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;

/** What runs still: it must not outlive this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const STOP_WITHIN_MS = 5_000;

/** How to start a process. */
export interface PinnedStart {
  readonly core: number;
  /** The words after `node`. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly logPath: string;
  /** Whether it has a channel for messages. */
  readonly channel?: boolean;
}

/** Starts a process of this Node on a core; settings of whoever runs the benchmark do not reach it. */
export function startPinned({ core, words, cwd, env = {}, logPath, channel = false }: PinnedStart): ChildProcess {
  const inherited = Object.entries(inheritedEnvironment()).filter(([name]) => !/^(CRM|APOLLO|NODE|npm)_/.test(name));
  const command = [...(canPin ? ['taskset', '-c', String(core)] : []), process.execPath, ...words];
  const [first = process.execPath, ...rest] = command;
  const log = openSync(logPath, 'a');
  const child = spawn(first, rest, {
    cwd,
    env: { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log, ...(channel ? (['ipc'] as const) : [])],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Sends a message to a process with a channel; gives its next message. Rejects where it ends instead. */
export async function askProcess<T>(child: ChildProcess, message?: object): Promise<T> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const answered = once(child, 'message', { signal });
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`a process of the benchmark ended with ${String(code)}`);
    });
    ended.catch(() => undefined);
    if (message !== undefined) child.send(message);
    const [answer] = (await Promise.race([answered, ended])) as [T];
    return answer;
  } finally {
    stop.abort();
  }
}

/** Ends a process by its id, gently first. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const giveUp = systemClock.after(STOP_WITHIN_MS, () => child.kill('SIGKILL'));
  await ended;
  giveUp();
}
