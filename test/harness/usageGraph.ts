// A guarded graph whose use is counted, and what its database says was asked: read as the command line reads it.
import { readConfig } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import type { UsageExport, UsageRow } from '../../contracts/usageExport.ts';
import { readUsage } from '../../usage/mongoUsage.ts';
import type { KeyedGateway } from './keyedGateway.ts';

const HOUR_MS = 3_600_000;

/** Gives the settings by which a gateway's database is found. */
export function usageSettings({ database }: Pick<KeyedGateway, 'database'>): Record<string, string> {
  return { CRM_KEYS_URI: database.uri, CRM_DATABASE_PREFIX: database.name.replace(/_gateway$/, '') };
}

/** Gives what was asked of a gateway in the hours around now. */
export function readUsageOf(gateway: Pick<KeyedGateway, 'database'>): Promise<UsageExport> {
  const nowMs = systemClock.now().getTime();
  const period = { from: new Date(nowMs - HOUR_MS), to: new Date(nowMs + HOUR_MS) };
  return readUsage(readConfig([], usageSettings(gateway)), period);
}

/** Takes rows; gives how often each coordinate was asked by a caller, as `name@version` where it says a version. */
export function countsOf(rows: readonly UsageRow[], callerName: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { caller, coordinate, count } of rows) {
    const name = caller.version === undefined ? caller.name : `${caller.name}@${caller.version}`;
    if (name === callerName) counts[coordinate] = (counts[coordinate] ?? 0) + count;
  }
  return counts;
}
