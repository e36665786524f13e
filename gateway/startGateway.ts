// Puts the gateway's parts together: supergraph → graph → listener, and what stops them in the reverse order.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCoarseClock, systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { threadCpuMs, watchLoopDelay } from '../platform/eventLoop.ts';
import { StartError } from '../platform/lifecycle.ts';
import { openLog, type Log } from '../platform/log.ts';
import { joinWorkers, PORT_SHARED_BY_KERNEL } from '../platform/workers.ts';
import { signingOf } from '../store/storePlace.ts';
import type { Access, AccessOptions } from './access/access.ts';
import { openAccess } from './access/openAccess.ts';
import { LIMITS } from './admit/limits.ts';
import { openSubgraphSettings, type SubgraphSettingsSource } from './config/subgraphSettings.ts';
import { NOTHING_KEPT, openWantedCache } from './cache/openWantedCache.ts';
import { openFetcher, type Fetcher } from './fetch/fetcher.ts';
import type { Caller } from './caller.ts';
import { answerHealth } from './health.ts';
import { followSupergraph, type SourceState } from './followSupergraph.ts';
import { readFirst, serveFirst, type FirstPlaces } from './firstSupergraph.ts';
import { listen } from './listen.ts';
import { loopDelayLimits, openGateFor } from './openGateFor.ts';
import { openObservation } from './observe/openObservation.ts';
import type { StepClock } from './observe/stepClock.ts';
import type { Observer } from './observe/observer.ts';
import { openPlannerClient, type PlannerClient } from './plan/plannerClient.ts';
import { openIde } from './receive/ide.ts';
import { passedHeaders } from './receive/passedHeaders.ts';
import type { GraphSettings } from './openGraph.ts';
import { answerRequest } from './server.ts';
import { openAnswerSharing } from './shareAnswers.ts';
import { openLive } from './stream/openLive.ts';
import { openSockets } from './stream/socket/openSockets.ts';
import { openLastGood } from './source/lastGood.ts';
import { openSource } from './source/openSource.ts';
import { NO_USAGE, type UsageRecorder } from './usage/usageRecorder.ts';

const IDE_FOLDER = fileURLToPath(new URL('./ide/dist', import.meta.url));

/** How late a deadline may be noticed. */
const DEADLINE_TICK_MS = 25;

/** Taken from the folder that the gateway is started in. */
const CONFIG_FILE = 'gateway.yaml';

/** Where the gateway's supergraph lies and where it listens. */
export interface GatewayOptions {
  /** A file; undefined: SUPERGRAPH_SOURCE says where it is. */
  readonly supergraphPath: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Addresses that replace those in the supergraph, by subgraph. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where gateway.yaml lies; undefined: in the current folder, if it is there. */
  readonly configPath: string | undefined;
  readonly access: AccessOptions;
}

/** A gateway that runs. */
export interface RunningGateway {
  readonly url: string;
  readonly log: Log;
  readonly drainTimeoutMs: number;
  stop(): Promise<void>;
}

async function readSubgraphSettings(path: string | undefined, config: Config): Promise<SubgraphSettingsSource> {
  const found = path ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined);
  if (found === undefined) return openSubgraphSettings({ all: {}, subgraphs: {} }, config.CRM_FETCH_TIMEOUT_MS);
  // What reads and checks it takes 70 ms to load.
  const { readGatewayYaml } = await import('./config/readGatewayYaml.ts');
  return openSubgraphSettings(readGatewayYaml(found), config.CRM_FETCH_TIMEOUT_MS);
}

/** A file that is named on the command line is on this disk already: no copy is kept of it. */
async function openPlaces(path: string | undefined, config: Config, log: Log): Promise<FirstPlaces> {
  const source = await openSource(path, config);
  const isCopied = path === undefined;
  const lastGood = isCopied ? openLastGood(config.CRM_SUPERGRAPH_COPY_PATH, source.name, signingOf(config)) : undefined;
  return { source, lastGood, log };
}

interface GraphParts {
  readonly access: Access;
  readonly fetcher: Fetcher;
  readonly planner: PlannerClient;
  readonly entityCache: GraphSettings['entityCache'];
  readonly observer: Observer;
  readonly steps: StepClock;
  readonly log: Log;
}

