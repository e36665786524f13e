// One part as a child process: started, waited for until it says ready, watched, stopped. Its log goes to a file, so
// that the terminal shows what matters; what it says when it cannot start is kept to be shown.
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReadyMessage } from '../platform/lifecycle.ts';
import { compiledFolder } from '../platform/ownFolder.ts';

const LAST_WORDS_CHARACTERS_MAX = 2_000;

/** What a child is started from. */
export interface ChildPlan {
  readonly name: string;
  /** The part's main file, from the project's top. */
  readonly file: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
}

/** A part could not start, or ended in a way that it should not: the message is for people. */
export class PartFault extends Error {}

/** A started child. */
export interface ChildPart {
  readonly name: string;
  readonly pid: number;
  /** What it said it answers at. */
  readonly url: string;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks it to stop, and waits. */
  stop(): Promise<void>;
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message && typeof message.ready === 'string';
}

function spawnChild({ file, words, env, logPath }: ChildPlan): { child: ChildProcess; lastWords: () => string } {
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  // What is compiled once is kept for the next start: a third of a subgraph's start.
  const compiled = compiledFolder();
  const kept = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };
  const child = fork(path, words, { env: { ...kept, ...env }, stdio: ['ignore', log, 'pipe', 'ipc'] });
  closeSync(log);
  let words_ = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words_ = (words_ + text).slice(-LAST_WORDS_CHARACTERS_MAX);
  });
  return { child, lastWords: () => words_.trim() };
}

/** Starts a part and waits until it is ready. Throws PartFault with the part's own words when it ends before that. */
export async function startChild(plan: ChildPlan): Promise<ChildPart> {
  const { name } = plan;
  const { child, lastWords } = spawnChild(plan);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      if (isReady(message)) resolve(message.ready);
    });
    // `close` comes after the last words have been read; `exit` may come before.
    child.once('close', (code, signal) => {
      const end = `${name} ended before it was ready (${signal ?? `code ${String(code)}`}); its log: ${plan.logPath}`;
      reject(new PartFault(lastWords() === '' ? end : lastWords()));
    });
  });
  return {
    name,
    pid: child.pid ?? 0,
    url,
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a part to its end. Throws PartFault with its own words when it ends with another code than 0. */
export async function runChild(plan: ChildPlan): Promise<void> {
  const { child, lastWords } = spawnChild(plan);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new PartFault(lastWords() || `${plan.name} failed; its log: ${plan.logPath}`);
}
