// Makes the page's bundle when its sources changed; the folder is ignored by git. What serves the page needs no bundler.
import { createHash } from 'node:crypto';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(HERE, 'dist');
const STAMP = join(DIST, '.sources');
const SOURCE_FOLDER = join(HERE, 'source');
/** The lock file stands for the versions of the bundled packages. */
const SOURCE_FILES = [
  join(HERE, 'index.html'),
  join(HERE, 'vite.config.ts'),
  join(HERE, '../../page/pageWords.ts'),
  join(HERE, '../../package-lock.json'),
];

async function hashSources(): Promise<string> {
  const names = (await readdir(SOURCE_FOLDER)).sort();
  const hash = createHash('sha256');
  for (const file of [...names.map((name) => join(SOURCE_FOLDER, name)), ...SOURCE_FILES]) {
    hash.update(await readFile(file));
  }
  return hash.digest('hex');
}

/** Makes the bundle, unless it is made of the same sources already. Gives whether there was anything to do. */
export async function buildPage(): Promise<boolean> {
  const stamp = await readFile(STAMP, 'utf8').catch(() => undefined);
  if (stamp !== undefined && stamp === (await hashSources().catch(() => stamp))) return false;
  const { build } = await import('vite');
  await build({ configFile: join(HERE, 'vite.config.ts') });
  await writeFile(STAMP, await hashSources());
  return true;
}

/** Makes the bundle where that can be done; gives in a sentence why there is none, undefined where there is one. */
export async function preparePage(): Promise<string | undefined> {
  try {
    await buildPage();
    return undefined;
  } catch (error) {
    // Installed without what builds: an older bundle is better than none.
    const isThere = await access(join(DIST, 'index.html')).then(
      () => true,
      () => false,
    );
    return isThere ? undefined : `the page is not built and cannot be built here: ${String(error)}`;
  }
}
