// How the use of a schema lies in the gateway's database: what the gateway writes (gateway/usage) and the command line and
// the registry read. One document a minute, caller and gateway process, written whole again while its minute lasts:
// writing it twice changes nothing, so that a write whose answer was lost is repeated without counting anything twice.

/** The collections. */
export const USAGE_COLLECTIONS = {
  buckets: 'usageBuckets',
  operations: 'usageOperations',
  processes: 'usageProcesses',
} as const;

/** How long a bucket is. */
export const BUCKET_MS = 60_000;

/** The hash of operations beyond the bound of a minute: counted by what they asked, without their texts. */
export const OTHER_OPERATIONS = 'other';

/** Callers that say no name, or one that is not kept. */
export const UNKNOWN_CLIENT = 'unknown';

/** Who asked, in a document. */
export interface StoredCaller {
  readonly kind: 'key' | 'client';
  readonly name: string;
  readonly version?: string;
}

/** How often one caller sent one operation in a minute. */
export interface StoredCount {
  /** The `_id` of an operation's document. */
  readonly operation: string;
  readonly count: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** What single requests asked beside what their operation always asks, by their variables: coordinates. */
  readonly elements?: readonly string[];
  /** How often each of them; in a list of its own, as objects would cost the gateway twice the time to write. */
  readonly elementCounts?: readonly number[];
}

/** One minute of one caller at one gateway process. */
export interface BucketDocument {
  readonly _id: string;
  /** When the minute began. */
  readonly at: Date;
  readonly process: string;
  readonly caller: StoredCaller;
  readonly contract?: string;
  readonly requests: number;
  readonly operations: readonly StoredCount[];
  readonly expiresAt: Date;
}

/** An operation, and what it asks whatever its variables are. */
export interface OperationDocument {
  /** Of the text's hash, the name and the coordinates: a text asks for other things when the schema changes. */
  readonly _id: string;
  readonly hash: string;
  readonly name?: string;
  readonly coordinates: readonly string[];
}

/** A time whose counts a process lost, and how many requests it knows of. */
export interface LostTime {
  readonly from: Date;
  readonly to: Date;
  readonly requests: number;
}

/** A gateway process: what was asked of it from its start to its last beat is written, but for what it lost. */
export interface ProcessDocument {
  readonly _id: string;
  readonly startedAt: Date;
  /** Everything before this moment is written. */
  readonly beatAt: Date;
  readonly lost: readonly LostTime[];
  readonly expiresAt: Date;
}
