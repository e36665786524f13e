// The views that callers have of one supergraph, by the name of their contract. Every view is composed when the
// supergraph is loaded, so that a bad one stops the load and never a request; planning uses the whole graph.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import {
  composeContract,
  prepareContractSource,
  type ContractSource,
  type TagFilter,
} from '../../supergraph/composeContract.ts';

/** What the callers of a contract see of the graph. */
export interface ContractView {
  /**
   * The only schema that their operations are validated, coerced, introspected and answered by. Contracts that show the
   * same have the same object, so that what is compiled for one serves the other.
   */
  readonly apiSchema: GraphQLSchema;
  /** SHA-256 of the schema's text, in base64url: equal marks, equal views. */
  readonly mark: string;
}

/** A contract cannot be composed from a supergraph: one sentence for each fault of each contract. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

function keyOf({ include, exclude }: TagFilter): string {
  return JSON.stringify([[...include].sort(), [...exclude].sort()]);
}

/** Composes views, each only once however many contracts share it. */
class ViewComposer {
  private readonly source: ContractSource;
  private readonly byFilter = new Map<string, ContractView | readonly string[]>();
  private readonly byMark = new Map<string, ContractView>();

  constructor(source: ContractSource) {
    this.source = source;
  }

  /** The view that a filter leaves, or what is wrong with it; undefined where it was not composed yet. */
  known(filter: TagFilter): ContractView | readonly string[] | undefined {
    return this.byFilter.get(keyOf(filter));
  }

  compose(filter: TagFilter): ContractView | readonly string[] {
    const composed = composeContract(this.source, filter);
    const outcome = 'faults' in composed ? composed.faults : this.viewOf(composed.apiSchema, composed.sdl);
    this.byFilter.set(keyOf(filter), outcome);
    return outcome;
  }

  private viewOf(apiSchema: GraphQLSchema, sdl: string): ContractView {
    const mark = createHash('sha256').update(sdl).digest('base64url');
    const view = this.byMark.get(mark) ?? { apiSchema, mark };
    this.byMark.set(mark, view);
    return view;
  }
}

/**
 * Takes a supergraph's SDL and the contracts by name; gives the views by name. Other work goes on between any two.
 * Rejects with ContractError, which tells every fault of every contract, where one is empty or invalid.
 */
export async function openContracts(
  supergraphSdl: string,
  contracts: ReadonlyMap<string, TagFilter>,
): Promise<ReadonlyMap<string, ContractView>> {
  const views = new Map<string, ContractView>();
  if (contracts.size === 0) return views;
  const composer = new ViewComposer(prepareContractSource(supergraphSdl));
  const faults: string[] = [];
  for (const [name, filter] of contracts) {
    let outcome = composer.known(filter);
    if (outcome === undefined) {
      await setImmediate();
      outcome = composer.compose(filter);
    }
    if ('mark' in outcome) views.set(name, outcome);
    else faults.push(...outcome.map((fault) => `the contract ${name} cannot be served: ${fault}`));
  }
  if (faults.length > 0) throw new ContractError(faults);
  return views;
}
