// Folders in the system's temporary one that nobody but this user can write: what is kept there between starts is believed.
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the path of this user's folder for something. */
export function ownFolder(what: string): string {
  return join(tmpdir(), `crm-graph-${what}-${process.getuid?.() ?? 'user'}`);
}

/** Makes a folder where it is not; says whether it is this user's alone. Throws where it cannot be made. */
export function isOwn(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/** Gives the folder for compiled code; undefined where it is not this user's alone: whoever writes it runs code here. */
export function compiledFolder(): string | undefined {
  const folder = ownFolder('compiled');
  try {
    return isOwn(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}
