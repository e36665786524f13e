// Whether and where this gateway counts what is asked of the schema: in its own database, where it has one, unless that
// is turned off.
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { gatewayDatabaseOf } from '../../platform/gatewayDatabase.ts';
import type { Log } from '../../platform/log.ts';
import type { Observer } from '../observe/observer.ts';
import type { UsageBounds } from './usageCounts.ts';
import { NO_USAGE, openUsageRecorder, type UsageRecorder } from './usageRecorder.ts';

/** How much a gateway process holds and tells apart: some 30 MB at the most. */
export const USAGE_BOUNDS: UsageBounds = {
  operationsMax: 4_000,
  cellsMax: 50_000,
  keysMax: 5_000,
  clientsMax: 200,
  versionsMax: 20,
  elementsMax: 50_000,
};

/** What recording takes. */
export interface UsageParts {
  readonly config: Config;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the recording of a gateway that has a database of its own; nothing is recorded where the settings say so. */
export async function openUsage({ config, observer, clock, log }: UsageParts): Promise<UsageRecorder> {
  if (!config.CRM_USAGE_RECORDED) return NO_USAGE;
  const { openMongoUsageStore } = await import('./mongoUsageStore.ts');
  const store = openMongoUsageStore(gatewayDatabaseOf(config));
  return openUsageRecorder({ store, bounds: USAGE_BOUNDS, daysKept: config.CRM_USAGE_DAYS, observer, clock, log });
}
