// A folder's store as a web server or object storage gives it out. What was read is asked for again by its ETag alone; no
// redirects, no more bytes than there may be, a deadline, and a token for nobody but the named server.
import { CURRENT_FILE, artifactFile, releaseFile } from './folderReader.ts';
import { ARTIFACT_BYTES_MAX, RELEASE_BYTES_MAX } from './release.ts';
import { StoreAway, StoreRefusal } from './storeFault.ts';
import type { StoreReader } from './storeReader.ts';

/** Where the server is. */
export interface WebPlace {
  /** The folder's address, or a supergraph's own. */
  readonly url: string;
  /** Shown as Authorization: Bearer; undefined: nothing is shown. */
  readonly token: string | undefined;
}

const TIMEOUT_MS = 5_000;

/** Reads files of one server, each bounded, the latest of each kept by its ETag. */
export class WebFiles {
  readonly #token: string | undefined;
  readonly #kept = new Map<string, { readonly etag: string; readonly bytes: Uint8Array }>();

  constructor(token: string | undefined) {
    this.#token = token;
  }

  /** Gives the bytes of a file; undefined where the server says that there is none. `kept` for one that changes. */
  async read(url: string, bytesMax: number, kept: boolean): Promise<Uint8Array | undefined> {
    const known = this.#kept.get(url);
    try {
      const response = await fetch(url, {
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
          ...(known !== undefined && { 'if-none-match': known.etag }),
        },
      });
      if (response.status === 200) {
        const bytes = await takeBody(response, bytesMax);
        const etag = response.headers.get('etag');
        if (kept && etag !== null) this.#kept.set(url, { etag, bytes });
        return bytes;
      }
      await response.body?.cancel();
      if (response.status === 304 && known !== undefined) return known.bytes;
      if (response.status === 404 || response.status === 410) return undefined;
      throw new StoreAway(`the server of the store answers with ${response.status}`);
    } catch (error) {
      if (error instanceof StoreAway || error instanceof StoreRefusal) throw error;
      throw new StoreAway('the server of the store does not answer', { cause: error });
    }
  }
}

async function takeBody(response: Response, bytesMax: number): Promise<Uint8Array> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the answer.
    if (bytes > bytesMax) throw new StoreRefusal(`the server of the store gives more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Opens a folder's store behind a web address. */
export function openWebReader({ url, token }: WebPlace): StoreReader {
  const files = new WebFiles(token);
  const base = url.endsWith('/') ? url : `${url}/`;
  const text = async (file: string, kept: boolean): Promise<string | undefined> => {
    const bytes = await files.read(new URL(file, base).href, RELEASE_BYTES_MAX, kept);
    return bytes && Buffer.from(bytes).toString('utf8');
  };
  return {
    kind: 'https',
    newest: () => text(CURRENT_FILE, true),
    release: (number) => text(releaseFile(number), false),
    artifact: (hash, form) => files.read(new URL(artifactFile(hash, form), base).href, ARTIFACT_BYTES_MAX, false),
    close: () => Promise.resolve(),
  };
}
