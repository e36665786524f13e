// Several processes on one port: the primary starts workers, starts a dead one anew, passes the stop on, and asks them
// for what only all of them together know.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { ReadyMessage } from './lifecycle.ts';
import type { Log } from './log.ts';

/** How the workers are run. */
export interface WorkerSettings {
  readonly count: number;
  /** The words after the program's file, the same for each worker. */
  readonly words: readonly string[];
  readonly log: Log;
}

/** Workers that run. */
export interface Workers {
  /** What the first one announced. */
  readonly url: string;
  /** Asks each worker for its values; one that does not answer in time is left out. */
  collect(): Promise<object[][]>;
  /** Lets every worker drain and end. Rejects where one did not end well. */
  stop(): Promise<void>;
}

/** What a worker knows of the others. */
export interface WorkerState {
  readonly id: number;
  /** Whether all workers came up once; from then on a lost one is replaced while the others serve. */
  hasStarted: boolean;
  ready: number;
  count: number;
}

interface ToWorker {
  readonly workers?: { readonly hasStarted: boolean; readonly ready: number; readonly count: number };
  readonly valuesWanted?: number;
}

interface ToPrimary extends Partial<ReadyMessage> {
  readonly values?: object[];
  readonly valuesOf?: number;
}

/**
 * Whether each worker listens on the port by itself and the kernel shares the connections out (SO_REUSEPORT). Elsewhere
 * node:cluster accepts them in the primary and hands them on, which costs a message each, and leaves a client waiting
 * whose connection was on its way to a worker that died.
 */
export const PORT_SHARED_BY_KERNEL = process.platform === 'linux';

const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 10_000;
/** A worker that lived this long was well: the next restart is quick again. */
const WELL_MS = 10_000;
const VALUES_WITHIN_MS = 1_000;

class Supervisor implements Workers {
  url = '';
  private readonly settings: WorkerSettings;
  private readonly ready = new Set<Worker>();
  private readonly wanted = new Map<number, { answers: object[][]; left: Set<Worker>; settle: () => void }>();
  private hasStarted = false;
  private stopping = false;
  private restartMs = RESTART_MS_MIN;
  private lastWanted = 0;

  constructor(settings: WorkerSettings) {
    this.settings = settings;
    cluster.setupPrimary({ args: [...settings.words] });
  }

  /** Starts the first worker alone: what keeps it from starting is told once. */
  async start(): Promise<void> {
    this.url = await this.startOne();
    await Promise.all(Array.from({ length: this.settings.count - 1 }, () => this.startOne()));
    this.hasStarted = true;
    this.tellAll();
  }

  async collect(): Promise<object[][]> {
    const id = ++this.lastWanted;
    const left = new Set(this.ready);
    const answers: object[][] = [];
    await new Promise<void>((settle) => {
      this.wanted.set(id, { answers, left, settle });
      const timer = setTimeout(settle, VALUES_WITHIN_MS);
      timer.unref();
      for (const worker of left) this.send(worker, { valuesWanted: id });
      if (left.size === 0) settle();
    });
    this.wanted.delete(id);
    return answers;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const ends = workers.filter((worker) => !worker.isDead()).map((worker) => this.stopOne(worker));
    const unwell = (await Promise.all(ends)).filter((code) => code !== 0);
    if (unwell.length > 0) throw new Error(`workers ended with ${unwell.join(', ')}`);
  }

  /** Gives the code that a worker ended with; 0 for one that was not ready, which has nothing to end well. */
  private async stopOne(worker: Worker): Promise<number | null> {
    const wasReady = this.ready.has(worker);
    const ended = once(worker, 'exit') as Promise<[number | null]>;
    worker.process.kill('SIGTERM');
    const [code] = await ended;
    return wasReady ? code : 0;
  }

  /** Gives what the worker announced; rejects where it ends before. */
  private startOne(): Promise<string> {
    const worker = cluster.fork();
    const bornMs = performance.now();
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ToPrimary) => {
        if (message.ready !== undefined) {
          this.ready.add(worker);
          this.settings.log.info({ worker: worker.id, pid: worker.process.pid }, 'worker ready');
          this.tellAll();
          resolve(message.ready);
        }
        if (message.valuesOf !== undefined) this.take(worker, message.valuesOf, message.values);
      });
      worker.once('exit', (code, signal) => {
        const end = signal || `code ${code}`;
        this.ready.delete(worker);
        for (const id of this.wanted.keys()) this.take(worker, id, undefined);
        reject(new Error(`a worker ended with ${end} before it was ready`));
        if (this.hasStarted && !this.stopping) this.replace(worker, bornMs, end);
      });
    });
  }

  private replace(worker: Worker, bornMs: number, end: string): void {
    if (performance.now() - bornMs > WELL_MS) this.restartMs = RESTART_MS_MIN;
    const afterMs = this.restartMs;
    this.restartMs = Math.min(RESTART_MS_MAX, afterMs * 2);
    this.settings.log.error(
      { worker: worker.id, pid: worker.process.pid, end, afterMs },
      'worker lost; starting another',
    );
    this.tellAll();
    // Keeps the primary alive: with the last worker gone nothing else would.
    setTimeout(() => {
      // Where it fails, its own exit brings the next try.
      if (!this.stopping) this.startOne().catch(() => undefined);
    }, afterMs);
  }

  private take(worker: Worker, id: number, values: object[] | undefined): void {
    const collecting = this.wanted.get(id);
    if (collecting?.left.delete(worker) !== true) return;
    if (values !== undefined) collecting.answers.push(values);
    if (collecting.left.size === 0) collecting.settle();
  }

  private tellAll(): void {
    const workers = { hasStarted: this.hasStarted, ready: this.ready.size, count: this.settings.count };
    for (const worker of this.ready) this.send(worker, { workers });
  }

  private send(worker: Worker, message: ToWorker): void {
    // A worker that is just dying has no ear any more; its exit is dealt with elsewhere.
    if (worker.isConnected()) worker.send(message, () => undefined);
  }
}

/** Starts the workers; ready when all of them are. Rejects where the first ones do not come up. */
export async function startWorkers(settings: WorkerSettings): Promise<Workers> {
  const supervisor = new Supervisor(settings);
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop().catch(() => undefined);
    throw error;
  }
  return supervisor;
}

/** Gives what this process knows of its fellow workers, undefined where it is no worker. Kept up to date. */
export function joinWorkers(): WorkerState | undefined {
  const id = cluster.worker?.id;
  if (id === undefined) return undefined;
  const state: WorkerState = { id, hasStarted: false, ready: 0, count: 0 };
  process.on('message', ({ workers }: ToWorker) => void Object.assign(state, workers));
  return state;
}

/** Answers the primary's questions for values. */
export function answerPrimary(read: () => Promise<object[]>): void {
  process.on('message', ({ valuesWanted }: ToWorker) => {
    if (valuesWanted === undefined) return;
    const answer = (values: object[]): void =>
      void process.send?.({ valuesOf: valuesWanted, values } satisfies ToPrimary);
    read().then(answer, () => answer([]));
  });
}
