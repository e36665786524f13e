// The files of one state, read and parsed: the list of subgraphs, their schemas, the contracts. What is wrong with a file
// is a draft of a finding that names it and the line.
import { checkContracts, type Contracts } from '../../supergraph/readContracts.ts';
import { isSchemaFault, parseSubgraph, type LoadedSubgraph, type SchemaFault } from '../compose.ts';
import { checkSupergraphFile } from '../readSupergraphFile.ts';
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

/** Makes a finding of what a parser or composer said. */
export function draftOf(fault: SchemaFault): PlacedDraft {
  const { code = 'SCHEMA_UNREADABLE', message, subgraph, file, line } = fault;
  const place = file === undefined ? undefined : { file, line: line ?? 1 };
  return { code, verdict: 'error', subgraph, what: message, place };
}

async function loadSubgraphs(source: SchemaSource, config: string, text: string) {
  const subgraphs: LoadedSubgraph[] = [];
  const drafts: PlacedDraft[] = [];
  for (const listed of checkSupergraphFile(text, config)) {
    const file = await source.read(listed.schemaPath);
    const schemaPath = listed.schemaPath.replace(/^\.\//, '');
    const place = { file: config, line: 1 };
    if (file === undefined) {
      const what = `The schema of ${listed.name}, ${schemaPath}, does not exist.`;
      drafts.push({ code: 'SCHEMA_MISSING', subgraph: listed.name, what, place });
      continue;
    }
    const parsed = parseSubgraph({ ...listed, schemaPath }, file);
    if (isSchemaFault(parsed)) drafts.push(draftOf(parsed));
    else if (parsed.document.definitions.length > TYPES_MAX) {
      const what = `${schemaPath} has more than ${TYPES_MAX} types.`;
      drafts.push({ code: 'SCHEMA_UNREADABLE', subgraph: listed.name, what, place: { file: schemaPath, line: 1 } });
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
  const drafts = checked.faults.map((what) => {
    return { code: 'CONTRACTS_UNREADABLE', what, place: { file, line: Number(/^line (\d+)/.exec(what)?.[1] ?? 1) } };
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
