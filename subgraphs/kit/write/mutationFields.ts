// Mutation field → command → payload. The entity of a payload is loaded after the transaction, so it is what is stored.
import type { BatchArgs } from './batches.ts';
import type { Call, SubgraphContext } from '../call.ts';
import type { Load } from '../read/loader.ts';
import type { ItemResult } from './writeBatch.ts';

/** A resolver of `Mutation`. */
export type MutationField<A, L> = (_: unknown, args: A, context: SubgraphContext<L>) => Promise<unknown>;

/** Takes a result, the payload's name for the entity and its loader; gives the payload. */
export function payloadOf<D>(result: ItemResult, name: string, load: Load<D>): Record<string, unknown> {
  const { id, ...told } = result;
  return { ...told, [name]: () => (id === null ? null : load(id)) };
}

/** Takes the payloads' name for the entity and which loader has it; gives what makes a batch command a field. */
export function fieldsWith<L, D>(name: string, loadOf: (loaders: L) => Load<D>) {
  return <I>(run: (call: Call, args: BatchArgs<I>) => Promise<ItemResult[]>): MutationField<BatchArgs<I>, L> =>
    async (_, args, { call, loaders }) =>
      (await run(call, args)).map((result) => payloadOf(result, name, loadOf(loaders)));
}
