// Refuses, before anything is read, pipelines that this server cannot answer as MongoDB would.
import { isKnownStage } from '../evaluate.ts';
import { MongoFault } from '../mongoFault.ts';
import { type Doc, asNumber, isDoc } from '../values/kinds.ts';

const UNSUPPORTED = new Set([
  '$changeStream',
  '$collStats',
  '$currentOp',
  '$geoNear',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$planCacheStats',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$listSampledQueries',
  '$shardedDataDistribution',
  '$documents',
  '$merge',
  '$out',
]);
const SCRIPTS = new Set(['$function', '$accumulator', '$where']);

/** Takes a stage; gives its name and its argument, or an empty name. */
export function stageOf(stage: Doc | undefined): readonly [string, unknown] {
  const [entry] = Object.entries(stage ?? {});
  return entry ?? ['', undefined];
}

/** Throws MongoFault 2 when server-side JavaScript stands anywhere in a value. */
export function refuseScripts(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refuseScripts);
  if (!isDoc(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (SCRIPTS.has(name)) throw new MongoFault(2, `${name} is not allowed: server-side JavaScript is disabled`);
    if (name !== '$literal') refuseScripts(inner);
  }
}

function checkNumber(name: string, value: unknown): void {
  const number = asNumber(value);
  if (number === undefined || !Number.isInteger(number))
    throw new MongoFault(2_107_201, `invalid argument to ${name} stage: Expected an integer`);
  if (name === '$limit' && number <= 0) throw new MongoFault(15_958, 'the limit must be positive');
  if (number < 0) throw new MongoFault(5_107_200, `invalid argument to ${name} stage: Expected a non-negative number`);
}

/** Throws 40323 for a malformed stage, 40324 for an unknown one, 238 for one that only MongoDB has. */
export function checkStages(pipeline: readonly Doc[]): void {
  for (const stage of pipeline) {
    const [name, argument] = stageOf(stage);
    if (!isDoc(stage) || Object.keys(stage).length !== 1) {
      throw new MongoFault(40_323, 'A pipeline stage specification object must contain exactly one field.');
    }
    if (name === '$changeStream') {
      throw new MongoFault(40_573, 'The $changeStream stage is only supported on replica sets');
    }
    if (UNSUPPORTED.has(name)) throw new MongoFault(238, `${name} is not supported by this server here`);
    if (!isKnownStage(name)) throw new MongoFault(40_324, `Unrecognized pipeline stage name: '${name}'`);
    if (name === '$limit' || name === '$skip') checkNumber(name, argument);
    if (name === '$facet' && isDoc(argument)) for (const inner of Object.values(argument)) checkStages(inner as Doc[]);
    refuseScripts(argument);
  }
}
