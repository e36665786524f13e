// Compares copies with their owners at once, for whoever asks.
import { systemClock } from '../../platform/clock.ts';
import { runDrift, type DriftOptions, type DriftReport } from '../drift/runDrift.ts';
import type { SyncDesk } from './syncDesk.ts';

export type { DriftReport } from '../drift/runDrift.ts';

/** Takes the desk and what is wanted; gives the report. */
export function driftNow({ config, connection }: SyncDesk, options: DriftOptions): Promise<DriftReport> {
  const { CRM_DATABASE_PREFIX: prefix, CRM_TENANT_ID: tenantId } = config;
  return runDrift({ connection, prefix, tenantId, clock: systemClock }, options);
}
