// How far each source was read: a document a source in `<prefix>_sync`, written after the target has committed. Under
// a lease it is written in one transaction with the proof of it, so that a paused old holder moves nothing.
import mongoose, { type Connection } from 'mongoose';
import type { HeldLease } from '../../lease/lease.ts';
import type { SourceState } from '../connector.ts';

/** What is kept of a source. */
export interface SavedSource {
  /** The state of the connector; null: not read yet, or to be read from the beginning. */
  readonly state: SourceState | null;
  /** Drawn anew for each reading from where the one before had ended: keys of idempotency hold within it alone. */
  readonly generation: string;
  /** Whether the last run read all there was. */
  readonly isComplete: boolean;
  /** How long the reject file of this generation was at this state, in bytes. */
  readonly rejectBytes: number;
  /** What was read, and into what: another pair begins anew. */
  readonly kind: string;
}

/** That this process may still run the source: the lease that the scheduler holds. */
export type RunFence = Pick<HeldLease, 'fence' | 'isHeld' | 'prove'>;

/** Where states are kept. */
export interface SourceStates {
  load(name: string): Promise<SavedSource | undefined>;
  save(name: string, saved: SavedSource, fence: RunFence | undefined): Promise<void>;
}

const COLLECTION = 'source_states';

interface StateDocument extends Omit<SavedSource, 'state'> {
  readonly _id: string;
  /** JSON: a state may have names that MongoDB's paths do not take. */
  readonly state: string | null;
}

/** Takes the connection to `<prefix>_sync`; gives the states kept there. */
export function openSourceStates(connection: Connection): SourceStates {
  const documents = connection.collection<StateDocument>(COLLECTION);
  return {
    async load(name) {
      const document = await documents.findOne({ _id: name });
      if (document === null) return undefined;
      const { state, generation, isComplete, rejectBytes, kind } = document;
      const read = state === null ? null : (JSON.parse(state) as SourceState);
      return { state: read, generation, isComplete, rejectBytes, kind };
    },
    async save(name, saved, fence) {
      const document = { ...saved, state: saved.state === null ? null : JSON.stringify(saved.state) };
      if (fence === undefined) {
        await documents.replaceOne({ _id: name }, document, { upsert: true });
        return;
      }
      await connection.withSession((session) =>
        session.withTransaction(async () => {
          await fence.prove(session);
          await documents.replaceOne({ _id: name }, document, { upsert: true, session });
        }),
      );
    },
  };
}

/** Takes the server's URI and the prefix of the databases; gives the connection to `<prefix>_sync`. */
export function openSyncDatabase(uri: string, prefix: string): Promise<Connection> {
  const options = { dbName: `${prefix}_sync`, autoIndex: false, autoCreate: false, serverSelectionTimeoutMS: 5_000 };
  return mongoose.createConnection(uri, { ...options, writeConcern: { w: 'majority' } }).asPromise();
}
