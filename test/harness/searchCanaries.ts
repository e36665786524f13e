// What every graph of a test run is searched for when it stops: no secret of a key, no personal value, in any database
// but its owner's, in what processes wrote, in metrics, or in errors that clients got. So no test has to ask for it.
import { Kind, parse, type ConstDirectiveNode, type DefinitionNode } from 'graphql';
import { readFile } from 'node:fs/promises';
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { CANARY_LENGTH_MIN, CanarySearch, type Canary } from './canarySearch.ts';
import type { StartedProcess } from './startProcess.ts';

/** A database of a server. */
export interface SearchedDatabase {
  readonly uri: string;
  readonly name: string;
  /** Whether it is where personal data belongs. */
  readonly isOwner?: boolean;
}

/** What is searched, and for what. */
export interface Searched {
  readonly canaries: readonly Canary[];
  readonly databases: readonly SearchedDatabase[];
  /** What was written or answered, by its place. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Shared by so many people that they tell nothing of one. */
const SHARED_FIELDS: ReadonlySet<string> = new Set(['city', 'countryCode']);
const PERSONAL = 'personal';
const METRICS_URL = /"url":"([^"]*\/metrics)"/;

const isPersonal = ({ name, arguments: given = [] }: ConstDirectiveNode): boolean =>
  name.value === 'tag' && given.some(({ value }) => value.kind === Kind.STRING && value.value === 'pii');

function personalFieldsOf(definition: DefinitionNode): string[] {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value === 'Query') return [];
  return (definition.fields ?? []).flatMap(({ name, directives = [] }) =>
    directives.some(isPersonal) ? [name.value, `${name.value}Folded`] : [],
  );
}

function* leavesOf(value: unknown, name: string): Generator<Canary> {
  if (typeof value === 'string' && value.length >= CANARY_LENGTH_MIN)
    yield { kind: `${PERSONAL} ${name}`, text: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    if (!SHARED_FIELDS.has(key)) yield* leavesOf(inner, `${name}.${key}`);
}

/** Takes the schema of the subgraph that owns personal data, and its database; gives all of it that is unmistakable. */
export async function readPersonal(schema: URL, { uri, name }: SearchedDatabase): Promise<Canary[]> {
  const fields = parse(await readFile(schema, 'utf8')).definitions.flatMap(personalFieldsOf);
  const connection = await openDatabase(uri, name);
  const found: Canary[] = [];
  for (const { name: collection } of await connection.listCollections()) {
    const projection = Object.fromEntries(fields.map((field) => [field, 1]));
    const options = { projection: { ...projection, _id: 0 } };
    for await (const document of connection.collection(collection).find({}, options)) {
      for (const field of fields) found.push(...leavesOf(document[field], field));
    }
  }
  await connection.close();
  return found;
}

/** Takes texts of keys; gives their secrets. */
export function secretsOf(keys: readonly string[]): Canary[] {
  return keys.map((key) => ({ kind: 'the secret of a key', text: parseApiKey(key)?.secret ?? key }));
}

/** Gives what the processes that run serve as metrics: nothing for one that has no port for them. */
export async function readMetrics(processes: readonly StartedProcess[]): Promise<string> {
  const texts = processes.map(async (process) => {
    const [, url] = METRICS_URL.exec(process.output()) ?? [];
    if (url === undefined || process.child.exitCode !== null || process.child.signalCode !== null) return '';
    return (await fetch(url)).text();
  });
  return (await Promise.all(texts)).join('\n');
}

async function searchDatabase(search: CanarySearch, { uri, name, isOwner }: SearchedDatabase): Promise<string[]> {
  const connection = await openDatabase(uri, name);
  const told: string[] = [];
  for (const { name: collection } of await connection.listCollections()) {
    // As they are kept, without being read: most of the time would go there.
    const documents = connection.getClient().db(name).collection(collection).find({}, { raw: true, batchSize: 1_000 });
    for await (const document of documents) {
      for (const { kind, excerpt } of search.find(document as unknown as Buffer))
        if (isOwner !== true || !kind.startsWith(PERSONAL))
          told.push(`${kind} in the collection ${name}.${collection}: ${excerpt}`);
    }
  }
  await connection.close();
  return told;
}

/** Throws where something is found that must not be there: says what and where, and shows it masked. */
export async function searchCanaries({ canaries, databases, texts }: Searched): Promise<void> {
  const search = new CanarySearch(canaries);
  const told = Object.entries(texts).flatMap(([place, text]) =>
    search.find(Buffer.from(text)).map(({ kind, excerpt }) => `${kind} in the ${place}: ${excerpt}`),
  );
  for (const database of databases) told.push(...(await searchDatabase(search, database)));
  if (told.length > 0) throw new Error(`the test run leaked\n${told.slice(0, 20).join('\n')}`);
}
