// Makes the GraphiQL bundle when its sources changed; the folder is ignored by git. Runs before the gateway starts, not
// in it: the gateway itself needs no bundler.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '../..');
const STAMP = join(HERE, 'dist', '.sources');
const SOURCE_FOLDERS = [join(HERE, 'source'), join(ROOT, 'examples', 'queries')];
/** The lock file stands for the versions of the bundled packages. */
const SOURCE_FILES = [join(HERE, 'index.html'), join(HERE, 'vite.config.ts'), join(ROOT, 'package-lock.json')];

async function hashSources(): Promise<string> {
  const listed = await Promise.all(
    SOURCE_FOLDERS.map(async (folder) => (await readdir(folder)).sort().map((name) => join(folder, name))),
  );
  const hash = createHash('sha256');
  for (const file of [...listed.flat(), ...SOURCE_FILES]) hash.update(await readFile(file));
  return hash.digest('hex');
}

/** Says whether the bundle is there and made of the sources as they are now. */
export async function isIdeBuilt(): Promise<boolean> {
  const stamp = await readFile(STAMP, 'utf8').catch(() => undefined);
  return stamp !== undefined && stamp === (await hashSources());
}

/** Makes the bundle, unless it is made of the same sources already. Gives whether there was anything to do. */
export async function buildIde(): Promise<boolean> {
  if (await isIdeBuilt()) return false;
  const { build } = await import('vite');
  await build({ configFile: join(HERE, 'vite.config.ts') });
  await writeFile(STAMP, await hashSources());
  return true;
}
