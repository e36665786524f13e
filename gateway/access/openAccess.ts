// Who may call, as the gateway was started: with keys (and people's tokens), or open to everybody for trying a graph
// out. What reads keys, limits and documents is opened here and stopped together.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { StartError } from '../../platform/lifecycle.ts';
import type { Log } from '../../platform/log.ts';
import { openMemoryPoints } from '../admit/memoryPoints.ts';
import { openMemoryQueries } from '../admit/persistedQueries.ts';
import type { PointStore } from '../admit/pointStore.ts';
import { NO_OPERATIONS } from '../admit/registeredOperations.ts';
import type { DocumentStores } from '../admit/resolveDocument.ts';
import type { TagFilter } from '../authorize/composeContract.ts';
import { loadPolicies, type PolicyParts } from '../authorize/policies.ts';
import { OPEN_CALLER, type Caller } from '../caller.ts';
import type { Authenticate } from '../identify/authenticate.ts';

/** How callers are told apart: by keys and tokens, or not at all. */
export type AccessMode = 'keys' | 'open';

/** What the gateway was started with. */
export interface AccessOptions {
  readonly mode: AccessMode;
  /** Where the contracts lie; undefined: in contracts.yaml, if it is there. */
  readonly contractsPath: string | undefined;
  /** The operator's functions that answer policies; undefined for none. */
  readonly policiesPath: string | undefined;
  /** How many processes of this gateway there are: each has its part of every limit where Redis has not all of it. */
  readonly workers: number;
}

/** What is told of access in /health/ready. */
export interface AccessState {
  readonly mode: AccessMode;
  readonly keyStore?: 'up' | 'away';
  /** Who keeps the limits: Redis for all gateways, or each for itself. */
  readonly limits?: 'shared' | 'alone';
}

/** What the steps of a request need to know who calls and what that caller may. */
export interface Access {
  readonly identify: Authenticate;
  readonly points: PointStore;
  readonly documents: DocumentStores;
  readonly policies: PolicyParts;
  readonly contracts: ReadonlyMap<string, TagFilter>;
  state(): AccessState;
  /** When a caller's key, or the secret of it that was shown, ends; undefined for others. */
  expiresAt(caller: Caller): Date | undefined;
  /** Serves the admin port, where one is set. `sdl` gives the supergraph that scopes are known from. */
  serveAdmin(sdl: () => string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** What opening takes. */
export interface AccessParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many callers' limits are kept, and how long a policy may take. */
export const CALLERS_MAX = 20_000;
const POLICY_TIMEOUT_MS = 500;

/** Reads what answers the policies of a graph. */
export async function openPolicies(path: string | undefined, { clock, log }: AccessParts): Promise<PolicyParts> {
  const rules = { clock, policyTimeoutMs: POLICY_TIMEOUT_MS, log };
  if (path === undefined) return { policies: new Map(), ...rules };
  try {
    return { policies: await loadPolicies(path), ...rules };
  } catch (error) {
    throw new StartError(`--policies ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

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
