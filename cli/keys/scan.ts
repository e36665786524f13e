// Looks for keys in files: only a text with a right checksum is one, so that what is found is worth an alarm. Never
// prints a key in full.
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findApiKeys, showKey } from '../../gateway/identify/apiKey.ts';

/** A key that was found in a file. */
export interface FoundKey {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly keyId: string;
  readonly shown: string;
}

const SKIPPED_FOLDERS = new Set(['node_modules', '.git']);
const NEWLINE = 10;
/** Longer than a key by far: so much of one piece's end is looked at again with the next. */
const OVERLAP_CHARACTERS = 128;

/** Files under a path, a link followed only where it was named itself. */
async function* filesUnder(path: string): AsyncIterable<string> {
  const status = await lstat(path);
  if (status.isDirectory()) {
    for (const entry of (await readdir(path)).sort())
      if (!SKIPPED_FOLDERS.has(entry)) yield* filesUnder(join(path, entry));
  } else if (status.isFile()) yield path;
}

/** Counts lines up to what was read, however long a file is. */
class Place {
  #line = 1;
  #column = 1;

  /** Moves over a text. */
  pass(text: string): void {
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) === NEWLINE) {
        this.#line += 1;
        this.#column = 1;
      } else this.#column += 1;
    }
  }

  get now(): { readonly line: number; readonly column: number } {
    return { line: this.#line, column: this.#column };
  }
}

async function* keysIn(file: string): AsyncIterable<FoundKey> {
  const place = new Place();
  let rest = '';
  // Byte by byte as characters: a key is ASCII in whatever encoding stands around it.
  for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
    const text = rest + String(chunk);
    let passed = 0;
    for (const { key, at } of findApiKeys(text)) {
      place.pass(text.slice(passed, at));
      yield { file, ...place.now, keyId: key.id, shown: showKey(key.env, key.id, key.secret.slice(-4)) };
      place.pass(text.slice(at, at + 1));
      passed = at + 1;
    }
    const keptFrom = Math.max(passed, text.length - OVERLAP_CHARACTERS);
    place.pass(text.slice(passed, keptFrom));
    rest = text.slice(keptFrom);
  }
}

/** Takes files and folders; gives every key with a right checksum in them. Rejects for a path that cannot be read. */
export async function* scanPaths(paths: readonly string[]): AsyncIterable<FoundKey> {
  for (const path of paths) for await (const file of filesUnder(path)) yield* keysIn(file);
}