function graphSettings(
  options: GatewayOptions,
  config: Config,
  { access, fetcher, planner, entityCache, observer, steps, log }: GraphParts,
): GraphSettings {
  return {
    introspectionAllowed: config.CRM_INTROSPECTION_ALLOWED,
    callersKnown: options.access.mode === 'keys',
    contracts: access.contracts,
    policies: access.policies.policies,
    listSizeAssumed: config.CRM_LIST_SIZE_ASSUMED,
    addresses: options.addresses,
    fetcher,
    planner,
    entityCache,
    observer,
    operationsMax: LIMITS.plansMax.value,
    representationsMax: LIMITS.representationsMax.value,
    errorsMax: LIMITS.errorsPerFetchMax.value,
    clock: systemClock,
    steps,
    log,
  };
}

/** Who asks for what of the schema is counted where callers are known; what that takes is not loaded elsewhere. */
async function openUsageOf(
  { mode }: AccessOptions,
  config: Config,
  observer: Observer,
  log: Log,
): Promise<UsageRecorder> {
  if (mode === 'open') return NO_USAGE;
  const { openUsage } = await import('./usage/openUsage.ts');
  return openUsage({ config, observer, clock: systemClock, log });
}

/** The origins whose pages may open WebSockets here. */
function readOrigins(config: Config): ReadonlySet<string> {
  const origins = config.CRM_SOCKET_ORIGINS?.split(',').map((origin) => origin.trim()) ?? [];
  return new Set(config.CRM_CROSS_SITE_REQUESTS_ALLOWED ? [...origins, '*'] : origins);
}

/** A name that is none is a typing error, and what was meant by it would not hold. */
function refuseUnknown(known: ReadonlyMap<string, string>, named: Iterable<string>, where: string): void {
  const unknown = [...named].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const all = [...known.keys()].join(', ');
  throw new StartError(`${where} names ${unknown.join(', ')}, but the supergraph has ${all}`);
}

/** Says at the start what would puzzle later: settings that are allowed, but do not do what they seem to. */
function warnOfGaps(config: Config, { access: { mode }, supergraphPath: path }: GatewayOptions, log: Log): void {
  if (mode === 'open') log.warn('--access open: everybody who reaches this gateway is answered, without a key');
  if (config.CRM_PROOF_SECRET === undefined) {
    log.warn('CRM_PROOF_SECRET is not set: fetches carry no proof, and our own subgraphs answer none without');
  }
  if (path === undefined && config.CRM_REGISTRY_SECRET === undefined) {
    log.warn('CRM_REGISTRY_SECRET is not set: whoever can write where SUPERGRAPH_SOURCE reads decides what is served');
  }
  if (config.CRM_IDE_ALLOWED && !existsSync(join(IDE_FOLDER, 'index.html'))) {
    log.warn('CRM_IDE_ALLOWED is set, but GraphiQL is not built: npm run build:ide');
  }
}

