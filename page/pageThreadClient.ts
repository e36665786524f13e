// The page's thread, seen from the gateway: started by the first question, ended when nobody asked for a while, so that
// a gateway whose page nobody opens pays nothing for it.
import { Worker } from 'node:worker_threads';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { TagFilter } from '../supergraph/composeContract.ts';
import type { AnswerPage, PageAnswer } from './answerPage.ts';
import type { PageQuestion, PageReply } from './pageThread.ts';

/** What the gateway serves now. */
export interface ServedSchema {
  readonly supergraph: string;
  readonly contracts: ReadonlyMap<string, TagFilter>;
}

/** The page's answers. */
export interface PageThread {
  readonly answer: AnswerPage;
  stop(): Promise<void>;
}

const THREAD = new URL('./pageThread.ts', import.meta.url);
const HEAP_MB_MAX = 768;
const WAITING_MAX = 50;
const ANSWER_TIMEOUT_MS = 30_000;
const IDLE_MS = 600_000;

interface Waiting {
  readonly done: (answer: PageAnswer) => void;
  readonly failed: (error: Error) => void;
  readonly cancel: () => void;
}

class ThreadClient implements PageThread {
  readonly answer: AnswerPage;
  readonly #config: Config;
  readonly #served: () => ServedSchema;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #told: string | undefined;
  #asked = 0;
  #cancelIdle = (): void => undefined;

  constructor(config: Config, served: () => ServedSchema, clock: Clock) {
    this.#config = config;
    this.#served = served;
    this.#clock = clock;
    this.answer = (address) => this.#ask(address);
  }

  async stop(): Promise<void> {
    this.#cancelIdle();
    const thread = this.#thread;
    this.#drop(thread, new Error('the page is closed'));
    await thread?.terminate();
  }

  #ask(address: string): Promise<PageAnswer> {
    if (this.#waiting.size >= WAITING_MAX) return Promise.reject(new Error('too many questions to the page wait'));
    const thread = this.#running();
    this.#cancelIdle();
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => void this.stop());
    const { supergraph, contracts } = this.#served();
    if (supergraph !== this.#told) {
      this.#told = supergraph;
      thread.postMessage({ kind: 'schema', supergraph, contracts } satisfies PageQuestion);
    }
    const id = (this.#asked += 1);
    return new Promise((done, failed) => {
      const cancel = this.#clock.after(ANSWER_TIMEOUT_MS, () => {
        // Whatever it is at, the next question starts anew.
        this.#drop(thread, new Error('the page did not answer in time'));
        void thread.terminate();
      });
      this.#waiting.set(id, { done, failed, cancel });
      thread.postMessage({ kind: 'ask', id, address } satisfies PageQuestion);
    });
  }

  #running(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(THREAD, {
      workerData: this.#config,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    thread.unref();
    thread.on('message', (reply: PageReply) => this.#take(reply));
    thread.on('error', (error) => this.#drop(thread, error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#drop(thread, new Error('the page’s thread ended')));
    this.#thread = thread;
    return thread;
  }

  #take(reply: PageReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    waiting.cancel();
    if ('answer' in reply) waiting.done(reply.answer);
    else waiting.failed(new Error(reply.fault));
  }

  #drop(thread: Worker | undefined, error: Error): void {
    if (thread === undefined || thread !== this.#thread) return;
    this.#thread = undefined;
    this.#told = undefined;
    for (const { failed, cancel } of this.#waiting.values()) {
      cancel();
      failed(error);
    }
    this.#waiting.clear();
  }
}

/** Takes the gateway's settings and what it serves; gives the page's answers. Nothing runs before the first question. */
export function openPageThread(config: Config, served: () => ServedSchema, clock: Clock): PageThread {
  return new ThreadClient(config, served, clock);
}
