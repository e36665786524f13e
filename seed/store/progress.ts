// How far a seed came, kept in the database: one record for each range of customers whose documents are all stored, with
// its sums, and one that says of how many customers the sums were written to campaigns and segments.
import { StartError } from '../../platform/lifecycle.ts';
import type { Stores } from './stores.ts';
import { addSums, NO_SUMS, type Sums } from '../make/sums.ts';
import type { World } from '../make/world.ts';

/** How many customers are made and stored together. */
const CHUNK_CUSTOMERS = 300;

/** Customers by number, `to` not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is stored of a world. */
export interface Progress {
  readonly ranges: readonly Range[];
  /** Of how many customers the sums are in campaigns and segments. */
  readonly summedCount: number;
}

interface RangeRecord extends Range {
  readonly _id: string;
  readonly tenantId: string;
  readonly seed: number;
  readonly until: Date;
  readonly sums: Sums;
}

interface SummedRecord {
  readonly _id: string;
  readonly summedCount: number;
}

function summedId({ tenantId, seed }: World): string {
  return `${tenantId}:${seed}:summed`;
}

/** Gives what is stored of a world. Throws StartError when its customers were made up to another day. */
export async function readProgress({ progress }: Stores, world: World): Promise<Progress> {
  const { tenantId, seed, untilMs } = world;
  const records = (await progress
    .find({ tenantId, seed }, { projection: { sums: 0 }, sort: { from: 1 } })
    .toArray()) as unknown as Omit<RangeRecord, 'sums'>[];
  const other = records.find(({ until }) => until.getTime() !== untilMs);
  if (other !== undefined) {
    throw new StartError(
      `this database was seeded with --until ${other.until.toISOString()}; give the same, another --seed, or another CRM_DATABASE_PREFIX`,
    );
  }
  const summed = (await progress.findOne({ _id: summedId(world) as never })) as SummedRecord | null;
  return { ranges: records.map(({ from, to }) => ({ from, to })), summedCount: summed?.summedCount ?? 0 };
}

/** Gives how many customers some ranges hold. */
export function customersIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Takes the ranges that are stored and how many customers there should be; gives the ranges that are missing. */
export function missingRanges(stored: readonly Range[], customerCount: number): Range[] {
  const chunkCount = Math.ceil(customerCount / CHUNK_CUSTOMERS);
  const doneTo = new Map<number, number>();
  for (const { from, to } of stored) {
    const chunk = Math.floor(from / CHUNK_CUSTOMERS);
    doneTo.set(chunk, Math.max(to, doneTo.get(chunk) ?? 0));
  }
  return Array.from({ length: chunkCount }, (_, chunk) => ({
    from: doneTo.get(chunk) ?? chunk * CHUNK_CUSTOMERS,
    to: Math.min((chunk + 1) * CHUNK_CUSTOMERS, customerCount),
  })).filter(({ from, to }) => from < to);
}

/** Writes down that a range is stored. Writing it again changes nothing. */
export async function recordRange(
  { progress }: Stores,
  world: World,
  { from, to, sums }: Range & { sums: Sums },
): Promise<void> {
  const { tenantId, seed, untilMs } = world;
  const _id = `${tenantId}:${seed}:${from}`;
  const record: RangeRecord = { _id, tenantId, seed, until: new Date(untilMs), from, to, sums };
  await progress.replaceOne({ _id: _id as never }, record, { upsert: true });
}

/** Gives the sums of all ranges that are stored, and of how many customers they are. */
export async function readSums(
  { progress }: Stores,
  { tenantId, seed }: World,
): Promise<{ sums: Sums; summedCount: number }> {
  let [sums, summedCount] = [NO_SUMS, 0];
  for await (const entry of progress.find({ tenantId, seed }, { sort: { from: 1 } })) {
    const record = entry as unknown as RangeRecord;
    sums = addSums(sums, record.sums);
    summedCount += record.to - record.from;
  }
  return { sums, summedCount };
}

/** Writes down of how many customers the sums are in campaigns and segments. */
export async function recordSummed({ progress }: Stores, world: World, summedCount: number): Promise<void> {
  const _id = summedId(world);
  await progress.replaceOne({ _id: _id as never }, { _id, summedCount }, { upsert: true });
}
