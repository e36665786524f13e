// The planner thread, seen from the gateway: one question at a time, each with a time limit. A thread that does not
// answer in time is ended and another takes its place; the question is refused, those behind it are asked again.
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { refuse, type Refusal } from '../requestState.ts';
import type { PlanNode } from './planner.ts';
import type { PlannerAnswer, PlannerQuestion } from './plannerThread.ts';

/** A supergraph that was found good. */
export interface LoadedSupergraph {
  /** What clients see. */
  readonly apiSdl: string;
  /** The subgraphs' addresses, by name. */
  readonly subgraphs: ReadonlyMap<string, string>;
}

/** What plans. */
export interface PlannerClient {
  /** Takes a supergraph and what names it; rejects with the reason where it cannot be served. */
  load(hash: string, sdl: string): Promise<LoadedSupergraph>;
  /** Takes an operation of a loaded supergraph; gives its plan (undefined: nothing to fetch) or the refusal. */
  plan(
    hash: string,
    document: string,
    operationName: string | undefined,
  ): Promise<{ readonly node: PlanNode | undefined } | Refusal>;
  /** Forgets a supergraph. */
  free(hash: string): void;
  close(): Promise<void>;
  /** How many operations wait for the planner. */
  plansWaiting(): number;
}

/** The client's bounds and what it looks at. */
export interface PlannerSettings {
  readonly planTimeoutMs: number;
  readonly plansWaitingMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Loading checks the whole supergraph; this long is far beyond the largest. */
const LOAD_TIMEOUT_MS = 60_000;
const THREAD = new URL('./plannerThread.ts', import.meta.url);
/** A planner that needs more is in one of the operations that it is never done with. */
const HEAP_MB_MAX = 1_024;
const OUT_OF_TIME: PlannerAnswer = { kind: 'failed', reason: 'out of time' };
const UNPLANNABLE = refuse('OPERATION_UNPLANNABLE');
const OVERLOADED = refuse('OVERLOADED', undefined, { headers: { 'retry-after': '1' } });

interface Job {
  readonly question: PlannerQuestion;
  readonly done: (answer: PlannerAnswer) => void;
}

class ThreadClient implements PlannerClient {
  private readonly settings: PlannerSettings;
  private readonly loaded = new Map<string, string>();
  private waiting: Job[] = [];
  private current: Job | undefined;
  private cancelTimer = (): void => undefined;
  private thread: Worker;
  private isClosed = false;

  constructor(settings: PlannerSettings) {
    this.settings = settings;
    this.thread = this.startThread();
  }

  async load(hash: string, sdl: string): Promise<LoadedSupergraph> {
    const answer = await this.ask({ kind: 'load', hash, sdl });
    if (answer.kind === 'failed') throw new Error(answer.reason);
    if (answer.kind !== 'loaded') throw new Error('the planner answered another question');
    this.loaded.set(hash, sdl);
    return { apiSdl: answer.apiSdl, subgraphs: new Map(answer.subgraphs) };
  }

  async plan(hash: string, document: string, operationName: string | undefined) {
    if (this.waiting.length >= this.settings.plansWaitingMax) return OVERLOADED;
    const name = operationName === undefined ? {} : { operationName };
    const answer = await this.ask({ kind: 'plan', hash, document, ...name });
    if (answer.kind === 'planned') return { node: answer.node };
    if (answer.kind === 'failed') this.settings.log.warn({ reason: answer.reason.slice(0, 500) }, 'no plan found');
    return UNPLANNABLE;
  }

  plansWaiting(): number {
    return this.waiting.length;
  }

  free(hash: string): void {
    this.loaded.delete(hash);
    this.thread.postMessage({ kind: 'free', hash } satisfies PlannerQuestion);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelTimer();
    await this.thread.terminate();
  }

  private ask(question: PlannerQuestion): Promise<PlannerAnswer> {
    return new Promise((done) => {
      this.waiting.push({ question, done });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== undefined) return;
    const job = this.waiting.shift();
    if (job === undefined) {
      // Nobody waits for it: the process may end.
      this.thread.unref();
      return;
    }
    this.current = job;
    this.thread.ref();
    const { clock, planTimeoutMs } = this.settings;
    const timeoutMs = job.question.kind === 'plan' ? planTimeoutMs : LOAD_TIMEOUT_MS;
    // In two halves: where the machine stood still, timers come before messages, and the thread has the second half.
    this.cancelTimer = clock.after(timeoutMs / 2, () => {
      this.cancelTimer = clock.after(timeoutMs / 2, () => this.replaceThread(OUT_OF_TIME));
    });
    this.thread.postMessage(job.question);
  }

  private settle(answer: PlannerAnswer): void {
    const job = this.current;
    this.cancelTimer();
    this.current = undefined;
    job?.done(answer);
    this.next();
  }

  private startThread(): Worker {
    const thread = new Worker(THREAD, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX } });
    thread.on('message', (answer: PlannerAnswer) => {
      if (thread === this.thread) this.settle(answer);
    });
    thread.on('error', (error: Error) => {
      if (thread === this.thread) this.replaceThread({ kind: 'failed', reason: error.message });
    });
    thread.unref();
    return thread;
  }

  /** Ends a thread that is stuck, answers its question, and brings what was loaded into a new one first. */
  private replaceThread(answer: PlannerAnswer): void {
    if (this.isClosed) return;
    const old = this.thread;
    this.settings.log.warn('the planner thread is replaced');
    this.thread = this.startThread();
    void old.terminate();
    const reload = [...this.loaded].map(([hash, sdl]): Job => {
      return { question: { kind: 'load', hash, sdl }, done: () => undefined };
    });
    this.waiting = [...reload, ...this.waiting];
    this.settle(answer);
  }
}

/** Starts the planner thread; once a process. */
export function openPlannerClient(settings: PlannerSettings): PlannerClient {
  return new ThreadClient(settings);
}
