// Adds to package-lock.json the optional packages of other platforms that an install on this one left out, because
// `npm ci` of npm 11 refuses a lock file without them. `--check` changes nothing and exits 1 where one is missing.
import { readFileSync, writeFileSync } from 'node:fs';

interface LockEntry {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
}
interface Lock {
  packages: Record<string, LockEntry>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];

/** Takes a parsed lock file; gives the entries that its packages name as optional and that it does not hold. */
function findMissing(lock: Lock): Map<string, LockEntry> {
  const missing = new Map<string, LockEntry>();
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (path in lock.packages) continue;
      const os = SYSTEMS.filter((system) => name.includes(system));
      missing.set(path, {
        version,
        ...(entry.dev === true && { dev: true }),
        optional: true,
        ...(os.length > 0 && { os }),
      });
    }
  }
  return missing;
}

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
const missing = findMissing(lock);
if (process.argv.includes('--check')) {
  if (missing.size > 0) {
    console.error(`package-lock.json misses ${missing.size} entries; run: node scripts/completeLock.ts`);
    process.exitCode = 1;
  }
} else {
  const packages = Object.fromEntries(
    [...Object.entries(lock.packages), ...missing].sort(([left], [right]) => (left < right ? -1 : 1)),
  );
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.size} entries added`);
}
