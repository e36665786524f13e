// A process that runs one source of a configuration, for benches and tests that kill it half-way: tells how far it is,
// and at its end what became of it. `node bench/pull/runPull.ts CONFIG SOURCE URL-OF-CUSTOMERS`
import { readPeakMb } from '../processCost.ts';
import { readConfig } from '../../platform/config.ts';
import { readSyncConfig } from '../../sync/connectors/readSyncConfig.ts';
import { openRunDeps } from '../../sync/connectors/run/runDeps.ts';
import { openSyncDatabase } from '../../sync/connectors/run/sourceStates.ts';
import { runSource, type RunReport } from '../../sync/connectors/runSource.ts';

/**
 * What the process tells: how many rows are through, how much memory it has ever had, and the processor time that it has
 * used; at its end the report.
 */
export interface PullMessage {
  readonly rowsRead: number;
  readonly peakMb: number;
  readonly cpuMs: number;
  readonly report?: RunReport;
}

const MICROS_A_MS = 1_000;

function tell(rowsRead: number, report?: RunReport): void {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cost = { peakMb: Math.round(readPeakMb(process.pid)), cpuMs: (userCPUTime + systemCPUTime) / MICROS_A_MS };
  const message: PullMessage = { rowsRead, ...cost, ...(report !== undefined && { report }) };
  process.send?.(message);
}

const [path = '', name = '', url = ''] = process.argv.slice(2);
const config = readConfig(['MONGODB_URI', 'CRM_PROOF_SECRET']);
const connection = await openSyncDatabase(config.MONGODB_URI ?? '', config.CRM_DATABASE_PREFIX);
const definition = readSyncConfig(path).sources.get(name);
if (definition === undefined) throw new Error(`there is no source ${name} in ${path}`);
const report = await runSource(definition, openRunDeps(config, connection, { customers: url }), {
  signal: new AbortController().signal,
  onProgress: ({ rowsRead }) => tell(rowsRead),
});
tell(report.rowsRead, report);
await connection.close();
process.disconnect();
