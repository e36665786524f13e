// Access by keys and people's tokens: the key store and its peppers, what learns of revocations, who keeps the limits,
// the registered operations, the contracts, and the admin port.
import { existsSync } from 'node:fs';
import { openPageThread, type PageThread } from '../../page/pageThreadClient.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { drawId } from '../../platform/random.ts';
import type { Log } from '../../platform/log.ts';
import { LIMITS } from '../admit/limits.ts';
import { openMemoryPoints } from '../admit/memoryPoints.ts';
import { openMemoryQueries } from '../admit/persistedQueries.ts';
import { shareOf, type PointStore } from '../admit/pointStore.ts';
import { NO_OPERATIONS, openRegisteredOperations } from '../admit/registeredOperations.ts';
import { readContracts } from '../../supergraph/readContracts.ts';
import { openAdmin, type Admin } from '../admin/openAdmin.ts';
import type { Caller } from '../caller.ts';
import { KEY_MISSING, type Authenticate, type Identified } from '../identify/authenticate.ts';
import { noteDenials } from '../identify/noteDenials.ts';
import { endOf, NOBODY } from '../identify/keyCaller.ts';
import { readKnownScopes } from '../identify/knownScopes.ts';
import { openIdentify } from '../identify/openIdentify.ts';
import { watchEnd } from '../identify/watchEnd.ts';
import { openKeysDatabase, peppersOf } from '../identify/openKeys.ts';
import { watchExpiry } from '../identify/watchExpiry.ts';
import { readTokenRules } from '../identify/person/tokenRules.ts';
import { openSharedFeed } from '../identify/revocations.ts';
import { openRedis, type SharedRedis } from '../shared/openRedis.ts';
import { openSharedPoints, type SharedPoints } from '../shared/sharedPoints.ts';
import { openSharedQueries } from '../shared/sharedQueries.ts';
import type { Access, AccessOptions, AccessParts } from './access.ts';
import { openPolicies } from './openPolicies.ts';

/** How many callers' limits are kept. */
const CALLERS_MAX = 20_000;
const CONTRACTS_FILE = 'contracts.yaml';
/** The contract that a caller has who shows neither key nor token. Without it nobody is answered. */
const PUBLIC_CONTRACT = 'public';
/** What every person may spend. */
const PEOPLE_LIMITS = {
  ...{ pointsPerSecond: 1_000, pointsBurst: 10_000, requestsPerSecond: 100, concurrentRequestsMax: 50 },
  pointsPerDay: undefined,
};
/** What callers without key and token may spend, all of them together. */
const NOBODYS_LIMITS = {
  ...{ pointsPerSecond: 500, pointsBurst: 5_000, requestsPerSecond: 50, concurrentRequestsMax: 20 },
  pointsPerDay: undefined,
};

/** In the place of a caller who shows nothing: who sees what is public, or nobody. */
function answerNobody(authenticate: Authenticate, hasPublic: boolean): Authenticate {
  const visitor: Caller = { ...NOBODY, contract: PUBLIC_CONTRACT, limits: NOBODYS_LIMITS, rights: 'nobody public' };
  const replace = (identified: Identified): Identified =>
    identified === NOBODY ? (hasPublic ? visitor : KEY_MISSING) : identified;
  return (head) => {
    const identified = authenticate(head);
    return identified instanceof Promise ? identified.then(replace) : replace(identified);
  };
}

/** Several processes that do not share limits have a part of each. */
function partOf(store: PointStore, workers: number): PointStore {
  if (workers <= 1) return store;
  return {
    reserve: (callerId, limits, units) =>
      store.reserve(callerId, shareOf(limits, 1 / workers, LIMITS.costMax.value), units),
    settle: (lease, refund) => store.settle(lease, refund),
  };
}

interface Limiting {
  readonly points: PointStore;
  readonly shared: SharedPoints | undefined;
}

async function openLimiting(
  redis: SharedRedis | undefined,
  { workers }: AccessOptions,
  { config, clock, log }: AccessParts,
): Promise<Limiting> {
  // Longer than any request: its lease must not end before it.
  const leaseMs = config.CRM_REQUEST_TIMEOUT_MS * 2 + 5_000;
  if (redis === undefined) {
    return {
      points: partOf(openMemoryPoints(clock, { callersMax: CALLERS_MAX, leaseMs }), workers),
      shared: undefined,
    };
  }
  const percent = config.CRM_LIMITS_SHARE_PERCENT;
  const shared = await openSharedPoints(
    { redis, clock, log },
    {
      gatewayId: drawId(),
      leaseMs,
      callersMax: CALLERS_MAX,
      share: percent === undefined ? undefined : percent / 100,
      pointsAtOnce: LIMITS.costMax.value,
    },
  );
  return { points: shared, shared };
}

