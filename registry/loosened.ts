// Whether a supergraph asks less of callers than another: what somebody may see by the one and not by the other, by the
// rule of a check. Going back to it would open what was closed since.
import { needsByCoordinate, openNeeds } from '../supergraph/fieldNeeds.ts';
import { readJoinFacts } from '../supergraph/joinFacts.ts';
import { needsChanged } from './rules/needsChanged.ts';

function needsIn(supergraphSdl: string) {
  return { facts: readJoinFacts(supergraphSdl), needs: needsByCoordinate(openNeeds(supergraphSdl)) };
}

/**
 * Takes two supergraphs; gives the coordinates of `from` that are still there in `to` and let somebody see more. Throws
 * where one asks for what no gateway enforces.
 */
export function findLoosened(fromSdl: string, toSdl: string): string[] {
  return needsChanged({ base: needsIn(fromSdl), head: needsIn(toSdl) })
    .filter(({ code }) => code !== 'NEEDS_TIGHTENED')
    .flatMap(({ coordinate }) => coordinate ?? []);
}
