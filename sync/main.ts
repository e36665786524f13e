// The process of schedules and connectors: `node sync/main.ts`, started by `npm start` where there is a sync.yaml.
import { readConfig } from '../platform/config.ts';
import { runPart } from '../platform/lifecycle.ts';
import { startSync } from './startSync.ts';

await runPart({
  name: 'sync',
  start: () => startSync(readConfig(['MONGODB_URI', 'CRM_PROOF_SECRET'])),
});
