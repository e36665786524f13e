// A supergraph that lies in a file, or behind a web address, alone: without releases and signatures. Looks at the file
// itself, so that it also works on mounted folders, where nobody tells of changes; a half-written file simply changes again.
import { readFile, stat } from 'node:fs/promises';
import { checkArtifact } from '../../store/storeReader.ts';
import { ARTIFACT_BYTES_MAX, hashOf } from '../../store/release.ts';
import { StoreAway } from '../../store/storeFault.ts';
import { WebFiles, type WebPlace } from '../../store/webReader.ts';
import { nameSupergraph, type SupergraphSource } from './supergraphSource.ts';

const LOOK_EVERY_MS = 250;
const ASK_EVERY_MS = 1_000;

/** Opens a file as a source. */
export function openFileSource(path: string): SupergraphSource {
  let signature = '';
  return {
    kind: 'file',
    name: `file:${path}`,
    lookEveryMs: LOOK_EVERY_MS,
    async read(known) {
      try {
        const found = await stat(path);
        const current = `${found.mtimeMs} ${found.size} ${found.ino}`;
        if (known !== undefined && current === signature) return undefined;
        const published = nameSupergraph(await readFile(path, 'utf8'));
        signature = current;
        return published.hash === known?.published.hash ? undefined : { published, signed: undefined };
      } catch (error) {
        signature = '';
        throw new StoreAway('the supergraph file cannot be read', { cause: error });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Opens the address of a supergraph as a source. */
export function openUrlSource({ url, token }: WebPlace): SupergraphSource {
  const files = new WebFiles(token);
  return {
    kind: 'https',
    name: url,
    lookEveryMs: ASK_EVERY_MS,
    async read(known) {
      const bytes = await files.read(url, ARTIFACT_BYTES_MAX, true);
      if (bytes === undefined) throw new StoreAway('the server has no supergraph at this address');
      const published = nameSupergraph(checkArtifact(bytes, hashOf(bytes)));
      return published.hash === known?.published.hash ? undefined : { published, signed: undefined };
    },
    close: () => Promise.resolve(),
  };
}
