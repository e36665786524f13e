// The files in which an operator registers operations: Apollo's manifest of persisted queries and Relay's map of ids to
// texts. Read whole or not at all, with every fault's place: half a list would lock clients out one by one.

/** Registered documents by their ids. */
export type OperationManifest = ReadonlyMap<string, string>;

/** The largest file, in bytes. */
export const MANIFEST_BYTES_MAX = 20_971_520;
/** How many operations all files together may hold. */
export const OPERATIONS_MAX = 10_000;
const ID_CHARACTERS_MAX = 256;
/** Faults that are told one by one; the rest is counted. */
const FAULTS_TOLD = 10;
const FORMAT = 'apollo-persisted-query-manifest';
const KINDS = ['query', 'mutation', 'subscription'];

/** Manifests are faulty: the message has one line for each fault. */
export class ManifestError extends Error {
  constructor(faults: readonly string[]) {
    const told = faults.slice(0, FAULTS_TOLD);
    if (faults.length > told.length) told.push(`and ${faults.length - told.length} more faults`);
    super(told.join('\n'));
    this.name = 'ManifestError';
  }
}

type Json = Readonly<Record<string, unknown>>;
type Entry = readonly [place: string, id: unknown, body: unknown];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readApollo(json: Json, faults: string[]): Entry[] {
  const { format, version, operations } = json;
  if (format !== FORMAT) faults.push(`format must be "${FORMAT}"`);
  if (version !== 1) faults.push('version must be 1');
  if (!Array.isArray(operations)) {
    faults.push('operations must be a list');
    return [];
  }
  return operations.map((operation: unknown, at): Entry => {
    const place = `operations[${at}]`;
    if (!isObject(operation)) return [place, undefined, undefined];
    const { id, name, type, body } = operation;
    if (typeof name !== 'string') faults.push(`${place}.name must be a text`);
    if (typeof type !== 'string' || !KINDS.includes(type))
      faults.push(`${place}.type must be one of ${KINDS.join(', ')}`);
    return [place, id, body];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes the text of a manifest; gives its entries. Adds a sentence to `faults` for each thing that is wrong. */
function readEntries(text: string, faults: string[]): Entry[] {
  const json = parseJson(text);
  if (!isObject(json)) {
    faults.push('it is not a JSON object');
    return [];
  }
  if ('format' in json || 'operations' in json) return readApollo(json, faults);
  return Object.entries(json).map(([id, body]): Entry => [JSON.stringify(id), id, body]);
}

/** Takes manifests' texts by their files; gives all documents. Throws ManifestError with every fault's file and place. */
export function readManifests(files: ReadonlyMap<string, string>): OperationManifest {
  const manifest = new Map<string, string>();
  const faults: string[] = [];
  for (const [file, text] of files) {
    const own: string[] = [];
    for (const [place, id, body] of readEntries(text, own)) {
      if (typeof id !== 'string' || id === '' || id.length > ID_CHARACTERS_MAX) {
        own.push(`${place}: the id must be a text of 1 to ${ID_CHARACTERS_MAX} characters`);
      } else if (typeof body !== 'string' || body.trim() === '') own.push(`${place}: the document must be a text`);
      else if ((manifest.get(id) ?? body) !== body) own.push(`${place}: the id stands for another document before`);
      else manifest.set(id, body);
    }
    faults.push(...own.map((fault) => `${file}: ${fault}`));
  }
  if (manifest.size > OPERATIONS_MAX) faults.push(`there are ${manifest.size} operations, more than ${OPERATIONS_MAX}`);
  if (faults.length > 0) throw new ManifestError(faults);
  return manifest;
}
