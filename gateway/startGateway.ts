// Puts the gateway's parts together: supergraph → graph → listener, and what stops them in the reverse order.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { openBusyShare, watchLoopDelay, type LoopDelay } from '../platform/eventLoop.ts';
import { StartError } from '../platform/lifecycle.ts';
import { openLog, type Log } from '../platform/log.ts';
import { LIMITS } from './admit/limits.ts';
import { openGate, type Gate } from './admit/shedLoad.ts';
import { openFetcher, type Fetcher } from './fetch/fetchPart.ts';
import { answerHealth } from './health.ts';
import { listen } from './listen.ts';
import { readSupergraph, watchSupergraphFile, type PublishedSupergraph } from './plan/supergraphSource.ts';
import { openIde } from './receive/ide.ts';
import { maskSubgraphError } from './respond/maskErrors.ts';
import { serveGraph, type ServedGraph } from './servedGraph.ts';
import { answerRequest } from './server.ts';

const IDE_FOLDER = fileURLToPath(new URL('./ide/dist', import.meta.url));

const LOOP_DELAY_LIMITS = {
  delayMsMax: LIMITS.loopDelayMsMax.value,
  recoveredMs: LIMITS.loopDelayMsMax.value / 2,
  windowMs: 1_000,
  sampleEveryMs: 20,
};

/** Where the gateway's supergraph lies and where it listens. */
export interface GatewayOptions {
  readonly supergraphPath: string;
  readonly host: string;
  readonly port: number;
  /** Addresses that replace those in the supergraph, by subgraph. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** A gateway that runs. */
export interface RunningGateway {
  readonly url: string;
  readonly log: Log;
  readonly drainTimeoutMs: number;
  stop(): Promise<void>;
}

function openFetcherFor(config: Config): Fetcher {
  return openFetcher({
    signer: { secret: config.CRM_PROOF_SECRET, tenantId: config.CRM_TENANT_ID },
    fetchTimeoutMs: config.CRM_FETCH_TIMEOUT_MS,
    socketsMax: LIMITS.socketsPerSubgraphMax.value,
    waitingMax: LIMITS.fetchesWaitingMax.value,
    answerBytesMax: LIMITS.answerBytesMax.value,
    representationsMax: LIMITS.representationsMax.value,
    errorsMax: LIMITS.errorsPerFetchMax.value,
    mask: maskSubgraphError,
    clock: systemClock,
  });
}

function openGateFor(loopDelay: LoopDelay): Gate {
  return openGate({
    executingMax: LIMITS.operationsExecutingMax.value,
    inFlightMax: LIMITS.requestsInFlightMax.value,
    waitingMax: LIMITS.requestsWaitingMax.value,
    clock: systemClock,
    busyShare: openBusyShare(),
    isTooLate: () => loopDelay.isTooLate(),
  });
}

async function readFirst(path: string): Promise<PublishedSupergraph> {
  try {
    return await readSupergraph(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `the supergraph ${path} cannot be read (${reason}); compose it first: npm run compose -- --out ${path}`,
    );
  }
}

async function serveFirst(options: GatewayOptions, config: Config, fetcher: Fetcher, log: Log): Promise<ServedGraph> {
  const settings = {
    introspectionAllowed: config.CRM_INTROSPECTION_ALLOWED,
    addresses: options.addresses,
    fetchPart: fetcher.fetchPart,
    plansMax: LIMITS.plansMax.value,
    expandedSelectionsMax: LIMITS.expandedSelectionsMax.value,
    log,
  };
  const published = await readFirst(options.supergraphPath);
  let served: ServedGraph;
  try {
    served = await serveGraph(published, settings, systemClock);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`the supergraph ${options.supergraphPath} cannot be served: ${reason}`);
  }
  const { subgraphs } = served.current();
  const unknown = [...options.addresses.keys()].filter((name) => !subgraphs.has(name));
  if (unknown.length === 0) return served;
  const known = [...subgraphs.keys()].join(', ');
  throw new StartError(`--subgraph names ${unknown.join(', ')}, but the supergraph has ${known}`);
}

/** Says at the start what would puzzle later: settings that are allowed, but do not do what they seem to. */
function warnOfGaps(config: Config, log: Log): void {
  if (config.CRM_PROOF_SECRET === undefined) {
    log.warn('CRM_PROOF_SECRET is not set: fetches carry no proof, and our own subgraphs answer none without');
  }
  if (config.CRM_IDE_ALLOWED && !existsSync(join(IDE_FOLDER, 'index.html'))) {
    log.warn('CRM_IDE_ALLOWED is set, but GraphiQL is not built: npm run build:ide');
  }
}

/** Starts the gateway. Subgraphs may be away. Throws StartError for what the person who starts it can mend. */
export async function startGateway(options: GatewayOptions, config: Config): Promise<RunningGateway> {
  const log = openLog('gateway', config.CRM_LOG_LEVEL);
  const fetcher = openFetcherFor(config);
  const served = await serveFirst(options, config, fetcher, log);
  const loopDelay = watchLoopDelay(LOOP_DELAY_LIMITS, systemClock);
  let draining = false;
  const isDraining = (): boolean => draining;
  const parts = {
    served,
    gate: openGateFor(loopDelay),
    ide: config.CRM_IDE_ALLOWED ? openIde(IDE_FOLDER) : undefined,
    health: (path: string) => answerHealth(path, { served, fetcher, isDraining, now: () => systemClock.now() }),
    isDraining,
    clock: systemClock,
    log,
  };
  const listener = await listen({
    host: options.host,
    port: options.port,
    requestTimeoutMs: config.CRM_REQUEST_TIMEOUT_MS,
    explainAllowed: config.CRM_EXPLAIN_ALLOWED,
    clock: systemClock,
    log,
    answer: (request, state) => answerRequest(request, state, parts),
  });
  const stopWatch = watchSupergraphFile({
    path: options.supergraphPath,
    known: served.current().supergraph,
    clock: systemClock,
    onChange: (published) => served.replace(published),
    onFault: (error) => served.refuse('unreadable', error),
  });
  const drainTimeoutMs = config.CRM_DRAIN_TIMEOUT_MS;
  const stop = async (): Promise<void> => {
    draining = true;
    await stopWatch();
    await listener.drain(drainTimeoutMs);
    await served.close();
    await fetcher.close();
    loopDelay.stop();
  };
  warnOfGaps(config, log);
  return { url: listener.url, log, drainTimeoutMs, stop };
}