/** Starts the gateway. Subgraphs may be away. Throws StartError for what the person who starts it can mend. */
export async function startGateway(options: GatewayOptions, config: Config): Promise<RunningGateway> {
  const workers = joinWorkers();
  const plainLog = openLog('gateway', config.CRM_LOG_LEVEL);
  const log = workers === undefined ? plainLog : plainLog.child({ worker: workers.id });
  const subgraphSettings = await readSubgraphSettings(options.configPath, config);
  const observation = await openObservation(config, systemClock, log);
  const { observer, steps, tracer } = observation;
  // Deadlines may be a little late; what is measured, counted or waited for is not.
  const deadlines = openCoarseClock(systemClock, DEADLINE_TICK_MS);
  const places = await openPlaces(options.supergraphPath, config, log);
  const firstRead = await readFirst(places);
  const access = await openAccess(options.access, { config, clock: systemClock, log });
  const fetcher = openFetcher({
    signer: { secret: config.CRM_PROOF_SECRET, tenantId: config.CRM_TENANT_ID },
    settingsOf: subgraphSettings.settingsOf,
    observer,
    clock: deadlines,
    isRevoked: (caller) => access.isRevoked(caller),
  });
  const planner = openPlannerClient({
    planTimeoutMs: LIMITS.planTimeoutMs.value,
    plansWaitingMax: LIMITS.plansWaitingMax.value,
    clock: systemClock,
    log,
  });
  const sharing = openAnswerSharing(
    systemClock,
    () => observer.operationShared(),
    (error) => log.error({ err: error }, 'fault'),
  );
  const notePassing = (): void => sharing.notePassing();
  const cache = await openWantedCache({ config, observer, clock: systemClock, log, notePassing });
  const entityCache = cache?.ofGraph;
  const settings = graphSettings(options, config, { access, fetcher, planner, entityCache, observer, steps, log });
  const first = await serveFirst(firstRead, settings, places, systemClock);
  const { served } = first;
  const { subgraphs } = served.current();
  refuseUnknown(subgraphs, options.addresses.keys(), '--subgraph');
  refuseUnknown(subgraphs, subgraphSettings.named, options.configPath ?? CONFIG_FILE);
  const usage = await openUsageOf(options.access, config, observer, log);
  const loopDelay = watchLoopDelay(loopDelayLimits(config), systemClock, threadCpuMs);
  const gate = openGateFor(loopDelay, planner);
  let draining = false;
  const isDraining = (): boolean => draining;
  const { points, policies } = access;
  const run = { points, policies, gate, steps, usage };
  const streams = await openLive({ config, access, served, run, observer, clock: systemClock, log });
  const following = followSupergraph({
    ...places,
    first,
    served,
    isSigned: config.CRM_REGISTRY_SECRET !== undefined,
    observer,
    clock: systemClock,
    // Who asks from now on is not given what is still answered by the graph before (G8).
    onReplaced() {
      notePassing();
      void streams.recheck();
    },
  });
  const source = (): SourceState => following.state();
  const now = (): Date => systemClock.now();
  const parts = {
    ...run,
    served,
    streams,
    identify: access.identify,
    documents: access.documents,
    expiresAt: (caller: Caller) => access.expiresAt(caller),
    sharing,
    observer,
    ide: config.CRM_IDE_ALLOWED ? openIde(IDE_FOLDER) : undefined,
    health: (path: string) => answerHealth(path, { served, source, fetcher, access, isDraining, workers, now }),
    isDraining,
    crossSiteAllowed: config.CRM_CROSS_SITE_REQUESTS_ALLOWED,
    clock: deadlines,
    log,
  };
  const requestTimeoutMs = config.CRM_REQUEST_TIMEOUT_MS;
  const passedNames = [...subgraphSettings.headers];
  const sockets = openSockets({
    ...{ ...parts, clock: systemClock, requestTimeoutMs, origins: readOrigins(config) },
    passedOf: (headers) => passedHeaders(passedNames, headers),
    currently: (caller) => access.currently(caller),
    onCallerEnded: (caller, address, end) => access.onEnded(caller, address, end),
  });
  const listener = await listen({
    host: options.host,
    port: options.port,
    portShared: workers !== undefined && PORT_SHARED_BY_KERNEL,
    requestTimeoutMs,
    explainAllowed: config.CRM_EXPLAIN_ALLOWED,
    passedNames,
    tracer,
    clock: systemClock,
    log,
    answer: (request, state, done) => answerRequest(request, state, parts, done),
    upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
  });
  const gauges = {
    gate: () => gate.counts(),
    breakers: () => fetcher.breakers(),
    plansKept: () => served.current().operations.mostUsed(LIMITS.plansMax.value).length,
    supergraph: () => served.current().supergraph.hash,
    source,
    supergraphAgeMs: () => systemClock.now().getTime() - served.since().getTime(),
    loopDelayMs: () => loopDelay.p90Ms(),
    entityCache: () => cache?.size() ?? NOTHING_KEPT,
  };
  await observation.serve(gauges, workers !== undefined);
  // One process of several manages the keys for all.
  const admin = workers === undefined || workers.id === 1;
  const adminUrl = admin ? await access.serveAdmin(() => served.current().supergraph.sdl) : undefined;
  if (adminUrl !== undefined) log.info({ url: adminUrl }, 'keys are managed here');
  const drainTimeoutMs = config.CRM_DRAIN_TIMEOUT_MS;
  const stop = async (): Promise<void> => {
    draining = true;
    // A store that is away may keep its reader waiting for seconds, which requests must not pay for.
    const stopFollowing = following
      .stop()
      .catch((error: unknown) => log.warn({ err: error }, 'the store did not close'));
    await streams.stop();
    sockets.stop();
    await Promise.all([stopFollowing, listener.drain(drainTimeoutMs)]);
    await fetcher.close();
    await planner.close();
    await cache?.stop();
    await usage.stop();
    await access.stop();
    await observation.stop();
    loopDelay.stop();
  };
  warnOfGaps(config, options, log);
  return { url: listener.url, log, drainTimeoutMs, stop };
}
