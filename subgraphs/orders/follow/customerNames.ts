// Keeps what orders know of their customers fresh: the copied name, so that `@provides` gives the one that holds, and
// whose orders they are once a duplicate was merged.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { WriteCall } from '../../kit/call.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import { losersOf, MERGED, MERGER } from '../../kit/follow/readMerger.ts';
import { readName } from '../changes/moveOrders.ts';
import { writeStats } from '../changes/writeRollups.ts';
import type { OrdersModels } from '../model.ts';
import { changeSome } from './changeSome.ts';
import { renameOrders } from './renameOrders.ts';

/** The most orders that one transaction moves, and the most that it renames. */
const CHANGED_MAX = 500;

/** Gives the name of the customer that an event tells of; undefined for one who is forgotten. */
function nameIn({ data }: GraphEvent): string | undefined {
  const { personal } = data as { personal?: { displayName?: unknown } | null };
  return typeof personal?.displayName === 'string' ? personal.displayName : undefined;
}

/** Makes the orders of merged duplicates those of their keepers; gives the ids of the mergers that have more to move. */
async function moveMerged(models: OrdersModels, write: WriteCall, mergers: readonly GraphEvent[]): Promise<string[]> {
  const unfinished: string[] = [];
  const touched = new Set<string>();
  let left = CHANGED_MAX;
  for (const merger of mergers) {
    const { subject: keeperId } = merger;
    const losers = losersOf(merger);
    // The name in orders is newer than a merger that comes late.
    const name = (await readName(models, write, keeperId)) ?? nameIn(merger);
    const fields = { customerId: keeperId, ...(name !== undefined && { customerDisplayName: name }) };
    const count = await changeSome(models, write, { customerIds: losers, fieldsOf: () => fields }, left);
    if (count > 0) for (const id of [...losers, keeperId]) touched.add(id);
    left -= count;
    if (left === 0) unfinished.push(merger.id);
  }
  await writeStats(models, write, [...touched]);
  return unfinished;
}

/** Takes the collections of orders; gives the follower. */
export function customerNames(models: OrdersModels): Follower {
  return {
    name: 'orders.customerNames',
    entities: ['Customer'],
    types: {
      'crm.customer.created.v1': { needs: 'newest' },
      'crm.customer.changed.v1': { needs: 'newest' },
      'crm.customer.restored.v1': { needs: 'newest' },
      [MERGED]: MERGER,
    },
    async apply(write, events) {
      const unmoved = await moveMerged(
        models,
        write,
        events.filter(({ type }) => type === MERGED),
      );
      const renamed = events.filter(({ type }) => type !== MERGED);
      const names = new Map(
        renamed.flatMap((event) => {
          const name = nameIn(event);
          return name === undefined ? [] : [[event.subject, name] as const];
        }),
      );
      const unfinished = await renameOrders(models, write, names, CHANGED_MAX);
      return [...unmoved, ...renamed.filter(({ subject }) => unfinished.has(subject)).map(({ id }) => id)];
    },
  };
}
