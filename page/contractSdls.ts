// What contracts show of a supergraph that was not published, and so has no public schemas beside it.
import { composeContract, prepareContractSource } from '../supergraph/composeContract.ts';
import type { Contracts } from '../supergraph/readContracts.ts';

/** Takes a supergraph and contracts; gives the public schema of each that can be served. */
export function composeContractSdls(supergraph: string, contracts: Contracts): Map<string, string> {
  if (contracts.size === 0) return new Map();
  const source = prepareContractSource(supergraph);
  const sdls = new Map<string, string>();
  for (const [name, filter] of contracts) {
    const composed = composeContract(source, filter);
    if ('sdl' in composed) sdls.set(name, composed.sdl);
  }
  return sdls;
}
