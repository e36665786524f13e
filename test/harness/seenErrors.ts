// The errors that a graph answered while a test ran: kept, so that they can be searched once it is known for what.

/** An answer as far as it tells of errors. */
interface ErrorAnswer {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** Gives of an answer's text what is no data: all of it where there is none. */
export function errorsIn(answer: ErrorAnswer, text: string): string {
  if (answer.data === undefined || answer.data === null) return text;
  return JSON.stringify(answer.errors ?? []);
}

/** Remembers each error once. */
export class SeenErrors {
  readonly #texts = new Set<string>();

  /** Takes an answer, read and as it came. */
  note(answer: ErrorAnswer, text: string): void {
    this.#texts.add(errorsIn(answer, text));
  }

  /** All of them. */
  text(): string {
    return [...this.#texts].join('\n');
  }
}
