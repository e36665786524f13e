// The files of one state, read and parsed: the list of subgraphs, their schemas, the contracts. What is wrong with a file
// is a draft of a finding that names it and the line.
import { checkContracts, type Contracts } from '../../supergraph/readContracts.ts';
import { isSchemaFault, parseSubgraph, type LoadedSubgraph, type SchemaFault } from '../compose.ts';
import { checkSupergraphFile, RegistryError, type ListedSubgraph } from '../readSupergraphFile.ts';
import type { PlacedDraft } from '../rules/rule.ts';
import type { SchemaSource } from './schemaSource.ts';

/** More types than any schema has that people wrote. */
const TYPES_MAX = 2_000;

/** The files of a state, by their paths from its folder. */
export interface SnapshotFiles {
  readonly config: string;
  readonly contracts: string;
}

/** The files of one state. */
export interface LoadedState {
  /** What it is, in words. */
  readonly name: string;
  readonly subgraphs: readonly LoadedSubgraph[];
  readonly contracts: Contracts;
  /** Whether every schema could be read. */
  readonly isWhole: boolean;
  readonly drafts: readonly PlacedDraft[];
}

/** The element that a composer's message is about: the first that it quotes. */
export function coordinateIn(message: string): string | undefined {
  const field = /"([A-Za-z_]\w*\.[A-Za-z_]\w*(\([A-Za-z_]\w*:\))?)"/.exec(message);
  return field?.[1] ?? /\btype "([A-Za-z_]\w*)"/i.exec(message)?.[1];
}

/** Makes a finding of what a parser or composer said; without a place it is told where its element stands. */
export function draftOf(fault: SchemaFault): PlacedDraft {
  const { code = 'SCHEMA_UNREADABLE', message, file, line } = fault;
  const place = file === undefined ? undefined : { file, line: line ?? 1 };
  const subgraph = fault.subgraph ?? /^\[([^\]]+)\] /.exec(message)?.[1];
  const coordinate = fault.code === undefined ? undefined : coordinateIn(message);
  return { code, verdict: 'error', subgraph, coordinate, after: message, what: message, place };
}

/** Reads a schema; what can not be read is a finding as any other. */
async function readSchema(
  source: SchemaSource,
  { name, schemaPath }: ListedSubgraph,
): Promise<string | undefined | PlacedDraft> {
  try {
    return await source.read(schemaPath);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const what = error.message;
    return { code: 'SCHEMA_UNREADABLE', subgraph: name, after: what, what, place: { file: schemaPath, line: 1 } };
  }
}

async function loadSubgraphs(source: SchemaSource, config: string, text: string) {
  const subgraphs: LoadedSubgraph[] = [];
  const drafts: PlacedDraft[] = [];
  for (const listed of checkSupergraphFile(text, config)) {
    const schemaPath = listed.schemaPath.replace(/^\.\//, '');
    const file = await readSchema(source, { ...listed, schemaPath });
    const place = listed.listedAt ?? { file: config, line: 1 };
    if (file === undefined) {
      const what = `The schema of ${listed.name}, ${schemaPath}, does not exist.`;
      drafts.push({ code: 'SCHEMA_MISSING', subgraph: listed.name, what, place });
      continue;
    }
    if (typeof file !== 'string') {
      drafts.push(file);
      continue;
    }
    const parsed = parseSubgraph({ ...listed, schemaPath }, file);
    if (isSchemaFault(parsed)) drafts.push(draftOf(parsed));
    else if (parsed.document.definitions.length > TYPES_MAX) {
      const what = `${schemaPath} has ${parsed.document.definitions.length} definitions; at most ${TYPES_MAX} are taken.`;
      const atStart = { file: schemaPath, line: 1 };
      drafts.push({ code: 'SCHEMA_UNREADABLE', subgraph: listed.name, after: what, what, place: atStart });
    } else subgraphs.push(parsed);
  }
  return { subgraphs, drafts };
}

async function loadContracts(
  source: SchemaSource,
  file: string,
): Promise<{ contracts: Contracts; drafts: PlacedDraft[] }> {
  const text = await source.read(file);
  if (text === undefined) return { contracts: new Map(), drafts: [] };
  const checked = checkContracts(text);
  if ('value' in checked) return { contracts: checked.value, drafts: [] };
  const drafts = checked.faults.map((fault) => {
    const [, line = '1', said = fault] = /^line (\d+): (.*)$/s.exec(fault) ?? [];
    const what = `${file}: ${said}`;
    return { code: 'CONTRACTS_UNREADABLE', after: what, what, place: { file, line: Number(line) } };
  });
  return { contracts: new Map(), drafts };
}

/**
 * Reads a state; undefined where it has no list of subgraphs. Throws RegistryError where a file can not be read, or the
 * list is not as it should be.
 */
export async function loadState(source: SchemaSource, files: SnapshotFiles): Promise<LoadedState | undefined> {
  const text = await source.read(files.config);
  if (text === undefined) return undefined;
  const { subgraphs, drafts } = await loadSubgraphs(source, files.config, text);
  const { contracts, drafts: ofContracts } = await loadContracts(source, files.contracts);
  const isWhole = drafts.length === 0;
  return { name: source.name, subgraphs, contracts, isWhole, drafts: [...drafts, ...ofContracts] };
}
