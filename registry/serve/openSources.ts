// What `crm-graph registry serve` shows, by its options: the working tree or a store, and the use of a file or database.
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { LiveUse } from '../../page/liveUse.ts';
import type { PageSources, UseNow } from '../../page/pageSources.ts';
import { openStoreSources } from '../../page/storeSources.ts';
import { KnownUse, UseFold } from '../../page/useFold.ts';
import { PlaceError } from '../../store/storePlace.ts';
import { openUsage } from '../load/usage.ts';
import { RegistryError } from '../readSupergraphFile.ts';
import { TreeSources } from './treeSources.ts';

/** The command's words. */
export interface ServeWords {
  readonly config: string;
  readonly store: string | undefined;
  /** Files of exports, or one database. */
  readonly usage: readonly string[];
}

interface UseSource {
  now(): UseNow;
  close(): Promise<void>;
}

const DAYS = 30;
const NO_USE: UseNow = {
  state: {
    kind: 'none',
    because: 'No use is recorded here: start with --usage mongodb: or with a file of crm-graph usage export.',
  },
};

async function openFiles(files: readonly string[]): Promise<UseSource> {
  const exports = await Promise.all(files.map((file) => openUsage(file, DAYS, systemClock.now())));
  const fold = new UseFold();
  for (const each of exports.sort((left, right) => (left.from < right.from ? -1 : 1))) fold.add(each);
  const known = new KnownUse(
    [fold],
    files.length === 1 ? `as the file ${files.join()} has it` : `as ${files.length} files have it`,
  );
  return { now: () => known, close: () => Promise.resolve() };
}

async function openDatabase(named: string): Promise<UseSource> {
  // What needs no database does not wait for its driver.
  const { UsageDays } = await import('../../usage/mongoDays.ts');
  const config = readConfig();
  const days = new UsageDays(named === 'mongodb:' ? config : { ...config, CRM_KEYS_URI: named });
  const live = new LiveUse((period) => days.read(period), systemClock);
  return { now: () => live.now(), close: () => days.close() };
}

async function openUse(named: readonly string[]): Promise<UseSource> {
  const [first, ...others] = named;
  if (first === undefined) return { now: () => NO_USE, close: () => Promise.resolve() };
  if (!named.some((each) => /^mongodb(\+srv)?:/.test(each))) return openFiles(named);
  if (others.length > 0) throw new RegistryError(['--usage names one database, or files']);
  return openDatabase(first);
}

async function openStore(text: string): Promise<Omit<PageSources, 'use'>> {
  try {
    const store = await openStoreSources(text, readConfig());
    if (store === undefined) throw new PlaceError('is one supergraph and no store');
    return { ...store, checkNow: undefined };
  } catch (error) {
    if (error instanceof PlaceError) throw new RegistryError([`--store: the store ${error.message}`]);
    throw error;
  }
}

function openTree(config: string): Omit<PageSources, 'use'> {
  const tree = new TreeSources(config);
  return {
    schema: () => tree.schema(),
    checkNow: () => tree.checkNow(),
    ...{ log: undefined, storeName: undefined, close: () => Promise.resolve() },
  };
}

/** Opens what the options name. Throws RegistryError for what is not there. */
export async function openSources({ config, store, usage }: ServeWords): Promise<PageSources> {
  const use = await openUse(usage);
  const schemas = store === undefined ? openTree(config) : await openStore(store);
  return {
    ...schemas,
    use: () => use.now(),
    close: async () => {
      await use.close();
      await schemas.close();
    },
  };
}
