// The way from a mutation to the outbox: what the outbox refuses becomes an error that the client may read.
import { EventRefusal } from '../../../sync/outbox/outbox.ts';
import type { NewEvent } from '../../../sync/outbox/newEvent.ts';
import type { WriteCall } from '../call.ts';
import { refuse } from '../refuse.ts';

/** Gives an error as a client may read it: refusals of the outbox with their codes, others as they are. */
export function refusalOf(error: unknown): unknown {
  return error instanceof EventRefusal ? refuse(error.code, error.message) : error;
}

/**
 * Takes the write call and the events of its changes, those of one entity in the order of their versions; writes them
 * into the outbox in the mutation's transaction, all by one insert. No events cost nothing.
 */
export async function emitEvents(write: WriteCall, events: readonly NewEvent[]): Promise<void> {
  try {
    await write.outbox.emit(write, events);
  } catch (error) {
    throw refusalOf(error);
  }
}
