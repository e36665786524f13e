// Reads sync.yaml: which sources there are, what becomes of their records, when they run. All that can be wrong is found
// here, before anything runs, with file, line and column; all faults at once.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartError } from '../../platform/lifecycle.ts';
import {
  CONFIG_SHAPE,
  readShape,
  SOURCE_SHAPE,
  type RunLimits,
  type ScheduleDefinition,
  type SourceShape,
} from './config/configShape.ts';
import { CronFault, readCron } from '../scheduler/cron.ts';
import { describeUnknown } from './config/nearestName.ts';
import { parsePositioned, type ConfigFault, type Path } from './config/positionedYaml.ts';
import { TARGETS, type Target } from './config/targets.ts';
import type { Connector, ConnectorContext } from './connector.ts';
import { compileMapping, type CompiledMapping } from './mapping/compileMapping.ts';
import { readInputTypes, type InputTypes } from './mapping/inputTypes.ts';
import { isTimeZone } from './mapping/moments.ts';
import { CONNECTOR_KINDS } from './openConnector.ts';

/** One source, checked and ready to run. */
export interface SourceDefinition {
  /** Its name in the configuration: state, history and rejects are kept under it. */
  readonly name: string;
  readonly connector: string;
  /** What its records are to the graph: the `source` of their external references. */
  readonly source: string;
  readonly target: Target;
  readonly mapping: CompiledMapping;
  readonly schedule: ScheduleDefinition | undefined;
  readonly limits: RunLimits;
  /** The folder of the configuration. */
  readonly basePath: string;
  /** Opens the source for one run. */
  open(context: Pick<ConnectorContext, 'clock' | 'readSecret'>): Connector;
}

/** A configuration, checked. */
export interface SyncConfig {
  readonly path: string;
  readonly sources: ReadonlyMap<string, SourceDefinition>;
}

const PAGE = 'docs/connectors.md';
const schemas = new Map<string, InputTypes>();

function typesOf(subgraph: string): InputTypes {
  let types = schemas.get(subgraph);
  if (types === undefined) {
    const file = new URL(`../../subgraphs/${subgraph}/schema.graphql`, import.meta.url);
    types = readInputTypes(readFileSync(file, 'utf8'));
    schemas.set(subgraph, types);
  }
  return types;
}

/** The mapping with what stands outside of `fields`: the key and the name of the source. */
function wholeMapping(shape: SourceShape, target: Target, source: string, at: (fault: ConfigFault) => void): object {
  const whole: Record<string, unknown> = { ...shape.fields };
  if (target.sourceField !== undefined) {
    if (target.sourceField in whole) at({ path: ['fields', 'source'], message: 'stands beside fields: source: NAME' });
    whole[target.sourceField] = { constant: source };
  }
  if (shape.externalId === undefined) {
    const isNamed = target.keyField in whole;
    if (!isNamed)
      at({ path: [], message: `externalId is missing: name the column that has the key (${target.keyField})` });
  } else if (target.keyField in whole) {
    at({ path: ['fields', target.keyField], message: `${target.keyField} is what externalId gives: name it once` });
  } else {
    whole[target.keyField] = shape.externalId;
  }
  return whole;
}

/** What can be checked of a source whose shape is faulty: its options and its mapping, as far as they are there. */
function salvage(given: unknown): SourceShape {
  const raw = typeof given === 'object' && given !== null ? { ...given } : {};
  const objectOf = (name: string): Record<string, unknown> => {
    const value: unknown = Reflect.get(raw, name);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  };
  const connector = String(Reflect.get(raw, 'connector'));
  const target = String(Reflect.get(raw, 'target'));
  const externalId: unknown = Reflect.get(raw, 'externalId');
  return {
    connector,
    target,
    options: objectOf('options'),
    fields: objectOf('fields'),
    externalId,
    limits: { minutes: 1 },
  };
}

function checkSchedule({ cron, timeZone }: ScheduleDefinition, add: (fault: ConfigFault) => void): void {
  if (!isTimeZone(timeZone)) {
    add({
      path: ['schedule', 'timeZone'],
      message: `"${timeZone}" is no time zone: expected a name like Europe/Berlin`,
    });
    return;
  }
  try {
    readCron(cron, timeZone);
  } catch (error) {
    if (!(error instanceof CronFault)) throw error;
    add({ path: ['schedule', 'cron'], message: error.message });
  }
}

function defineSource(
  name: string,
  given: unknown,
  basePath: string,
  faults: ConfigFault[],
): SourceDefinition | undefined {
  const path: Path = ['sources', name];
  const shape = readShape(given, SOURCE_SHAPE, path, faults) ?? salvage(given);
  const add = (fault: ConfigFault): void => void faults.push({ ...fault, path: [...path, ...fault.path] });
  const kind = CONNECTOR_KINDS[shape.connector];
  const target = TARGETS[shape.target];
  if (shape.schedule !== undefined) checkSchedule(shape.schedule, add);
  if (kind === undefined) {
    add({
      path: ['connector'],
      message: describeUnknown(shape.connector, 'kind of source', Object.keys(CONNECTOR_KINDS)),
    });
  }
  if (target === undefined) {
    add({ path: ['target'], message: describeUnknown(shape.target, 'target', Object.keys(TARGETS)) });
  }
  const options = kind && readShape(shape.options, kind.spec, [...path, 'options'], faults);
  if (target === undefined) return undefined;
  const source = shape.source ?? name;
  const whole = wholeMapping(shape, target, source, add);
  const found: ConfigFault[] = [];
  const context = { types: typesOf(target.subgraph), isText: kind?.isText ?? false, faults: found };
  const mapping = compileMapping(whole, target.inputType, ['fields'], context);
  for (const { path: place, message } of found) {
    // The key is mapped like a field, and stands beside them.
    const isOfKey = shape.externalId !== undefined && place[1] === target.keyField;
    add({ path: isOfKey ? ['externalId', ...place.slice(2)] : place, message });
  }
  if (kind === undefined || options === undefined) return undefined;
  return {
    ...{
      name,
      connector: shape.connector,
      source,
      target,
      mapping,
      schedule: shape.schedule,
      limits: shape.limits,
      basePath,
    },
    open: ({ clock, readSecret }) => kind.open(options, { clock, readSecret, basePath, columns: mapping.columns }),
  };
}

/** Takes a file's text and path; gives the configuration, or one line for each fault. */
export function checkSyncConfig(text: string, path: string): SyncConfig | { readonly faults: readonly string[] } {
  const document = parsePositioned(text);
  if ('faults' in document) {
    return { faults: document.faults.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`) };
  }
  const faults: ConfigFault[] = [];
  const shape = readShape(document.value ?? {}, CONFIG_SHAPE, [], faults);
  const basePath = dirname(resolve(path));
  const sources = Object.entries(shape?.sources ?? {}).map(([name, each]) =>
    defineSource(name, each, basePath, faults),
  );
  if (faults.length > 0) {
    const placed = faults.map(({ path: place, message }) => ({ ...document.placeOf(place), message }));
    placed.sort((left, right) => left.line - right.line || left.column - right.column);
    return { faults: placed.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`) };
  }
  const defined = sources.filter((each) => each !== undefined);
  return { path, sources: new Map(defined.map((each) => [each.name, each])) };
}

/** Takes the path of a sync.yaml; gives the configuration. Throws StartError with every fault, one a line. */
export function readSyncConfig(path: string): SyncConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const checked = checkSyncConfig(text, path);
  if ('sources' in checked) return checked;
  throw new StartError(`${checked.faults.join('\n')}\nwhat may stand in it is in ${PAGE}`);
}
