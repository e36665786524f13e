// What every batch mutation does: bound its items, run once per idempotency key in a transaction, write, answer for each
// item. A subgraph's commands are built on it.
import type { Connection } from 'mongoose';
import type { Outbox } from '../../../sync/outbox/outbox.ts';
import type { Call, WriteCall } from '../call.ts';
import type { EntityDocument } from './entityDocument.ts';
import { RunOnce } from './runOnce.ts';
import {
  boundBatch,
  softDeleteItems,
  writeBatch,
  type EntityKind,
  type Item,
  type ItemResult,
  type VersionedId,
} from './writeBatch.ts';

/** A batch as a mutation gets it. */
export interface BatchArgs<I> {
  readonly input: readonly I[];
  readonly idempotencyKey: string;
}

/** What a soft delete or its reverse is asked: the entities' name as mutations have it, and which of the two. */
export interface SoftDelete {
  readonly entities: string;
  readonly isRestore: boolean;
}

/** What the writes of a subgraph stand on. */
export interface WriteBase {
  readonly connection: Connection;
  readonly outbox: Outbox;
}

/** Runs the batches of one subgraph. */
export class Batches {
  /** For mutations that are no batches. */
  readonly once: RunOnce;

  constructor({ connection, outbox }: WriteBase) {
    this.once = new RunOnce(connection, outbox);
  }

  /** Takes the call, the mutation's name and arguments, and its work; gives one result an item. */
  run<I, R>(
    call: Call,
    mutation: string,
    { input, idempotencyKey }: BatchArgs<I>,
    work: (write: WriteCall) => Promise<R[]>,
  ): Promise<R[]> {
    boundBatch(input);
    return this.once.run(call, { mutation, idempotencyKey, input }, work);
  }

  /** Deletes entities softly, or brings them back. */
  softDelete<D extends EntityDocument>(
    call: Call,
    kind: EntityKind<D>,
    { entities, isRestore }: SoftDelete,
    args: BatchArgs<VersionedId>,
  ): Promise<ItemResult[]> {
    return this.run(call, `${isRestore ? 'restore' : 'delete'}${entities}`, args, (write) =>
      writeItems(kind, write, softDeleteItems<D>(kind, args.input, isRestore ? null : write.now)),
    );
  }
}

/** Takes the kind, the write call and the items; gives their results. */
export async function writeItems<D extends EntityDocument>(
  kind: EntityKind<D>,
  write: WriteCall,
  items: readonly Item<D>[],
): Promise<ItemResult[]> {
  return (await writeBatch(kind, write, items)).results;
}
