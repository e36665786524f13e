// getMore and killCursors, and how find and aggregate give their first batch.
import { Long } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { numeric } from '../values/kinds.ts';
import { type RawReply, cursorReply } from '../wire/rawReply.ts';
import { type Command, type CommandContext, countField, listField } from './command.ts';

const FIRST_BATCH = 101;

function idFrom(value: unknown): bigint {
  const number = numeric(value);
  if (number === undefined || typeof number === 'object') throw new MongoFault(14, 'a cursor id has to be a long');
  return BigInt(number);
}

/** Gives the first batch of `rows`, and keeps the cursor when more may follow. `single` closes it after this batch. */
export async function openCursor(
  context: CommandContext,
  namespace: string,
  rows: Iterator<Uint8Array>,
  batch: { readonly size: number | undefined; readonly single: boolean },
): Promise<RawReply> {
  const { cursors, access, sessionFields } = context;
  const cursor = cursors.draft(namespace, rows, { transaction: access.transaction, session: sessionFields.session });
  const { docs, done } = await cursors.nextBatch(cursor, batch.size ?? FIRST_BATCH, () => context.giveWay());
  if (done || batch.single) return cursorReply('firstBatch', docs, 0n, namespace);
  cursors.keep(cursor);
  return cursorReply('firstBatch', docs, cursor.id, namespace);
}

/** getMore: the next batch. */
export const getMore: Command = async (context) => {
  const { body, cursors, access } = context;
  const cursor = cursors.take(idFrom(body['getMore']));
  if (cursor.namespace !== `${context.database}.${String(body['collection'])}`) {
    cursors.keep(cursor);
    throw new MongoFault(
      13,
      `Requested getMore on namespace '${String(body['collection'])}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }
  if (cursor.transaction !== access.transaction) throw new MongoFault(251, 'the cursor belongs to another transaction');
  const size = countField(body, 'batchSize', 0) || Number.MAX_SAFE_INTEGER;
  const { docs, done } = await cursors.nextBatch(cursor, size, () => context.giveWay());
  if (!done) cursors.keep(cursor);
  return cursorReply('nextBatch', docs, done ? 0n : cursor.id, cursor.namespace);
};

/** killCursors: closes cursors. */
export const killCursors: Command = ({ body, cursors }) => {
  const ids = listField(body, 'cursors').map(idFrom);
  const killed = ids.filter((id) => cursors.close(id));
  const others = ids.filter((id) => !killed.includes(id));
  const list = (found: bigint[]): Long[] => found.map((id) => Long.fromBigInt(id));
  return { cursorsKilled: list(killed), cursorsNotFound: list(others), cursorsAlive: [], cursorsUnknown: [], ok: 1 };
};
