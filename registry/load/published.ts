// The newest release of a store as a state of the graph: what gateways serve now. It has no subgraphs' files, so nothing
// of it is told with file and line.
import { buildSchema, type GraphQLSchema } from 'graphql';
import { readConfig } from '../../platform/config.ts';
import { openReader, PlaceError, readPlace, signingOf } from '../../store/storePlace.ts';
import { shortHash, type Release } from '../../store/release.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { RegistryError } from '../readSupergraphFile.ts';
import type { GraphState } from '../rules/rule.ts';
import { openState, type Snapshot } from '../snapshot.ts';

/** What is published, and its name in words; no snapshot where nothing is yet. */
export interface PublishedState {
  readonly name: string;
  readonly snapshot: Snapshot | undefined;
}

function stateOf(supergraph: string, contracts: ReadonlyMap<string, string>): GraphState {
  const { state } = openState(supergraph, new Map());
  const views = new Map<string, GraphQLSchema>(state.views);
  for (const [name, sdl] of contracts) views.set(name, buildSchema(sdl, { assumeValid: true, assumeValidSDL: true }));
  // The filters are in the files of whoever published; what they came to is the views.
  const none = { include: new Set<string>(), exclude: new Set<string>() };
  return { ...state, views, contracts: new Map([...contracts.keys()].map((name) => [name, none])) };
}

/** Takes a release; gives the state of the graph that it published. Rejects where it can not be read. */
export async function openReleaseState(
  published: PublishedSchemas,
  { supergraph, contracts }: Release,
): Promise<GraphState> {
  const texts = new Map<string, string>();
  for (const [name, hash] of Object.entries(contracts)) texts.set(name, await published.text(hash));
  return stateOf(await published.text(supergraph), texts);
}

/**
 * Takes what names a store, and whether a release that nobody signed is taken although a secret is set. Throws
 * RegistryError for one that is none; rejects where it can not be read.
 */
export async function openPublished(text: string, takesUnsigned: boolean): Promise<PublishedState> {
  const config = readConfig();
  let place;
  try {
    place = readPlace(text, config);
  } catch (error) {
    if (error instanceof PlaceError) throw new RegistryError([`--published: the store ${error.message}`]);
    throw error;
  }
  const reader = await openReader(place);
  if (reader === undefined)
    throw new RegistryError(['--published: the store is one supergraph alone, without releases']);
  try {
    const published = new PublishedSchemas(reader, { ...signingOf(config), takesUnsigned });
    const newest = await published.current();
    if (newest === undefined) return { name: 'a store in which nothing was published yet', snapshot: undefined };
    const name = `release ${newest.release.number} (${shortHash(newest.hash)})`;
    const state = await openReleaseState(published, newest.release);
    return { name, snapshot: { name, subgraphs: [], composition: undefined, hints: [], state, drafts: [] } };
  } finally {
    await reader.close();
  }
}
