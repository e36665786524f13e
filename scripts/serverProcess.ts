// A server of another make as a plain process of ours: started, waited for by asking it, killed, started again on the
// same data and port, stopped. `startKafka.ts` and `startRabbitmq.ts` say which; tests and people use it the same way.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** How to run one server. */
export interface ServerRecipe {
  readonly name: string;
  readonly url: string;
  /** Its data, its log (`server.log`) and its process id (`server.pid`). */
  readonly folder: string;
  readonly program: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Asks whether it takes work; false or a rejection: not yet. */
  readonly isReady: () => Promise<boolean>;
  /** Ends what the server leaves behind when it is gone. */
  readonly cleanUp?: () => void;
}

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  /** Ends it at once, as a power cut would; its data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill`. */
  restart(): Promise<void>;
  /** It takes connections and answers nothing, until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 180_000;
const GONE_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 50;
const LOG_LINES = 40;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function lastLines(folder: string): string {
  const text = readFileSync(join(folder, 'server.log'), 'utf8');
  return text.split('\n').slice(-LOG_LINES).join('\n');
}

async function isReady(recipe: ServerRecipe): Promise<boolean> {
  try {
    return await recipe.isReady();
  } catch {
    return false;
  }
}

async function launch(recipe: ServerRecipe, isDetached: boolean): Promise<number> {
  const { name, folder, program, words, env } = recipe;
  const log = openSync(join(folder, 'server.log'), 'a');
  const child = spawn(program, words, { cwd: folder, env, detached: isDetached, stdio: ['ignore', log, log] });
  closeSync(log);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  writeFileSync(join(folder, 'server.pid'), String(pid));
  child.unref();
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(recipe))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > untilMs) {
      if (!hasEnded) await end(pid, 'SIGKILL');
      throw new Error(`${name} ${hasEnded ? 'ended' : 'was not ready in time'}:\n${lastLines(folder)}`);
    }
    await wait(ASK_EVERY_MS);
  }
  return pid;
}

/** Ends a process by its id; one that does not go in time is killed. */
async function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGCONT');
  process.kill(pid, signal);
  const untilMs = performance.now() + GONE_WITHIN_MS;
  while (isAlive(pid)) {
    if (performance.now() > untilMs) process.kill(pid, 'SIGKILL');
    await wait(ASK_EVERY_MS);
  }
}

function forget({ folder, cleanUp }: ServerRecipe): void {
  cleanUp?.();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts a server of the caller's own, which ends with `stop`; resolves when it takes work. */
export async function runServer(recipe: ServerRecipe): Promise<RunningServer> {
  let pid = await launch(recipe, false);
  return {
    url: recipe.url,
    get pid() {
      return pid;
    },
    kill: () => end(pid, 'SIGKILL'),
    async restart() {
      await end(pid, 'SIGKILL');
      pid = await launch(recipe, false);
    },
    pause: () => void process.kill(pid, 'SIGSTOP'),
    resume: () => void process.kill(pid, 'SIGCONT'),
    async stop() {
      // What it holds is thrown away: there is nothing that a slow goodbye would save.
      await end(pid, 'SIGKILL');
      forget(recipe);
    },
  };
}

function pidIn(folder: string): number | undefined {
  const path = join(folder, 'server.pid');
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

/** For a command line: starts the server in the background unless it runs already; gives its URL. */
export async function startInBackground(folder: string, prepare: () => ServerRecipe): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const isRunning = pidIn(folder) !== undefined;
  const recipe = prepare();
  if (!isRunning) await launch(recipe, true);
  return recipe.url;
}

/** For a command line: ends a server that `startInBackground` began, and removes its data. */
export async function stopInBackground(folder: string, cleanUp: () => void): Promise<void> {
  const pid = pidIn(folder);
  if (pid !== undefined) await end(pid, 'SIGTERM');
  cleanUp();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Sends a few bytes to a port of 127.0.0.1; gives the first bytes of the answer, or rejects. */
export async function askPort(port: number, question: Uint8Array): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
  try {
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    socket.write(question);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer;
  } finally {
    socket.destroy();
  }
}
