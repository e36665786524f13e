// Automatic persisted queries: a client sends a document once with its hash, and the hash alone from then on. Saves
// bytes, gives no right: what anybody may store here is never taken for registered.
import { createHash } from 'node:crypto';
import { LIMITS } from './limits.ts';

/** Where documents are kept by their hashes. */
export interface PersistedQueries {
  /** Gives the document of a hash; undefined for none. A promise only where it is asked for elsewhere. */
  find(hash: string): string | undefined | Promise<string | undefined>;
  /** Keeps a document for as long as there is room; its hash was checked. */
  keep(hash: string, document: string): void;
}

/** Documents kept in memory; answers at once. */
export interface MemoryQueries extends PersistedQueries {
  find(hash: string): string | undefined;
}

const CHARACTERS_MAX = 16_000_000;

/** Gives the SHA-256 of a document, in lower-case hexadecimal digits. */
export function hashDocument(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

/** Opens a memory for documents: so many, and so many characters of them; the one unused for longest goes first. */
export function openMemoryQueries(
  queriesMax: number = LIMITS.plansMax.value,
  charactersMax = CHARACTERS_MAX,
): MemoryQueries {
  const documents = new Map<string, string>();
  let characters = 0;
  const forget = (hash: string): void => {
    characters -= documents.get(hash)?.length ?? 0;
    documents.delete(hash);
  };
  return {
    find(hash) {
      const document = documents.get(hash);
      if (document === undefined) return undefined;
      documents.delete(hash);
      documents.set(hash, document);
      return document;
    },
    keep(hash, document) {
      forget(hash);
      documents.set(hash, document);
      characters += document.length;
      for (const oldest of documents.keys()) {
        if (documents.size <= queriesMax && characters <= charactersMax) break;
        forget(oldest);
      }
    },
  };
}
