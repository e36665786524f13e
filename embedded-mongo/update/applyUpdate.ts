// Update operators on one exactly decoded document. Fields that the update does not name keep their BSON types.
import { Timestamp } from 'bson';
import { MongoFault } from '../mongoFault.ts';
import { typeName } from '../query/typeNames.ts';
import { cloneValue } from '../values/bsonCodec.ts';
import { compareValues } from '../values/compare.ts';
import { type Doc, isDoc, isTruthy } from '../values/kinds.ts';
import { systemClock } from '../../platform/clock.ts';
import { applyBits, combine, isNumeric, zeroLike } from './arithmetic.ts';
import { applyToArray } from './arrayOperators.ts';
import { type PathContext, expandPath } from './expandPath.ts';
import { type Place, locate } from './place.ts';

const OPERATORS = new Set(
  '$set $unset $inc $mul $min $max $rename $setOnInsert $currentDate $push $addToSet $pull $pullAll $pop $bit'.split(
    ' ',
  ),
);
const WITHOUT_CREATION = new Set(['$unset', '$pull', '$pullAll', '$pop', '$rename']);

function conflicts(left: string, right: string): boolean {
  return left === right || left.startsWith(`${right}.`) || right.startsWith(`${left}.`);
}

function checkPath(path: string, others: readonly string[]): void {
  if (path === '') throw new MongoFault(56, 'An empty update path is not valid.');
  if (path.split('.').some((segment) => segment === '')) {
    throw new MongoFault(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  }
  const other = others.find((one) => conflicts(one, path));
  if (other !== undefined)
    throw new MongoFault(40, `Updating the path '${path}' would create a conflict at '${other}'`);
}

/** Throws MongoDB's code for an update that names an unknown operator, writes one path twice or is malformed. */
export function checkUpdate(update: Doc): void {
  const paths: string[] = [];
  for (const [operator, fields] of Object.entries(update)) {
    if (!OPERATORS.has(operator)) {
      throw new MongoFault(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDoc(fields))
      throw new MongoFault(9, `Modifiers operate on fields but we found type ${typeName(fields)} instead.`);
    for (const [path, argument] of Object.entries(fields)) {
      checkPath(path, paths);
      paths.push(path);
      if (operator === '$rename') {
        if (typeof argument !== 'string')
          throw new MongoFault(2, `The 'to' field for $rename must be a string: ${path}`);
        checkPath(argument, paths);
        paths.push(argument);
      }
      if ((operator === '$inc' || operator === '$mul') && !isNumeric(argument)) {
        throw new MongoFault(
          14,
          `Cannot ${operator === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${JSON.stringify(argument)}}`,
        );
      }
    }
  }
}

function calculate(operator: '$inc' | '$mul', place: Place, argument: unknown): void {
  const value = place.get();
  if (value === undefined) {
    place.set(operator === '$inc' ? argument : zeroLike(argument));
    return;
  }
  if (!isNumeric(value)) {
    throw new MongoFault(
      14,
      `Cannot apply ${operator} to a value of non-numeric type. The field '${place.path}' is of type ${typeName(value)}`,
    );
  }
  place.set(combine(operator, value, argument));
}

function currentDate(place: Place, argument: unknown): void {
  const type = isDoc(argument) ? argument['$type'] : isTruthy(argument) ? 'date' : undefined;
  const now = systemClock.now();
  if (type === 'date') place.set(now);
  else if (type === 'timestamp') place.set(new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 }));
  else throw new MongoFault(2, '$currentDate takes true, { $type: "date" } or { $type: "timestamp" }');
}

function applyAt(operator: string, place: Place, argument: unknown): void {
  switch (operator) {
    case '$set':
    case '$setOnInsert': {
      place.set(cloneValue(argument));
      return;
    }
    case '$unset': {
      place.remove();
      return;
    }
    case '$inc':
    case '$mul': {
      calculate(operator, place, argument);
      return;
    }
    case '$min':
    case '$max': {
      const value = place.get();
      const order = value === undefined ? 1 : compareValues(value, argument) * (operator === '$min' ? 1 : -1);
      if (order > 0) place.set(cloneValue(argument));
      return undefined;
    }
    case '$currentDate': {
      currentDate(place, argument);
      return;
    }
    case '$bit':
      if (!isDoc(argument)) throw new MongoFault(2, 'The $bit modifier needs an object');
      for (const [operation, mask] of Object.entries(argument)) {
        place.set(applyBits(place.get() ?? zeroLike(mask), operation, mask));
      }
      return undefined;
    default:
      applyToArray(operator, place, argument);
      return undefined;
  }
}

function rename(doc: Doc, from: string, to: string): void {
  const old = locate(doc, from.split('.'), false);
  const value = old?.get();
  if (!old || value === undefined) return;
  old.remove();
  locate(doc, to.split('.'), true)?.set(value);
}

/**
 * Applies a checked update to the document in place. `inserting` says whether the document is a new one of an upsert.
 * Throws MongoFault where the document does not allow the update.
 */
export function applyUpdate(doc: Doc, update: Doc, context: PathContext, inserting: boolean): void {
  for (const [operator, fields] of Object.entries(update)) {
    if (operator === '$setOnInsert' && !inserting) continue;
    for (const [path, argument] of Object.entries(fields as Doc)) {
      if (operator === '$rename') {
        rename(doc, path, String(argument));
        continue;
      }
      for (const segments of expandPath(doc, path.split('.'), context)) {
        const place = locate(doc, segments, !WITHOUT_CREATION.has(operator));
        if (place) applyAt(operator, place, argument);
      }
    }
  }
}
