// Starts a part as its own process, as people do, waits until it says that it is ready, and ends it by its own id.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findApiKeys, redactApiKeys } from '../../gateway/identify/apiKey.ts';
import { inheritedEnvironment } from '../../platform/config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Processes of a run compile the same files: a third of a subgraph's start. */
const COMPILE_CACHE = `${ROOT}node_modules/.cache/compiled`;
const READY_WITHIN_MS = 30_000;
/** A process of its own that it left behind may hold its output open. */
const OUTPUT_WITHIN_MS = 1_000;

/** A part that runs as a process. */
export interface StartedProcess {
  /** What it announced: its address, mostly. */
  readonly ready: string;
  readonly child: ChildProcess;
  /** Everything that it wrote so far. */
  output(): string;
  /**
   * Sends a signal; SIGTERM by default. Gives the exit code, null where the signal itself ended it. Rejects where the
   * process wrote a key.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** How a process ended that was not expected to stay. */
export interface EndedProcess {
  readonly code: number | null;
  readonly output: string;
}

function start(words: readonly string[], env: Readonly<Record<string, string>>): [ChildProcess, () => string] {
  // Settings of whoever runs the tests must not change what is tested.
  const own = Object.entries(inheritedEnvironment()).filter(([name]) => !name.startsWith('CRM_'));
  const child = spawn(process.execPath, [...words], {
    cwd: ROOT,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...Object.fromEntries(own), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return [child, () => chunks.join('')];
}

/** What shows its owner a new key on purpose: in a line of its own for people, never in its log. */
const KEY_SHOWING = 'cli/main.ts';

function refuseShownKeys(part: string, output: string): void {
  if (findApiKeys(output).length === 0) return;
  const lines = output.split('\n').filter((line) => part !== KEY_SHOWING || line.startsWith('{'));
  const shown = lines.filter((line) => findApiKeys(line).length > 0).map(redactApiKeys);
  if (shown.length > 0) throw new Error(`${part} wrote a key:\n${shown.join('\n')}`);
}

/** Takes the words after `node`, and settings; gives the process once it is ready. Rejects where it ends before. */
export async function startProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedProcess> {
  const [child, output] = start(words, env);
  const ended = once(child, 'exit');
  const written = once(child, 'close');
  const ready = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${words[0] ?? ''} was not ready in time:\n${output()}`));
    }, READY_WITHIN_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(String((message as { ready: unknown }).ready));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${words[0] ?? ''} ended with ${String(code)}:\n${output()}`));
    });
  });
  return {
    ready,
    child,
    output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = (await ended) as [number | null];
      await Promise.race([written, delay(OUTPUT_WITHIN_MS, undefined, { ref: false })]);
      refuseShownKeys(words[0] ?? '', output());
      return code;
    },
  };
}

/** Runs a process to its end. */
export async function runProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<EndedProcess> {
  const [child, output] = start(words, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** Waits until `holds` gives something true; looks again and again, and fails after a time that no test should need. */
export async function waitUntil<T>(holds: () => T | Promise<T>, withinMs = 15_000): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  for (;;) {
    // A look that begins after the time decides: the machine may have stood still meanwhile.
    const isLast = performance.now() > end;
    const held = await holds();
    if (held !== false && held !== undefined && held !== null) return held;
    if (isLast) throw new Error(`it did not come true: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
