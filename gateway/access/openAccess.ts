// Who may call, as the gateway was started: with keys (and people's tokens), or open to everybody for trying a graph
// out. What reads keys, limits and documents is opened here and stopped together.
import { openMemoryPoints } from '../admit/memoryPoints.ts';
import { openMemoryQueries } from '../admit/persistedQueries.ts';
import { NO_OPERATIONS } from '../admit/registeredOperations.ts';
import { OPEN_CALLER } from '../caller.ts';
import type { Access, AccessOptions, AccessParts } from './access.ts';
import { openPolicies } from './openPolicies.ts';

/** Opens access for everybody: no key is asked for, and nobody has limits. */
async function openForAll({ policiesPath }: AccessOptions, parts: AccessParts): Promise<Access> {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    identify: () => OPEN_CALLER,
    points: openMemoryPoints(parts.clock, { callersMax: 1, leaseMs: 1 }),
    documents: { registered: NO_OPERATIONS, persisted: openMemoryQueries() },
    policies: await openPolicies(policiesPath, parts),
    contracts: new Map(),
    state: () => ({ mode: 'open' }),
    isRevoked: () => false,
    currently: (caller) => caller,
    onEnded: () => () => undefined,
    expiresAt: () => undefined,
    serveAdmin: () => Promise.resolve(undefined),
    stop: nothing,
  };
}

/** Opens access as the options say. Throws StartError for what the person who starts the gateway can mend. */
export async function openAccess(options: AccessOptions, parts: AccessParts): Promise<Access> {
  if (options.mode === 'open') return openForAll(options, parts);
  // What keys take is not loaded where there are none.
  const { openWithKeys } = await import('./openWithKeys.ts');
  return openWithKeys(options, parts);
}
