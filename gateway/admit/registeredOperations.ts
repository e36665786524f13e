// The operations that the operator registered, out of the files of CRM_OPERATIONS_MANIFESTS. The files are looked at
// again and again; changed ones take effect together, faulty ones do not and the log says why.
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import {
  MANIFEST_BYTES_MAX,
  ManifestError,
  readManifests,
  type OperationManifest,
} from '../../contracts/operationManifest.ts';

/** Registered operations. */
export interface RegisteredOperations {
  /** How many there are. */
  readonly size: number;
  /** Gives the document of an id; undefined for none. */
  find(id: string): string | undefined;
  /** Whether a text is that of a registered document, to the letter. */
  holds(document: string): boolean;
}

/** Registered operations that follow their files. */
export interface FollowedOperations extends RegisteredOperations {
  /** Looks at the files now; gives whether something else holds. Never rejects. */
  reread(): Promise<boolean>;
  close(): void;
}

const LOOK_MS = 5_000;

/** No operation is registered. */
export const NO_OPERATIONS: RegisteredOperations = { size: 0, find: () => undefined, holds: () => false };

/** Takes documents by their ids; gives them as registered operations. */
export function registerOperations(manifest: OperationManifest): RegisteredOperations {
  const documents = new Set(manifest.values());
  return {
    size: manifest.size,
    // `sha256:` stands before the hash in the persisted documents of GraphQL over HTTP.
    find: (id) => manifest.get(id) ?? (id.startsWith('sha256:') ? manifest.get(id.slice(7)) : undefined),
    holds: (document) => documents.has(document),
  };
}

async function readFiles(paths: readonly string[]): Promise<RegisteredOperations> {
  const files = new Map<string, string>();
  const faults: string[] = [];
  for (const path of paths) {
    try {
      const { size } = await stat(path);
      if (size > MANIFEST_BYTES_MAX) faults.push(`${path}: it has ${size} bytes, more than ${MANIFEST_BYTES_MAX}`);
      else files.set(path, await readFile(path, 'utf8'));
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (faults.length > 0) throw new ManifestError(faults);
  return registerOperations(readManifests(files));
}

/** What changes with a file, so that it is read only then. */
async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = paths.map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
      () => 'none',
    ),
  );
  return (await Promise.all(stamps)).join(' ');
}

/**
 * Takes the setting: paths with commas between them. Gives the operations of all files, and follows the files from then
 * on. Throws ManifestError where one is faulty at the start.
 */
export async function openRegisteredOperations(setting: string, clock: Clock, log: Log): Promise<FollowedOperations> {
  const paths = setting.split(',').flatMap((path) => path.trim() || []);
  let stamp = await stampOf(paths);
  let current = await readFiles(paths);
  let isOpen = true;
  let cancel = (): void => undefined;
  async function reread(): Promise<boolean> {
    const newStamp = await stampOf(paths);
    if (newStamp === stamp) return false;
    stamp = newStamp;
    try {
      current = await readFiles(paths);
      log.info({ operations: current.size }, 'registered operations read');
      return true;
    } catch (error) {
      log.error({ err: error }, 'the manifests of operations are faulty: those read before stay');
      return false;
    }
  }
  const look = (): void => {
    cancel = clock.after(LOOK_MS, () => {
      void reread().finally(() => {
        if (isOpen) look();
      });
    });
  };
  look();
  return {
    get size() {
      return current.size;
    },
    find: (id) => current.find(id),
    holds: (document) => current.holds(document),
    reread,
    close() {
      isOpen = false;
      cancel();
    },
  };
}
