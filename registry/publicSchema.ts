// What clients see of a supergraph, whole or by a contract, and whether a supergraph could be loaded by a gateway: what it
// asks of callers can be enforced, and a public schema is left of it.
import type { GraphQLSchema } from 'graphql';
import { composeContract, prepareContractSource, type TagFilter } from '../supergraph/composeContract.ts';
import { openNeeds } from '../supergraph/fieldNeeds.ts';
import type { Contracts } from '../supergraph/readContracts.ts';
import { RegistryError } from './readSupergraphFile.ts';

const EVERYTHING: TagFilter = { include: new Set(), exclude: new Set() };

/** Takes a supergraph; gives its public schema. Throws RegistryError where no gateway could load it. */
export function readPublicSchema(supergraphSdl: string): GraphQLSchema {
  try {
    // Refuses what asks for something that no gateway enforces.
    openNeeds(supergraphSdl);
    const composed = composeContract(prepareContractSource(supergraphSdl), EVERYTHING);
    if ('faults' in composed) throw new RegistryError(composed.faults);
    return composed.apiSchema;
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError([
      `the supergraph cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

/** Takes a supergraph and the contracts; gives the public schema's text of each. Throws RegistryError with every fault. */
export function printContracts(supergraphSdl: string, contracts: Contracts): Map<string, string> {
  const texts = new Map<string, string>();
  if (contracts.size === 0) return texts;
  const source = prepareContractSource(supergraphSdl);
  const faults: string[] = [];
  for (const [name, filter] of contracts) {
    const composed = composeContract(source, filter);
    if ('faults' in composed) faults.push(...composed.faults.map((fault) => `the contract ${name}: ${fault}`));
    else texts.set(name, composed.sdl);
  }
  if (faults.length > 0) throw new RegistryError(faults);
  return texts;
}
