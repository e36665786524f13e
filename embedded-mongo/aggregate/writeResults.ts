// `$out` and `$merge`: a pipeline's results into a collection, all in one write.
import type { CommandContext } from '../commands/command.ts';
import { MongoFault } from '../mongoFault.ts';
import { insertOne, upsertWhole } from '../commands/writing.ts';
import { decodeExact, encodeDoc } from '../values/bsonCodec.ts';
import { type Doc, isDoc } from '../values/kinds.ts';

/** Which stage writes, and its argument. */
interface ResultTarget {
  readonly stage: '$out' | '$merge';
  readonly target: unknown;
}

interface Named {
  readonly database: string;
  readonly name: string;
}

function targetOf(value: unknown, database: string): Named {
  if (typeof value === 'string') return { database, name: value };
  if (isDoc(value) && typeof value['coll'] === 'string') {
    return { database: typeof value['db'] === 'string' ? value['db'] : database, name: value['coll'] };
  }
  throw new MongoFault(9, 'the target collection has to be a string or { db, coll }');
}

function replaceAll(context: CommandContext, docs: readonly Uint8Array[], { database, name }: Named): void {
  const { access } = context;
  access.write(() => {
    const old = access.find(database, name);
    const specs = old?.indexes.filter((index) => index.name !== '_id_').map(({ spec }) => spec) ?? [];
    if (old) access.store.touchCatalog().drop(old);
    const collection = access.demand(database, name);
    for (const spec of specs) access.store.touchCatalog().addIndex(collection, spec, access.store.locks.writeCount);
    for (const bytes of docs) insertOne(access, collection, bytes);
  });
}

const MATCHED = new Set(['replace', 'keepExisting', 'merge', 'fail']);
const NOT_MATCHED = new Set(['insert', 'discard', 'fail']);

function merge(context: CommandContext, docs: readonly Uint8Array[], spec: Doc): void {
  const { access, database } = context;
  const target = targetOf(spec['into'], database);
  const on =
    typeof spec['on'] === 'string' ? [spec['on']] : Array.isArray(spec['on']) ? spec['on'].map(String) : ['_id'];
  const whenMatched = spec['whenMatched'] ?? 'merge';
  const whenNotMatched = spec['whenNotMatched'] ?? 'insert';
  if (typeof whenMatched !== 'string' || !MATCHED.has(whenMatched))
    throw new MongoFault(238, '$merge with this whenMatched is not supported by this server');
  if (typeof whenNotMatched !== 'string' || !NOT_MATCHED.has(whenNotMatched))
    throw new MongoFault(2, 'unknown whenNotMatched');
  access.write(() => {
    const collection = access.demand(target.database, target.name);
    const isUnique = collection.indexes.some(
      ({ unique, fields }) => unique && fields.length === on.length && fields.every(({ path }) => on.includes(path)),
    );
    if (!isUnique) throw new MongoFault(51_190, 'Cannot find index to verify that join fields will be unique');
    for (const bytes of docs)
      upsertWhole(access, collection, { doc: decodeExact(bytes), on, whenMatched, whenNotMatched });
  });
}

/** Reads all results, then writes them where the stage says. */
export function writeResults(
  context: CommandContext,
  results: Iterable<Uint8Array>,
  { stage, target }: ResultTarget,
): void {
  const docs = [...results].map((bytes) => encodeDoc(decodeExact(bytes)));
  if (stage === '$out') replaceAll(context, docs, targetOf(target, context.database));
  else merge(context, docs, isDoc(target) ? target : { into: target });
}
