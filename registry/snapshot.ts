// One state of the graph, read and composed: what two of are compared. Everything that is wrong with it is a draft of a
// finding; a state that does not compose has no graph.
import type { GraphQLSchema } from 'graphql';
import { composeContract, prepareContractSource } from '../supergraph/composeContract.ts';
import { needsByCoordinate, openNeeds } from '../supergraph/fieldNeeds.ts';
import { checkContracts, type Contracts } from '../supergraph/readContracts.ts';
import {
  composeSubgraphs,
  isSchemaFault,
  parseSubgraph,
  type Composition,
  type CompositionHint,
  type LoadedSubgraph,
  type SchemaFault,
} from './compose.ts';
import type { Place } from './finding.ts';
import type { SchemaSource } from './load/schemaSource.ts';
import { checkSupergraphFile } from './readSupergraphFile.ts';
import { readJoinFacts } from '../supergraph/joinFacts.ts';
import type { Draft, GraphState } from './rules/rule.ts';

/** The name of what clients without a contract see, among the views. */
export const GRAPH_VIEW = 'graph';
/** More types than any schema has that people wrote. */
const TYPES_MAX = 2_000;

/** A draft that knows its place. */
export interface PlacedDraft extends Draft {
  readonly place?: Place | undefined;
}

/** One state of the graph. */
export interface Snapshot {
  /** What it is, in words. */
  readonly name: string;
  readonly subgraphs: readonly LoadedSubgraph[];
  readonly composition: Composition | undefined;
  readonly hints: readonly CompositionHint[];
  /** Undefined where it does not compose. */
  readonly state: GraphState | undefined;
  /** What is wrong with it. */
  readonly drafts: readonly PlacedDraft[];
}

/** The files of a state, by their paths from its folder. */
export interface SnapshotFiles {
  readonly config: string;
  readonly contracts: string;
}

function draftOf(fault: SchemaFault): PlacedDraft {
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

function composeSafely(subgraphs: readonly LoadedSubgraph[]): Composition | PlacedDraft {
  try {
    return composeSubgraphs(subgraphs);
  } catch (error) {
    return { code: 'COMPOSER_CRASHED', what: `The composer failed: ${String(error).slice(0, 500)}` };
  }
}

/** Takes a supergraph and its contracts; gives it as rules see it, and which contracts can not be served. */
export function openState(supergraph: string, contracts: Contracts): { state: GraphState; drafts: PlacedDraft[] } {
  const source = prepareContractSource(supergraph);
  const views = new Map<string, GraphQLSchema>();
  const drafts: PlacedDraft[] = [];
  const whole = { include: new Set<string>(), exclude: new Set<string>() };
  for (const [name, filter] of [[GRAPH_VIEW, whole] as const, ...contracts]) {
    const composed = composeContract(source, filter);
    if ('apiSchema' in composed) views.set(name, composed.apiSchema);
    else {
      const what = `The contract ${name} can not be served: ${composed.faults.join('; ')}.`;
      drafts.push({ code: 'CONTRACT_INVALID', views: [name], what, after: composed.faults[0] });
    }
  }
  const needs = needsByCoordinate(openNeeds(supergraph));
  return { state: { facts: readJoinFacts(supergraph), needs, views, contracts }, drafts };
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
 * Reads and composes a state; undefined where it has no list of subgraphs. Throws RegistryError where a file can not be
 * read, or the list is not as it should be.
 */
export async function openSnapshot(source: SchemaSource, files: SnapshotFiles): Promise<Snapshot | undefined> {
  const text = await source.read(files.config);
  if (text === undefined) return undefined;
  const loaded = await loadSubgraphs(source, files.config, text);
  const { contracts, drafts: contractDrafts } = await loadContracts(source, files.contracts);
  const drafts = [...loaded.drafts, ...contractDrafts];
  const { subgraphs } = loaded;
  const without = { name: source.name, subgraphs, hints: [], state: undefined };
  // What is missing would be told again as what other subgraphs miss.
  if (loaded.drafts.length > 0) return { ...without, composition: undefined, drafts };
  const composition = composeSafely(subgraphs);
  if ('what' in composition) return { ...without, composition: undefined, drafts: [...drafts, composition] };
  if (!composition.ok) return { ...without, composition, drafts: [...drafts, ...composition.faults.map(draftOf)] };
  const { state, drafts: ofContracts } = openState(composition.supergraph, contracts);
  return { ...without, composition, hints: composition.hints, state, drafts: [...drafts, ...ofContracts] };
}
