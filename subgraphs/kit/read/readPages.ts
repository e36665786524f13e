// The three reads that every connection is made of: a page, a page for each of many parents, and how many there are.
// One database query each, whatever the number of parents; each names its index, its limit and its time limit.
import type { Model } from 'mongoose';
import { spendRows } from '../answerBudget.ts';
import type { Call } from '../call.ts';
import { bounded, boundedAggregation } from './mongo.ts';
import { inList, type Condition } from './operators.ts';
import { sortOf, type PageRequest } from './page.ts';

/** Counts end here: a larger number is answered as this one. */
const COUNT_MAX = 100_000;

/** What a page is read from: conditions on the documents, without tenant and cursor. */
export interface Selection {
  readonly conditions: readonly Condition[];
  readonly index: string;
}

/** What belongs to parents: the field that names the parent, and the index that begins with it. */
export interface ByParent {
  readonly parentField: string;
  readonly conditions: readonly Condition[];
  readonly index: string;
}

/** Gives the condition that hides deleted entities, or none. */
export function unlessDeleted(includeDeleted: boolean | null | undefined): Condition[] {
  return includeDeleted === true ? [] : [{ deletedAt: null }];
}

/** Takes a model, the call, what is selected and the page; gives up to `first + 1` documents in order. */
export async function readRows<D extends { _id: string }>(
  model: Model<D>,
  call: Call,
  { conditions, index }: Selection,
  page: PageRequest,
): Promise<D[]> {
  const filter = { $and: [{ tenantId: call.tenantId }, ...conditions, page.after].filter(isGiven) };
  const options = { ...bounded(call, index, page.first + 1), sort: sortOf(page.ordering) };
  return model.find(filter as never, undefined, options).lean<D[]>();
}

/** Takes a model, the call and what is selected; gives how many there are, at most 100,000. */
export function countRows<D>(model: Model<D>, call: Call, { conditions, index }: Selection): Promise<number> {
  const filter = { $and: [{ tenantId: call.tenantId }, ...conditions].filter(isGiven) };
  return model.countDocuments(filter as never, bounded(call, index, COUNT_MAX) as never).exec();
}

/** Takes parents and a page; gives up to `first + 1` documents for each parent, in order, by one query. */
export async function readRowsPerParent<D extends { _id: string }>(
  model: Model<D>,
  call: Call,
  { parentField, parentIds, conditions, index, page }: ByParent & { parentIds: readonly string[]; page: PageRequest },
): Promise<Map<string, D[]>> {
  spendRows(call, parentIds.length * page.first);
  const [only, ...others] = parentIds;
  if (only !== undefined && others.length === 0) {
    const selection = { conditions: [{ [parentField]: only }, ...conditions], index };
    return new Map([[only, await readRows(model, call, selection, page)]]);
  }
  const groups = await model.aggregate<{ _id: string; rows: D[] }>(
    [
      {
        $match: {
          $and: [{ tenantId: call.tenantId }, { [parentField]: inList(parentIds) }, ...conditions, page.after].filter(
            isGiven,
          ),
        },
      },
      { $sort: { [parentField]: 1, ...sortOf(page.ordering) } },
      { $group: { _id: `$${parentField}`, rows: { $firstN: { n: page.first + 1, input: '$$ROOT' } } } },
      { $limit: parentIds.length },
    ],
    boundedAggregation(call, index),
  );
  return new Map(groups.map(({ _id, rows }) => [_id, rows]));
}

/** Takes parents; gives how many documents each has, by one query. */
export async function countRowsPerParent<D>(
  model: Model<D>,
  call: Call,
  { parentField, parentIds, conditions, index }: ByParent & { parentIds: readonly string[] },
): Promise<Map<string, number>> {
  const groups = await model.aggregate<{ _id: string; count: number }>(
    [
      {
        $match: {
          $and: [{ tenantId: call.tenantId }, { [parentField]: inList(parentIds) }, ...conditions].filter(isGiven),
        },
      },
      { $group: { _id: `$${parentField}`, count: { $sum: 1 } } },
      { $limit: parentIds.length },
    ],
    boundedAggregation(call, index),
  );
  return new Map(groups.map(({ _id, count }) => [_id, count]));
}

/** Takes keys and the field that holds them; gives the documents that have one, by one query. */
export async function readByKeys<D extends { _id: string }>(
  model: Model<D>,
  call: Call,
  { field, keys, index, limit }: { field: string; keys: readonly string[]; index: string; limit?: number },
): Promise<D[]> {
  const filter = { tenantId: call.tenantId, [field]: inList(keys) };
  return model.find(filter as never, undefined, bounded(call, index, limit ?? keys.length)).lean<D[]>();
}

function isGiven(condition: Condition): boolean {
  return Object.keys(condition).length > 0;
}
