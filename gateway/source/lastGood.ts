// The last supergraph that was served well, on this machine's disk, so that a gateway starts while its source is away. It
// is checked like what comes from the source: its hash, and its signature where there is a secret.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { drawId } from '../../platform/random.ts';
import { hashOf, parseRelease, printRelease } from '../../store/release.ts';
import { verifySignature, type Signing } from '../../store/signature.ts';
import { StoreRefusal } from '../../store/storeFault.ts';
import { checkArtifact } from '../../store/storeReader.ts';
import { nameSupergraph, type SourcedSupergraph } from './supergraphSource.ts';

/** The copy of one source's supergraph. */
export interface LastGood {
  /** Keeps a supergraph in place of the one before. Rejects where the disk does not take it; the one before stays. */
  keep(sourced: SourcedSupergraph): Promise<void>;
  /** Gives what was kept; undefined where nothing was. Rejects where it is damaged or cannot be read. */
  read(): Promise<SourcedSupergraph | undefined>;
}

interface KeptFile {
  readonly formatVersion: 1;
  /** Of the supergraph's text. */
  readonly hash: string;
  /** The release as it was published; null for a supergraph that has none. */
  readonly release: string | null;
  readonly sdl: string;
}

function isKept(value: unknown): value is KeptFile {
  if (typeof value !== 'object' || value === null) return false;
  const { formatVersion, hash, release, sdl } = value as Record<string, unknown>;
  return (
    formatVersion === 1 &&
    typeof hash === 'string' &&
    typeof sdl === 'string' &&
    (release === null || typeof release === 'string')
  );
}

function parseKept(text: string, signing: Signing): SourcedSupergraph {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isKept(value)) throw new StoreRefusal('the copy on disk is damaged');
  const signed = value.release === null ? undefined : parseRelease(value.release);
  if (signed !== undefined) verifySignature(signed.hash, signed.signature, signing);
  else if (signing.secret !== undefined) throw new StoreRefusal('the copy on disk is not signed');
  const sdl = checkArtifact(Buffer.from(value.sdl, 'utf8'), signed?.release.supergraph ?? value.hash);
  return { signed, published: nameSupergraph(sdl) };
}

/** Takes the folder of the copies, and the name of the source, of which each has its own; gives its copy. */
export function openLastGood(folder: string, sourceName: string, signing: Signing): LastGood {
  const path = join(folder, `${hashOf(sourceName).slice(0, 16)}.json`);
  return {
    async keep({ published, signed }) {
      const kept: KeptFile = {
        formatVersion: 1,
        hash: hashOf(published.sdl),
        release: signed === undefined ? null : printRelease(signed),
        sdl: published.sdl,
      };
      await mkdir(folder, { recursive: true });
      const draft = `${path}.${drawId()}.draft`;
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(kept));
        await file.sync();
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    },
    async read() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        // Not `instanceof`: an error of the file system can come from another realm.
        if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
      return parseKept(text, signing);
    },
  };
}
