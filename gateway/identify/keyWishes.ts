// What somebody may wish for a key, checked before anything is changed: texts, scopes, networks, counts. A refusal says
// what to mend in words for the person who manages keys.
import { checkWithin, expandGrants } from '../../contracts/scope.ts';
import { openNetworks } from './address/networks.ts';

/** A change that the rules do not allow: the message says why. */
export class KeyRefusal extends Error {
  override readonly name = 'KeyRefusal';
}

/** What whoever changes a key may grant. */
export interface Granting {
  /** The scopes that the graph knows: wildcards stand for these; undefined where no graph is at hand. */
  readonly known: readonly string[] | undefined;
  /** The scopes that whoever changes the key holds; undefined for all. */
  readonly held: ReadonlySet<string> | undefined;
}

const TEXT_CHARACTERS_MAX = 200;
const NETWORKS_MAX = 100;
const SCOPES_MAX = 500;
const COUNT_MAX = 1_000_000_000;
const CONTROL = /\p{Cc}/u;

/** Gives a text of 1 to 200 characters on one line, without blanks around it. */
export function checkText(name: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new KeyRefusal(`a ${name} is needed`);
  if (trimmed.length > TEXT_CHARACTERS_MAX || CONTROL.test(trimmed)) {
    throw new KeyRefusal(`the ${name} is one line of at most ${TEXT_CHARACTERS_MAX} characters`);
  }
  return trimmed;
}

/** Gives the scopes that the wished ones stand for. Throws ScopeError where one may not be granted. */
export function checkScopes(scopes: readonly string[], { known, held }: Granting): readonly string[] {
  const expanded = expandGrants(scopes, known);
  if (expanded.length > SCOPES_MAX) throw new KeyRefusal(`a key has at most ${SCOPES_MAX} scopes`);
  checkWithin(expanded, held);
  return expanded;
}

/** A range that can be read holds its own first address. */
function isNetwork(text: string): boolean {
  return openNetworks([text]).hold(text.split('/')[0]);
}

/** Gives the ranges, each once. */
export function checkNetworks(networks: readonly string[]): readonly string[] {
  for (const network of networks) {
    if (!isNetwork(network))
      throw new KeyRefusal(`"${network}" is no network: it looks like 192.0.2.0/24 or 2001:db8::/32`);
  }
  if (networks.length > NETWORKS_MAX) throw new KeyRefusal(`a key has at most ${NETWORKS_MAX} networks`);
  return [...new Set(networks)];
}

/** Gives a whole number from 1 to 10^9. */
export function checkCount(name: string, count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= COUNT_MAX) return count;
  throw new KeyRefusal(`${name} must be a whole number from 1 to ${COUNT_MAX}`);
}
