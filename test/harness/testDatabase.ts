// The database server of the end-to-end tests: the one of MONGODB_URI, so that one suite runs in both lanes, or else an
// embedded one that lives in the test's own process and keeps its data in memory.
import { startEmbeddedMongo } from '../../embedded-mongo/startEmbeddedMongo.ts';
import { readConfig } from '../../platform/config.ts';
import { openLog } from '../../platform/log.ts';

/** Gives the URI of a MongoDB server, and what ends it if it was started for the test. */
export async function openTestDatabase(): Promise<{ uri: string; stop: () => Promise<void> }> {
  const { MONGODB_URI: uri, CRM_MONGO_HOST: host } = readConfig();
  if (uri !== undefined) return { uri, stop: () => Promise.resolve() };
  const log = openLog('mongo', 'silent');
  const server = await startEmbeddedMongo({ host, port: 0, dataPath: ':memory:', log });
  return { uri: server.uri, stop: () => server.stop() };
}
