// Batches on their way: a bounded number at once, never two that share a key, and what became of them told in the order
// of the source. What is told is committed, and so is all before it: that is where a state may be saved.

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Runs batches and tells their outcomes in order. */
export class InFlight<Outcome> {
  readonly #max: number;
  readonly #told: (outcome: Outcome) => Promise<void>;
  readonly #keys = new Map<string, Promise<unknown>>();
  readonly #running = new Set<Promise<unknown>>();
  #telling: Promise<void> = Promise.resolve();
  #fault: Error | undefined;
  #hasStopped = false;

  /** `told` gets every outcome in the order of `add`, one after the other; after a fault no more. */
  constructor(max: number, told: (outcome: Outcome) => Promise<void>) {
    this.#max = max;
    this.#told = told;
  }

  /** Begins a batch as soon as there is room and no other has one of its keys. Throws the fault of an earlier one. */
  async add(keys: readonly string[], work: () => Promise<Outcome>): Promise<void> {
    while (this.#running.size >= this.#max) await Promise.race(this.#running);
    const blocking = new Set(keys.flatMap((key) => this.#keys.get(key) ?? []));
    await Promise.all(blocking);
    this.#throwFault();
    const running = work().then(
      (outcome) => ({ outcome }),
      (error: unknown) => {
        this.#fault ??= asError(error);
        return undefined;
      },
    );
    for (const key of keys) this.#keys.set(key, running);
    const ended = running.then(() => {
      for (const key of keys) if (this.#keys.get(key) === running) this.#keys.delete(key);
      this.#running.delete(ended);
    });
    this.#running.add(ended);
    this.#telling = this.#telling.then(async () => {
      const done = await running;
      if (done === undefined || this.#hasStopped) return void (this.#hasStopped = true);
      try {
        await this.#told(done.outcome);
      } catch (error) {
        this.#fault ??= asError(error);
        this.#hasStopped = true;
      }
      return undefined;
    });
  }

  /** Waits until all are through and told. Throws the first fault. */
  async drain(): Promise<void> {
    await this.#telling;
    await Promise.all(this.#running);
    this.#throwFault();
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}
