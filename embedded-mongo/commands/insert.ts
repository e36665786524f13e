// insert: documents are stored as the bytes they came in.
import { MongoFault } from '../mongoFault.ts';
import { type Command, collectionName } from './command.ts';
import { insertOne, runStatements } from './writing.ts';

const BATCH_MAX = 100_000;

/** The insert command. */
export const insert: Command = (context) => {
  const { access, body, database, sequences } = context;
  const name = collectionName(context);
  const given = sequences.get('documents') ?? body['documents'];
  if (!Array.isArray(given) || given.length === 0 || given.length > BATCH_MAX) {
    throw new MongoFault(16, `Write batch sizes must be between 1 and ${BATCH_MAX}`);
  }
  const docs = given as Uint8Array[];
  if (docs.some((doc) => !(doc instanceof Uint8Array))) throw new MongoFault(14, 'documents must be objects');
  const errors = access.write(() => {
    const collection = access.demand(database, name);
    return runStatements(access, docs, body['ordered'] !== false, (bytes) => insertOne(access, collection, bytes));
  });
  const attempted = errors.length > 0 && body['ordered'] !== false ? Number(errors[0]?.['index']) + 1 : docs.length;
  return { n: attempted - errors.length, ...(errors.length > 0 ? { writeErrors: errors } : {}), ok: 1 };
};
