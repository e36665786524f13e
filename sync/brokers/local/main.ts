// The local broker as a process, a part of `npm start`. It listens on this machine alone unless told otherwise, and
// serves nobody who does not know CRM_BROKER_SECRET.
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { readConfig } from '../../../platform/config.ts';
import { runPart } from '../../../platform/lifecycle.ts';
import { openLog } from '../../../platform/log.ts';
import { BROKER_KEPT_MS } from '../broker.ts';
import { startLocalBroker } from './startLocalBroker.ts';

const MEGABYTE = 1024 * 1024;

await runPart({
  name: 'broker',
  async start() {
    const config = readConfig(['CRM_BROKER_SECRET']);
    const log = openLog('broker', config.CRM_LOG_LEVEL);
    const server = await startLocalBroker({
      host: config.CRM_BROKER_HOST,
      port: config.CRM_BROKER_PORT,
      dataPath: join(config.CRM_DATA_PATH, 'broker'),
      secret: config.CRM_BROKER_SECRET ?? '',
      retention: { keptMs: BROKER_KEPT_MS, bytesMax: config.CRM_BROKER_MEGABYTES_MAX * MEGABYTE },
      log,
      clock: systemClock,
    });
    return { url: server.url, log, stop: () => server.stop(), drainTimeoutMs: 2_000 };
  },
});
