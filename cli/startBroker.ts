// What `npm start` gives a graph without a broker of its own: the address of the local one, with a secret drawn for it.
// It lies in the data folder where its owner alone can read it, so that other commands beside a running graph find it.
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawSecret } from '../platform/random.ts';

const OWNER_ALONE = 0o600;

/** Draws the secret of one run. */
export function drawBrokerSecret(): string {
  return drawSecret(32);
}

/** The local broker's main file, from the project's top. */
export const LOCAL_BROKER = 'sync/brokers/local/main.ts';

/**
 * Takes the data folder, `local://host:port` and the secret; gives the address with the secret in it, which is also kept
 * in `<data folder>/broker/url`, for `CRM_BROKER_URL_FILE`.
 */
export async function keepBrokerUrl(dataPath: string, url: string, secret: string): Promise<string> {
  const whole = url.replace('//', `//crm:${encodeURIComponent(secret)}@`);
  const folder = join(dataPath, 'broker');
  const path = join(folder, 'url');
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.new`, `${whole}\n`, { mode: OWNER_ALONE });
  await chmod(`${path}.new`, OWNER_ALONE);
  await rename(`${path}.new`, path);
  return whole;
}
