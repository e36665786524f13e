// The second composer's word: @theguild/federation-composition on the same schemas. Both must take them, and both must
// make the same graph for clients and ask the same of callers: what one alone takes may mean two things.
import { composeServices } from '@theguild/federation-composition';
import { diff } from '@graphql-inspector/core';
import { parse, type GraphQLSchema } from 'graphql';
import { needsByCoordinate, openNeeds } from '../supergraph/fieldNeeds.ts';
import { publicSchemaOf } from '../supergraph/publicSchema.ts';
import type { Composition, LoadedSubgraph } from './compose.ts';

/** What the two composers see differently: sentences, worst first. */
export interface SecondOpinion {
  /** Why the second one refuses what the first one takes. */
  readonly refusals: readonly string[];
  /** What differs in what they made. */
  readonly differences: readonly string[];
  /** Whether the second one takes what the first one refuses. */
  readonly takesAlone: boolean;
}

const TOLD_MAX = 5;

function compareNeeds(first: string, second: string): string[] {
  const [ours, theirs] = [needsByCoordinate(openNeeds(first)), needsByCoordinate(openNeeds(second))];
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((coordinate) => ours.get(coordinate) !== theirs.get(coordinate))
    .map((coordinate) => `${coordinate} takes other scopes`);
}

function shorten(sentences: readonly string[]): string[] {
  const more = sentences.length - TOLD_MAX;
  return more > 0 ? [...sentences.slice(0, TOLD_MAX), `${more} more of the kind`] : [...sentences];
}

/** Takes the schemas, what the first composer made of them and the API schema of that; gives what the second one says. */
export async function askSecondComposer(
  subgraphs: readonly LoadedSubgraph[],
  first: Composition,
  api: GraphQLSchema | undefined,
): Promise<SecondOpinion> {
  const services = subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document }));
  const second = composeServices(services);
  if (second.errors !== undefined) {
    const refusals = first.ok ? shorten(second.errors.map(({ message }) => message)) : [];
    return { refusals, differences: [], takesAlone: false };
  }
  if (!first.ok || api === undefined) return { refusals: [], differences: [], takesAlone: !first.ok };
  // Not its own public schema, in which hidden members of unions are left.
  const theirs = publicSchemaOf(parse(second.supergraphSdl, { noLocation: true }));
  const changes = await diff(api, theirs);
  const seen = changes
    .filter(({ type }) => !/DESCRIPTION|DIRECTIVE_USAGE/.test(String(type)))
    .map(({ message }) => message);
  return {
    refusals: [],
    differences: shorten([...compareNeeds(first.supergraph, second.supergraphSdl), ...seen]),
    takesAlone: false,
  };
}