/** A change is kept before it is told of: gateways that were not told find it by themselves. */
function announceSafely(redis: SharedRedis | undefined, log: Log) {
  if (redis === undefined) return () => Promise.resolve();
  const feed = openSharedFeed(redis);
  return async (id: string, version: number): Promise<void> => {
    try {
      await feed.announce(id, version);
    } catch (error) {
      log.warn({ err: error, key: id }, 'a changed key could not be announced: gateways learn of it when they look');
    }
  };
}

/** People by a contract that there is not would be refused whatever they ask: told at the start, not to them. */
function refuseUnknownContract(name: string | undefined, contracts: ReadonlyMap<string, unknown>): void {
  if (name === undefined || contracts.has(name)) return;
  const known = [...contracts.keys()].join(', ') || 'none';
  throw new StartError(`CRM_PEOPLE_CONTRACT names the contract ${name}; those of the contracts' file are: ${known}`);
}

/** Opens access by keys. Throws StartError where the key store, the peppers or a file is missing. */
export async function openWithKeys(options: AccessOptions, parts: AccessParts): Promise<Access> {
  const { config, clock, log } = parts;
  const contractsPath = options.contractsPath ?? (existsSync(CONTRACTS_FILE) ? CONTRACTS_FILE : undefined);
  const contracts = contractsPath === undefined ? new Map<string, never>() : readContracts(contractsPath);
  const policies = await openPolicies(options.policiesPath, parts);
  const rules = readTokenRules(config);
  refuseUnknownContract(config.CRM_PEOPLE_CONTRACT, contracts);
  const peppers = peppersOf(config);
  const database = await openKeysDatabase(config, clock);
  const { store, audit } = database;
  const redis = config.REDIS_URL === undefined ? undefined : await openRedis(config.REDIS_URL, log, clock);
  const rights = {
    contract: config.CRM_PEOPLE_CONTRACT,
    denial: config.CRM_PEOPLE_FILTERED ? ('filter' as const) : ('refuse' as const),
    registeredOnly: false,
    limits: PEOPLE_LIMITS,
    claimsCount: policies.policies.size > 0,
  };
  const identify = openIdentify({
    store,
    peppers,
    feed: redis && openSharedFeed(redis),
    people: rules && { rules, rights },
    // Policies read the caller, and who they say yes to is nobody else.
    keysApart: policies.policies.size > 0,
    clock,
    log,
  });
  const denials = noteDenials(identify.authenticate, { store, audit, clock, log });
  const toleranceMs = (rules?.clockToleranceS ?? 0) * 1_000;
  const expiry = watchExpiry({ store, audit, clock, log });
  const limiting = await openLimiting(redis, options, parts);
  const manifests = config.CRM_OPERATIONS_MANIFESTS;
  const registered = manifests === undefined ? undefined : await openRegisteredOperations(manifests, clock, log);
  let admin: Admin | undefined;
  let page: PageThread | undefined;
  return {
    identify: answerNobody(denials.authenticate, contracts.has(PUBLIC_CONTRACT)),
    points: limiting.points,
    documents: {
      registered: registered ?? NO_OPERATIONS,
      persisted: redis === undefined ? openMemoryQueries() : openSharedQueries(redis),
    },
    policies,
    contracts,
    state: () => ({
      mode: 'keys',
      keyStore: identify.isStoreUp() ? 'up' : 'away',
      limits: limiting.shared?.isShared === true ? 'shared' : 'alone',
    }),
    isRevoked: (caller) => identify.isRevoked(caller),
    currently: (caller) => identify.currently(caller),
    onEnded: (caller, address, listener) => watchEnd({ caller, address }, identify, { clock, toleranceMs }, listener),
    expiresAt: endOf,
    async serveAdmin(sdl) {
      const { CRM_ADMIN_PORT: port, CRM_ADMIN_TOKEN: token, CRM_ADMIN_SCOPES: scopes } = config;
      if (port === undefined || token === undefined) return undefined;
      const held = scopes === undefined ? undefined : new Set(scopes.split(' ').filter((scope) => scope !== ''));
      const granting = () => ({ known: readKnownScopes(sdl()), held });
      const announce = announceSafely(redis, log);
      page = openPageThread(config, () => ({ supergraph: sdl(), contracts }), clock);
      admin = await openAdmin({
        ...{ store, audit, peppers, clock, log, announce, granting, token, host: '127.0.0.1', port },
        page: page.answer,
      });
      return admin.url;
    },
    async stop() {
      await admin?.stop();
      await page?.stop();
      registered?.close();
      await expiry.stop();
      await denials.stop();
      await identify.stop();
      limiting.shared?.close();
      redis?.close();
      await database.stop();
    },
  };
}
