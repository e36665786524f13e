// The database server of the end-to-end tests: the one of MONGODB_URI, so that one suite runs in both lanes.
import { readConfig } from '../../platform/config.ts';

/** Gives the URI of a MongoDB server, and what ends it if it was started for the test. */
export function openTestDatabase(): Promise<{ uri: string; stop: () => Promise<void> }> {
  const { MONGODB_URI: uri } = readConfig();
  if (uri === undefined) return Promise.reject(new Error('MONGODB_URI is not given'));
  return Promise.resolve({ uri, stop: () => Promise.resolve() });
}
