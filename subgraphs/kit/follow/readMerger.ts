// What followers read of the event of a merger. It names also who was merged into the loser before: the events of two
// keepers come in any order, and who hears of the later merger first must not wait for the earlier one.
import type { GraphEvent } from '../../../contracts/event.ts';
import { isId, needsFields, type FieldCheck } from './readData.ts';

/** The type of the event. */
export const MERGED = 'crm.customer.merged.v1';

const isCustomer = isId('cus');
/** Absent in events of before the field. */
const isFormer: FieldCheck = (value) => value === undefined || (Array.isArray(value) && value.every(isCustomer));

/** A fact of its own: every merger counts, even where a newer state of the keeper came before it. */
export const MERGER = {
  needs: 'each',
  check: needsFields({ loserId: isCustomer, formerIds: isFormer }),
} as const;

/** Takes a merger's event; gives whose things are its subject's from now on: the loser, and who became the loser before. */
export function losersOf({ data }: GraphEvent): string[] {
  const { loserId, formerIds = [] } = data as { loserId: string; formerIds?: readonly string[] };
  return [loserId, ...formerIds];
}
