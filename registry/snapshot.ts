// One state of the graph, read and composed: what two of are compared. Everything that is wrong with it is a draft of a
// finding; a state that does not compose has no graph.
import { isDeepStrictEqual } from 'node:util';
import { parse, type GraphQLSchema } from 'graphql';
import { composeContract, prepareContractSource } from '../supergraph/composeContract.ts';
import { needsByCoordinate, openNeeds } from '../supergraph/fieldNeeds.ts';
import { publicSchemaOf } from '../supergraph/publicSchema.ts';
import type { Contracts } from '../supergraph/readContracts.ts';
import { readJoinFacts } from '../supergraph/joinFacts.ts';
import { composeSubgraphs, type Composition, type CompositionHint, type LoadedSubgraph } from './compose.ts';
import { composeOnThread } from './composeThread.ts';
import { draftOf, type LoadedState } from './load/loadState.ts';
import type { GraphState, PlacedDraft } from './rules/rule.ts';

/** The name of what clients without a contract see, among the views. */
export const GRAPH_VIEW = 'graph';
/** Smaller graphs are composed before a thread has started. */
const THREAD_CHARACTERS_MIN = 300_000;

/** What composing gave; undefined where nothing was composed, since a part is missing. */
type Composed = Composition | PlacedDraft | undefined;

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

function crashOf(error: unknown): PlacedDraft {
  return { code: 'COMPOSER_CRASHED', what: `The composer failed: ${String(error).slice(0, 500)}` };
}

function composeSafely(subgraphs: readonly LoadedSubgraph[]): Composition | PlacedDraft {
  try {
    return composeSubgraphs(subgraphs);
  } catch (error) {
    return crashOf(error);
  }
}

/** What a state is made of. */
function identityOf({ subgraphs, contracts }: LoadedState): unknown {
  return [subgraphs.map(({ name, url, schemaPath, text }) => [name, url, schemaPath, text]), contracts];
}

/** Takes a supergraph and its contracts; gives it as rules see it, and which contracts can not be served. */
export function openState(supergraph: string, contracts: Contracts): { state: GraphState; drafts: PlacedDraft[] } {
  const document = parse(supergraph, { noLocation: true });
  const views = new Map<string, GraphQLSchema>([[GRAPH_VIEW, publicSchemaOf(document)]]);
  const drafts: PlacedDraft[] = [];
  const source = contracts.size === 0 ? undefined : prepareContractSource(supergraph);
  for (const [name, filter] of contracts) {
    if (source === undefined) break;
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

function snapshotOf({ name, subgraphs, contracts, drafts }: LoadedState, composed: Composed): Snapshot {
  const without = { name, subgraphs, hints: [], state: undefined };
  // What is missing would be told again as what other subgraphs miss.
  if (composed === undefined) return { ...without, composition: undefined, drafts };
  if ('what' in composed) return { ...without, composition: undefined, drafts: [...drafts, composed] };
  if (!composed.ok) return { ...without, composition: composed, drafts: [...drafts, ...composed.faults.map(draftOf)] };
  const { state, drafts: ofContracts } = openState(composed.supergraph, contracts);
  return { ...without, composition: composed, hints: composed.hints, state, drafts: [...drafts, ...ofContracts] };
}

/** Composes a state that was read. */
export function openSnapshot(loaded: LoadedState): Snapshot {
  return snapshotOf(loaded, loaded.isWhole ? composeSafely(loaded.subgraphs) : undefined);
}

/** Composes two states at once, on two threads where they are large. Equal ones are composed once. */
export async function openSnapshots(head: LoadedState, base: LoadedState): Promise<{ head: Snapshot; base: Snapshot }> {
  if (head.isWhole && isDeepStrictEqual(identityOf(head), identityOf(base))) {
    const one = openSnapshot(head);
    return { head: one, base: { ...one, name: base.name } };
  }
  const size = base.subgraphs.reduce((sum, { text }) => sum + text.length, 0);
  if (!base.isWhole || size < THREAD_CHARACTERS_MIN) return { head: openSnapshot(head), base: openSnapshot(base) };
  const composing = composeOnThread(base.subgraphs).catch(crashOf);
  const first = openSnapshot(head);
  return { head: first, base: snapshotOf(base, await composing) };
}
