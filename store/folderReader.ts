// A store in a folder, for a disk, for git, or to be put into object storage:
//   history/000001.json   a release each, in their order; the one with the highest number is the newest
//   artifacts/<hash>.graphql, <hash>.json
//   current.json          a copy of the newest release, for those who read over the web and cannot list a folder
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_BYTES_MAX, RELEASE_BYTES_MAX, type ArtifactForm, type Hash } from './release.ts';
import { StoreAway } from './storeFault.ts';
import type { StoreReader } from './storeReader.ts';

const NUMBER_DIGITS = 6;
const RELEASE_FILE = /^(\d{6,15})\.json$/;

/** The newest release's place, from the folder's top, for readers over the web. */
export const CURRENT_FILE = 'current.json';

/** The place of a release, from the folder's top. */
export function releaseFile(number: number): string {
  return `history/${String(number).padStart(NUMBER_DIGITS, '0')}.json`;
}

/** The place of an artifact, from the folder's top. */
export function artifactFile(hash: Hash, form: ArtifactForm): string {
  return `artifacts/${hash}.${form}`;
}

function codeOf(error: unknown): unknown {
  // Not `instanceof`: an error of the file system can come from another realm.
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Reads a file up to one byte more than it may have; undefined where it is not there. */
async function readBounded(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StoreAway('the folder of the store cannot be read', { cause: error });
  }
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, bytesMax) + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new StoreAway('the folder of the store cannot be read', { cause: error });
  } finally {
    await file.close();
  }
}

/** Takes a folder; gives the number of its newest release, 0 where there is none. Rejects where there is no folder. */
export async function newestNumber(folder: string): Promise<number> {
  let names: string[];
  try {
    names = await readdir(join(folder, 'history'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && existsSync(folder)) return 0;
    throw new StoreAway('the folder of the store is not there', { cause: error });
  }
  return names.reduce((newest, name) => Math.max(newest, Number(RELEASE_FILE.exec(name)?.[1] ?? 0)), 0);
}

/** Opens a folder for reading. */
export function openFolderReader(folder: string): StoreReader {
  const release = async (number: number): Promise<string | undefined> => {
    const bytes = await readBounded(join(folder, releaseFile(number)), RELEASE_BYTES_MAX);
    return bytes && Buffer.from(bytes).toString('utf8');
  };
  return {
    kind: 'file',
    release,
    async newest() {
      const number = await newestNumber(folder);
      return number === 0 ? undefined : release(number);
    },
    artifact: (hash, form) => readBounded(join(folder, artifactFile(hash, form)), ARTIFACT_BYTES_MAX),
    close: () => Promise.resolve(),
  };
}
