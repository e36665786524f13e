// What a rule is: two states of the graph in, what it found out. One rule a file; `rules.ts` lists them.
import type { GraphQLSchema } from 'graphql';
import type { Contracts } from '../../supergraph/readContracts.ts';
import type { Place, Verdict } from '../finding.ts';
import type { JoinFacts } from '../../supergraph/joinFacts.ts';

/** One state of the graph, as rules see it. */
export interface GraphState {
  readonly facts: JoinFacts;
  /** What each protected field takes, one text for all that demand the same. */
  readonly needs: ReadonlyMap<string, string>;
  /** What clients see: `graph`, and each contract by name. */
  readonly views: ReadonlyMap<string, GraphQLSchema>;
  readonly contracts: Contracts;
}

/** Two states. */
export interface GraphChange {
  readonly base: GraphState;
  readonly head: GraphState;
}

/** What a rule found, before it has its place and its page. */
export interface Draft {
  readonly code: string;
  /** The code's own where it is left out. */
  readonly verdict?: Verdict;
  readonly coordinate?: string | undefined;
  readonly subgraph?: string | undefined;
  readonly views?: readonly string[];
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** One sentence: what was found. */
  readonly what: string;
}

/** A draft that knows its place. */
export interface PlacedDraft extends Draft {
  readonly place?: Place | undefined;
}

/** A rule: pure, and silent where nothing has changed. */
export type Rule = (change: GraphChange) => readonly Draft[];
