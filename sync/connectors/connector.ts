// The port to an outside source: what the run engine (`runSource.ts`) needs of one, and nothing more. A kind of source
// stands in one file beside this one and is named in `openConnector.ts`; `conformance.ts` is the suite that each passes.
import type { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';

/** The most items of one batch: what one mutation of a subgraph takes. */
export const BATCH_ITEMS_MAX = 100;

/** The largest record that is taken: a longer one is broken. */
export const RECORD_BYTES_MAX = 1_048_576;

/** One record of a source. */
export interface SourceRecord {
  /** Where it stands in its source, for people and for the reject file: `line 17`, or the row's key. */
  readonly place: string;
  /** Its values by column: texts, numbers, booleans, Dates, null, or lists and objects of these. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A record that cannot be read; it does not stop the others. */
export interface BrokenRecord {
  readonly place: string;
  /** Why, in words for people; never holds a secret. */
  readonly reason: string;
}

/** A source's own bookmark: plain JSON, kept by the run engine and given back as it was. */
export type SourceState = Readonly<Record<string, unknown>>;

/** Up to BATCH_ITEMS_MAX records, and where reading goes on when all of them are written. May hold no items. */
export interface ReadBatch {
  readonly items: readonly (SourceRecord | BrokenRecord)[];
  readonly state: SourceState;
  /** More of what was read at once follows, and its state is still from before that: no run may end here for a limit. */
  readonly isPart?: true;
  /** How many bytes were read for it, as nearly as the source can tell. */
  readonly byteCount: number;
}

/** What a source has. */
export interface Discovered {
  readonly columns: readonly string[];
  /** Whether every record has all of these columns and no other: a missing one is then a change of the source. */
  readonly isComplete: boolean;
}

/** A source, opened for one run. Every method throws SourceFault where the source cannot be read. */
export interface Connector {
  /** Sees whether the source can be reached and read as it is configured. */
  check(signal: AbortSignal): Promise<void>;
  /** Looks which columns there are. */
  discover(signal: AbortSignal): Promise<Discovered>;
  /**
   * Reads on from a state of an earlier batch, or from the beginning without one. A state that fits the source no more
   * (another file) means the beginning. Ends when all is read that there is now. Holds a bounded amount in memory.
   */
  read(state: SourceState | undefined, signal: AbortSignal): AsyncIterable<ReadBatch>;
  close(): Promise<void>;
}

/** A secret as a configuration names it: never by its value. */
export type SecretName = { readonly file: string } | { readonly env: string };

/** What a connector gets beside its options. */
export interface ConnectorContext {
  readonly clock: Clock;
  /** The folder of the configuration: relative paths start there. */
  readonly basePath: string;
  /** The columns that the mapping reads. */
  readonly columns: readonly string[];
  /** Reads a secret. Throws SourceFault where there is none. */
  readSecret(name: SecretName): string;
}

/** A kind of source. */
export interface ConnectorKind<Options> {
  /** The shape of its options in the configuration. */
  readonly spec: z.ZodType<Options>;
  /** Whether its values are all texts, as those of a CSV file. */
  readonly isText: boolean;
  /** Opens a source; connects when it is first asked. */
  open(options: Options, context: ConnectorContext): Connector;
}

/** A source cannot be read: an expected fault, with a message for people that holds no secret. */
export class SourceFault extends Error {}

/** Says whether a record could not be read. */
export function isBroken(item: SourceRecord | BrokenRecord): item is BrokenRecord {
  return 'reason' in item;
}
