// Reads the use of the schema from the gateway's database, for the command line and the registry. Writes nothing.
import mongoose, { type Connection } from 'mongoose';
import type { UsageExport } from '../contracts/usageExport.ts';
import { gatewayDatabaseOf, hostsOf, type GatewayDatabaseConfig } from '../platform/gatewayDatabase.ts';
import { StartError } from '../platform/lifecycle.ts';
import { gapsOf } from './coveredTime.ts';
import { UsageSum } from './sumUsage.ts';
import {
  BUCKET_MS,
  USAGE_COLLECTIONS,
  type BucketDocument,
  type OperationDocument,
  type ProcessDocument,
} from './usageDocuments.ts';

const SELECTION_TIMEOUT_MS = 5_000;
const BATCH = 2_000;
/** How many ids one query asks for. */
const IDS_MAX = 1_000;

/** A time whose use is read; both ends are moved outward to whole minutes. */
export interface UsagePeriod {
  readonly from: Date;
  readonly to: Date;
}

/** Told now and then while reading: how many minutes of callers were read so far. */
type UsageProgress = (buckets: number) => void;

/** Opens the gateway’s database for reading. Rejects with StartError where none answers. */
export async function connectForUsage(config: GatewayDatabaseConfig): Promise<Connection> {
  const { uri, database } = gatewayDatabaseOf(config);
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    maxPoolSize: 2,
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close();
    throw new StartError(`no MongoDB answers at ${hostsOf(uri)}; start it, or correct CRM_KEYS_URI or MONGODB_URI`, {
      cause: error,
    });
  }
}

async function readOperations(connection: Connection, ids: readonly string[]): Promise<Map<string, OperationDocument>> {
  const collection = connection.collection<OperationDocument>(USAGE_COLLECTIONS.operations);
  const found = new Map<string, OperationDocument>();
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const cursor = collection.find({ _id: { $in: ids.slice(at, at + IDS_MAX) } }, { batchSize: BATCH });
    for await (const document of cursor) found.set(document._id, document);
  }
  return found;
}

async function readBuckets(connection: Connection, { from, to }: UsagePeriod, onProgress: UsageProgress) {
  const sum = new UsageSum();
  const collection = connection.collection<BucketDocument>(USAGE_COLLECTIONS.buckets);
  let buckets = 0;
  for await (const bucket of collection.find({ at: { $gte: from, $lt: to } }, { batchSize: BATCH })) {
    sum.add(bucket);
    buckets += 1;
    if (buckets % BATCH === 0) onProgress(buckets);
  }
  onProgress(buckets);
  return sum;
}

/** Takes an open connection to the gateway's database; gives what was asked in a time, as the file of an export has it. */
export async function readUsageFrom(
  connection: Connection,
  period: UsagePeriod,
  onProgress: UsageProgress = () => undefined,
): Promise<UsageExport> {
  const from = new Date(Math.floor(period.from.getTime() / BUCKET_MS) * BUCKET_MS);
  const to = new Date(Math.ceil(period.to.getTime() / BUCKET_MS) * BUCKET_MS);
  const sum = await readBuckets(connection, { from, to }, onProgress);
  const operations = await readOperations(connection, [...sum.operations()]);
  const lived = { startedAt: { $lt: to }, beatAt: { $gte: from } };
  const processes = await connection.collection<ProcessDocument>(USAGE_COLLECTIONS.processes).find(lived).toArray();
  return {
    formatVersion: 1,
    from: from.toISOString(),
    to: to.toISOString(),
    // What is still to come of the last minute is no gap.
    gaps: gapsOf(processes, from, period.to),
    requests: sum.requests,
    rows: sum.rows(operations),
  };
}

/** Takes the settings and a time; gives what was asked in it. Throws StartError where no database answers. */
export async function readUsage(
  config: GatewayDatabaseConfig,
  period: UsagePeriod,
  onProgress?: UsageProgress,
): Promise<UsageExport> {
  const connection = await connectForUsage(config);
  try {
    return await readUsageFrom(connection, period, onProgress);
  } finally {
    await connection.close();
  }
}
