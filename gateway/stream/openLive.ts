// Opens the streams of a gateway: its broker, the one following of it, and what seals the ids of messages. Without a
// broker subscriptions are refused, and nothing of all this is loaded that costs.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Log } from '../../platform/log.ts';
import { drawSecret } from '../../platform/random.ts';
import type { Access } from '../access/access.ts';
import { LIMITS } from '../admit/limits.ts';
import type { Observer } from '../observe/observer.ts';
import type { Refusal } from '../requestState.ts';
import type { PricedAnswer, RunParts } from '../runOperation.ts';
import type { ServedGraph } from '../servedGraph.ts';
import { openCursors } from './cursor.ts';
import { openEventFeed, type EventFeed } from './feed/eventFeed.ts';
import { OpenStreams } from './openStreams.ts';
import { SharedRuns } from './run/sharedRuns.ts';

/** What opening takes. */
export interface LiveSettings {
  readonly config: Config;
  readonly access: Access;
  readonly served: ServedGraph;
  readonly run: RunParts;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
}

async function openFeed({ config, clock, log }: LiveSettings): Promise<EventFeed | undefined> {
  const url = config.CRM_BROKER_URL;
  if (url === undefined) return undefined;
  const { openBroker } = await import('../../sync/brokers/openBroker.ts');
  const broker = await openBroker(url, { name: 'gateway streams', log, clock });
  return openEventFeed(broker, { placesMax: LIMITS.streamPlacesKept.value, clock, log });
}

/** Opens them. Rejects with StartError for a broker's address that is none. */
export async function openLive(settings: LiveSettings): Promise<OpenStreams> {
  const { config, access, served, run, observer, clock, log } = settings;
  const feed = await openFeed(settings);
  // Without the shared secret an id holds in the process that gave it alone.
  const cursorsFor = openCursors(config.CRM_PROOF_SECRET ?? drawSecret(32), clock);
  return new OpenStreams({
    ...run,
    ...{ feed, cursorsFor, served, observer, clock, log },
    runs: new SharedRuns<PricedAnswer | Refusal>(clock, LIMITS.streamRunsMax.value),
    tenantId: config.CRM_TENANT_ID,
    requestTimeoutMs: config.CRM_REQUEST_TIMEOUT_MS,
    currently: (caller) => access.currently(caller),
    onCallerEnded: (caller, address, listener) => access.onEnded(caller, address, listener),
  });
}
