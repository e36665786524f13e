// update and delete: their statements one after the other, all in one write.
import { MongoFault } from '../mongoFault.ts';
import { parseSort } from '../plan/sortSpec.ts';
import { decodeExact, toPlain } from '../values/bsonCodec.ts';
import { type Doc, asNumber, isDoc, isTruthy } from '../values/kinds.ts';
import { type Command, type CommandContext, collectionName, docField, letField, refuseCollation } from './command.ts';
import { changeOne, compileChange, findTargets, targetOf, upsertOne } from './modify.ts';
import { hasOperators, runStatements } from './writing.ts';

function statementsOf({ body, sequences }: CommandContext, name: string): Doc[] {
  const given: unknown = sequences.get(name)?.map((bytes) => decodeExact(bytes)) ?? body[name];
  if (!Array.isArray(given) || given.length === 0)
    throw new MongoFault(16, 'Write batch sizes must be between 1 and 100000');
  return (given as unknown[]).map((statement) => {
    if (!isDoc(statement)) throw new MongoFault(14, `BSON field '${name}' must be an array of objects`);
    return statement;
  });
}

interface Tally {
  matched: number;
  modified: number;
  readonly upserted: Doc[];
}

function runUpdate(context: CommandContext, statement: Doc, at: number, tally: Tally): void {
  refuseCollation(statement);
  const { access, database } = context;
  const variables = { ...letField(context.body), ...toPlain(docField(statement, 'c')) };
  const target = targetOf(docField(statement, 'q'), variables, parseSort(statement['sort']), statement['hint']);
  const multi = isTruthy(statement['multi']);
  const spec = { update: statement['u'], arrayFilters: statement['arrayFilters'], variables };
  const change = compileChange(target.filter, spec);
  if (multi && isDoc(spec.update) && !hasOperators(spec.update)) {
    throw new MongoFault(9, 'multi update is not supported for replacement-style update');
  }
  const name = collectionName(context);
  const known = access.find(database, name);
  if (known?.view) throw new MongoFault(166, `Namespace ${database}.${name} is a view, not a collection`);
  const found = known ? findTargets(context, known, target, multi) : [];
  if (known) {
    for (const one of found) {
      tally.matched += 1;
      if (changeOne(context, known, one, change).modified) tally.modified += 1;
    }
  }
  if (found.length > 0 || !isTruthy(statement['upsert'])) return;
  const made = upsertOne(context, access.demand(database, name), target.filter, spec);
  tally.upserted.push({ index: at, _id: made['_id'] });
}

/** The update command. */
export const update: Command = (context) => {
  const { access, body } = context;
  const statements = statementsOf(context, 'updates');
  return access.write(() => {
    const tally: Tally = { matched: 0, modified: 0, upserted: [] };
    const errors = runStatements(access, statements, body['ordered'] !== false, (statement, at) =>
      runUpdate(context, statement, at, tally),
    );
    const { matched, modified, upserted } = tally;
    return {
      n: matched + upserted.length,
      nModified: modified,
      ...(upserted.length > 0 ? { upserted } : {}),
      ...(errors.length > 0 ? { writeErrors: errors } : {}),
      ok: 1,
    };
  });
};

function runDelete(context: CommandContext, statement: Doc): number {
  refuseCollation(statement);
  const { access, database } = context;
  const target = targetOf(docField(statement, 'q'), letField(context.body), [], statement['hint']);
  const limit = asNumber(statement['limit']);
  if (limit !== 0 && limit !== 1)
    throw new MongoFault(9, 'The limit field in delete objects must be 0 or 1. Got ' + String(limit));
  const collection = access.find(database, collectionName(context));
  if (!collection) return 0;
  if (collection.view)
    throw new MongoFault(166, `Namespace ${database}.${collection.name} is a view, not a collection`);
  const found = findTargets(context, collection, target, limit === 0);
  for (const { row, bytes, doc } of found) access.writer.remove(collection, row, doc ?? decodeExact(bytes));
  return found.length;
}

/** The delete command. */
export const remove: Command = (context) => {
  const { access, body } = context;
  const statements = statementsOf(context, 'deletes');
  return access.write(() => {
    let removed = 0;
    const errors = runStatements(access, statements, body['ordered'] !== false, (statement) => {
      removed += runDelete(context, statement);
    });
    return { n: removed, ...(errors.length > 0 ? { writeErrors: errors } : {}), ok: 1 };
  });
};
