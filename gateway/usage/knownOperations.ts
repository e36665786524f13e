// Which operations are told apart, and which of them the database has already: so many an hour, whatever is asked. The
// document of each is written once an hour, so that it lives as long as the counts that name it.
import type { OperationUse } from './operationUse.ts';

const HOUR_MS = 3_600_000;

/** The operations of an hour. */
export class KnownOperations {
  readonly #operationsMax: number;
  readonly #written = new Set<string>();
  readonly #waiting = new Map<string, OperationUse>();
  #hour = 0;

  constructor(operationsMax: number) {
    this.#operationsMax = operationsMax;
  }

  /** Takes the moment; forgets the hour before where a new one began. */
  turn(nowMs: number): void {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour === this.#hour) return;
    this.#hour = hour;
    this.#written.clear();
  }

  /** Says whether an operation is told apart; one that is not known becomes so while there is room. */
  take(use: OperationUse): boolean {
    const { id } = use;
    if (this.#written.has(id) || this.#waiting.has(id)) return true;
    if (this.size >= this.#operationsMax) return false;
    this.#waiting.set(id, use);
    return true;
  }

  get size(): number {
    return this.#written.size + this.#waiting.size;
  }

  /** Those that the database may not have. */
  waiting(): OperationUse[] {
    return [...this.#waiting.values()];
  }

  noteWritten(uses: readonly OperationUse[]): void {
    for (const { id } of uses) {
      this.#waiting.delete(id);
      this.#written.add(id);
    }
  }
}
