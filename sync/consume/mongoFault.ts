// Telling the database's own faults from those of an event.
import mongoose from 'mongoose';

const { MongoError, MongoServerError } = mongoose.mongo;

const DUPLICATE_KEY = 11_000;
/**
 * Not primary, shutting down, steps down, no quorum, time over while waiting for majority or for a lock, interrupted, no
 * room on its disk; and that it does not know or does not allow us (13, 18), which no event can mend.
 */
const STORE_CODES = new Set([
  ...[6, 7, 13, 18, 24, 64, 89, 91, 100, 112, 133, 189, 251, 262, 317, 358, 384],
  ...[9001, 10107, 11600, 11601, 11602, 13435, 13436, 14031],
]);
const STORE_LABELS = ['TransientTransactionError', 'UnknownTransactionCommitResult', 'RetryableWriteError'];

/** Says whether another writer wrote the same key meanwhile: whoever looks again sees it. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY;
}

/** Says whether the database, not what was asked of it, is at fault: no event is to blame then. */
export function isStoreFault(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  // Everything that is no answer of a server: no connection, no server, the client is closed.
  if (!(error instanceof MongoServerError)) return error.name !== 'MongoInvalidArgumentError';
  return STORE_CODES.has(Number(error.code)) || STORE_LABELS.some((label) => error.hasErrorLabel(label));
}
