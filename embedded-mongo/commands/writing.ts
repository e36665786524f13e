// What all writes share: documents get their _id first and checked, errors of single statements are collected.
import { ObjectId } from 'bson';
import type { Access } from '../access.ts';
import { MongoFault, codeName } from '../mongoFault.ts';
import { planSearch } from '../plan/search.ts';
import type { CollectionInfo } from '../store/catalogEntries.ts';
import { LockWait } from '../transactions/locks.ts';
import { DOCUMENT_BYTES_MAX, decodeExact, encodeDoc, tooLarge } from '../values/bsonCodec.ts';
import { compareValues } from '../values/compare.ts';
import { KIND, type Doc, isDoc, kindOf } from '../values/kinds.ts';
import { ownValue } from '../values/path.ts';
import { parseFilter } from './reading.ts';

const ID_KINDS_REFUSED = new Map<number, string>([
  [KIND.array, 'array'],
  [KIND.regex, 'regex'],
]);

function startsWithId(bytes: Uint8Array): boolean {
  return bytes[5] === 0x5f && bytes[6] === 0x69 && bytes[7] === 0x64 && bytes[8] === 0;
}

/** Takes a document; gives it with its _id first, a new one when it has none. Throws 53 for an _id that cannot be one. */
function withId(doc: Doc): Doc {
  const { _id: id = new ObjectId(), ...fields } = doc;
  const refused = ID_KINDS_REFUSED.get(kindOf(id));
  if (refused !== undefined) throw new MongoFault(53, `The '_id' value cannot be of type ${refused}`);
  return { _id: id, ...fields };
}

function checkFieldNames(doc: Doc): void {
  const name = Object.keys(doc).find((one) => one.startsWith('$'));
  if (name !== undefined)
    throw new MongoFault(52, `The dollar ($) prefixed field '${name}' is not allowed in the context of an insert.`);
}

/** Inserts a document that came as bytes; they are stored as they are when they begin with _id. */
export function insertOne(access: Access, collection: CollectionInfo, bytes: Uint8Array): void {
  if (bytes.length > DOCUMENT_BYTES_MAX) throw tooLarge(bytes.length);
  const doc = decodeExact(bytes);
  checkFieldNames(doc);
  if (startsWithId(bytes) && !ID_KINDS_REFUSED.has(kindOf(doc['_id'])) && doc['_id'] !== undefined) {
    access.writer.insert(collection, bytes, doc);
    return;
  }
  insertDoc(access, collection, doc);
}

/** Inserts a decoded document; gives it as it is stored. */
export function insertDoc(access: Access, collection: CollectionInfo, doc: Doc): Doc {
  const whole = withId(doc);
  access.writer.insert(collection, encodeDoc(whole), whole);
  return whole;
}

/** What `$merge` does with one result. */
interface WholeUpsert {
  readonly doc: Doc;
  readonly on: readonly string[];
  readonly whenMatched: string;
  readonly whenNotMatched: string;
}

/** Inserts a document or merges it into the one that has the same fields `on`. */
export function upsertWhole(
  access: Access,
  collection: CollectionInfo,
  { doc, on, whenMatched, whenNotMatched }: WholeUpsert,
): void {
  const whole = withId(doc);
  const filter = parseFilter(Object.fromEntries(on.map((path) => [path, { $eq: ownValue(whole, path) ?? null }])), {});
  const search = { filter, sort: [], hint: undefined, skip: 0, limit: 1 };
  const [found] = planSearch(collection, search, access.reader, () => undefined).found;
  if (!found) {
    if (whenNotMatched === 'fail')
      throw new MongoFault(13_113, '$merge could not find a matching document in the target collection');
    if (whenNotMatched === 'insert') access.writer.insert(collection, encodeDoc(whole), whole);
    return;
  }
  if (whenMatched === 'fail') throw new MongoFault(11_000, '$merge found a matching document in the target collection');
  if (whenMatched === 'keepExisting') return;
  const before = decodeExact(found.bytes);
  const after = whenMatched === 'merge' ? { ...before, ...doc, _id: before['_id'] } : { ...whole, _id: before['_id'] };
  access.writer.replace(collection, found.row, before, encodeDoc(after), after);
}

/** Throws 66 when an update would change _id. */
export function checkSameId(before: Doc, after: Doc): void {
  if (compareValues(before['_id'], after['_id']) === 0 && after['_id'] !== undefined) return;
  throw new MongoFault(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
}

/** The description of one statement's error in a write's reply. */
function writeError(index: number, error: MongoFault): Doc {
  return { index, code: error.code, codeName: codeName(error.code), errmsg: error.message, ...error.extra };
}

/** Errors that end the whole command instead of one statement. */
function endsCommand(error: unknown, access: Access): boolean {
  if (!(error instanceof MongoFault) || error instanceof LockWait) return true;
  return (
    access.transaction !== undefined ||
    error.code === 112 ||
    error.code === 50 ||
    error.code === 166 ||
    error.code === 73
  );
}

/** Runs statements one by one; gives the errors of those that failed. An ordered run ends with the first of them. */
export function runStatements<T>(
  access: Access,
  statements: readonly T[],
  ordered: boolean,
  run: (statement: T, at: number) => void,
): Doc[] {
  const errors: Doc[] = [];
  for (const [at, statement] of statements.entries()) {
    try {
      run(statement, at);
    } catch (error) {
      if (!(error instanceof MongoFault) || endsCommand(error, access)) throw error;
      errors.push(writeError(at, error));
      if (ordered) break;
    }
  }
  return errors;
}

/** Whether a value is a document whose first field is an operator. */
export function hasOperators(value: unknown): value is Doc {
  return isDoc(value) && (Object.keys(value)[0]?.startsWith('$') ?? false);
}
