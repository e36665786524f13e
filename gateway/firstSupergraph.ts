// With which supergraph the gateway starts: the source's, or else the last good one on disk, which is told loudly.
import type { Clock } from '../platform/clock.ts';
import { StartError } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import type { GraphSettings } from './openGraph.ts';
import { serveGraph, type ServedGraph } from './servedGraph.ts';
import type { LastGood } from './source/lastGood.ts';
import type { SourcedSupergraph, SupergraphSource } from './source/supergraphSource.ts';

/** A supergraph to start with. */
export interface FirstSupergraph {
  readonly sourced: SourcedSupergraph;
  readonly isCopy: boolean;
}

/** Where it comes from. */
export interface FirstPlaces {
  readonly source: SupergraphSource;
  /** Undefined where no copy is kept. */
  readonly lastGood: LastGood | undefined;
  readonly log: Log;
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

async function readCopy({ lastGood, log }: FirstPlaces): Promise<SourcedSupergraph | undefined> {
  try {
    return await lastGood?.read();
  } catch (error) {
    log.error({ err: error }, 'the last good supergraph on disk cannot be used');
    return undefined;
  }
}

/** Reads what the gateway starts with. Throws StartError where neither the source nor a copy has anything. */
export async function readFirst(places: FirstPlaces): Promise<FirstSupergraph> {
  const { source, lastGood, log } = places;
  const copy = await readCopy(places);
  try {
    // The copy is what was taken already: nothing signed that is older takes its place by a new start.
    const sourced = (await source.read(copy)) ?? copy;
    if (sourced !== undefined) return { sourced, isCopy: false };
    throw new Error('there is nothing in it');
  } catch (error) {
    if (copy !== undefined) {
      log.warn(
        { err: error, supergraph: copy.published.hash },
        'the source cannot be used: starting from the copy on disk',
      );
      return { sourced: copy, isCopy: true };
    }
    const what = `the supergraph ${source.name} cannot be read (${error instanceof Error ? error.message : String(error)}: ${reasonOf(error)})`;
    const path = source.name.slice('file:'.length);
    throw new StartError(
      lastGood === undefined
        ? `${what}; compose it first: npm run compose -- --out ${path}`
        : `${what}, and no copy of an earlier one is on disk; publish one first: crm-graph schema publish`,
    );
  }
}

/** Serves what was read; the copy where the source's cannot be served. Throws StartError where neither can. */
export async function serveFirst(
  first: FirstSupergraph,
  settings: GraphSettings,
  places: FirstPlaces,
  clock: Clock,
): Promise<FirstSupergraph & { readonly served: ServedGraph }> {
  const { published } = first.sourced;
  try {
    return { ...first, served: await serveGraph(published, settings, clock) };
  } catch (error) {
    const copy = first.isCopy ? undefined : await readCopy(places);
    if (copy === undefined || copy.published.hash === published.hash) {
      throw new StartError(`the supergraph ${places.source.name} cannot be served: ${reasonOf(error)}`);
    }
    const served = await serveGraph(copy.published, settings, clock).catch((later: unknown) => {
      throw new StartError(
        `the supergraph ${places.source.name} cannot be served: ${reasonOf(error)}; nor can its copy: ${reasonOf(later)}`,
      );
    });
    served.refuse(published.hash, error);
    return { sourced: copy, isCopy: true, served };
  }
}
