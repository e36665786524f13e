// The words of access: what the gateway is started with, and what the steps of a request get of it. Opened in
// openAccess.ts.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Log } from '../../platform/log.ts';
import type { PointStore } from '../admit/pointStore.ts';
import type { DocumentStores } from '../admit/resolveDocument.ts';
import type { TagFilter } from '../../supergraph/composeContract.ts';
import type { PolicyParts } from '../authorize/policies.ts';
import type { Caller } from '../caller.ts';
import type { Authenticate } from '../identify/authenticate.ts';
import type { Refusal } from '../requestState.ts';

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
  /** Whether a caller's key was revoked since it was identified: nothing more is fetched for it. */
  isRevoked(caller: Caller): boolean;
  /** The caller with the rights that it has now, as far as that is known here; undefined for one who may come no more. */
  currently(caller: Caller): Caller | undefined;
  /**
   * Calls `listener` once when a caller's key is revoked, what it showed ends, or the key is shut to its address; gives
   * what takes it back.
   */
  onEnded(caller: Caller, address: string | undefined, listener: (refusal: Refusal) => void): () => void;
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
