// The store in a folder. A file comes into being under another name, is written to the disk, and gets its own name in one
// step, so that nobody ever reads half of it, whenever a process dies. A release gets its name by a hard link, which fails
// where the name is taken: of two publishers one wins, without a lock that could be left behind.
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { drawId } from '../../platform/random.ts';
import { artifactFile, CURRENT_FILE, newestNumber, openFolderReader, releaseFile } from '../../store/folderReader.ts';
import { hashOf, printRelease, type ArtifactForm, type Hash, type SignedRelease } from '../../store/release.ts';
import { StoreAway } from '../../store/storeFault.ts';
import type { StoreReader } from '../../store/storeReader.ts';
import type { SchemaStore } from './schemaStore.ts';

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Without it a name may be lost with the power, though the file's content is not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file under a name that nobody reads; gives that name. */
async function writeDraft(path: string, text: string): Promise<string> {
  const draft = join(dirname(path), `.${drawId()}.draft`);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(draft, 'wx', 0o644);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = await writeDraft(path, text);
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Gives a file its name if nobody has it; says whether it did. */
async function createFile(path: string, text: string): Promise<boolean> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The store. */
class FolderStore implements SchemaStore {
  readonly reader: StoreReader;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.reader = openFolderReader(folder);
  }

  putArtifact(hash: Hash, form: ArtifactForm, text: string): Promise<void> {
    return this.#write(async () => {
      const path = join(this.#folder, artifactFile(hash, form));
      const kept = await readFile(path).catch(() => undefined);
      if (kept === undefined || hashOf(kept) !== hash) await replaceFile(path, text);
    });
  }

  async append(signed: SignedRelease): Promise<boolean> {
    const text = printRelease(signed);
    const isMine = await this.#write(() => createFile(join(this.#folder, releaseFile(signed.release.number)), text));
    await this.settle();
    return isMine;
  }

  /**
   * Brings current.json up to the newest release. Who writes an older one because another publisher was faster sees that
   * afterwards, and writes again.
   */
  settle(): Promise<void> {
    return this.#write(async () => {
      for (;;) {
        const number = await newestNumber(this.#folder).catch(() => 0);
        if (number === 0) return;
        const text = await readFile(join(this.#folder, releaseFile(number)), 'utf8');
        const path = join(this.#folder, CURRENT_FILE);
        if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await replaceFile(path, text);
        else if ((await newestNumber(this.#folder)) === number) return;
      }
    });
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  async #write<R>(task: () => Promise<R>): Promise<R> {
    try {
      return await task();
    } catch (error) {
      throw new StoreAway(`the folder of the store cannot be written (${String(error)})`, { cause: error });
    }
  }
}

/** Opens a folder as a store; it is made with the first publish. */
export function openFolderStore(folder: string): SchemaStore {
  return new FolderStore(folder);
}
