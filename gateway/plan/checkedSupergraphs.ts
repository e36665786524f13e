// Supergraphs that ApolloGateway has found good, kept between starts: checking one again, with the loading of that
// library, is a quarter of a cold start, and the same text has the same outcome under the same version. The files lie in
// a folder of the system's temporary one that nobody but this user can write, beside what Node keeps of compiled code.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isOwn, ownFolder } from '../../platform/ownFolder.ts';

/** What the check of a supergraph gave. */
export interface CheckedText {
  readonly apiSdl: string;
  readonly subgraphs: readonly (readonly [string, string])[];
}

/** How many are kept; the oldest go. */
const KEPT_MAX = 16;
const NAME = /^[0-9a-f]{64}\.json$/;

function checkerVersion(): string {
  const { version } = createRequire(import.meta.url)('@apollo/gateway/package.json') as { version: string };
  return version;
}

function isCheckedText(value: unknown): value is CheckedText {
  if (typeof value !== 'object' || value === null || !('apiSdl' in value) || !('subgraphs' in value)) return false;
  const { apiSdl, subgraphs } = value;
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
  return typeof apiSdl === 'string' && Array.isArray(subgraphs) && subgraphs.every(isPair);
}

/** Remembers checks in a folder. */
export class CheckedSupergraphs {
  private readonly folder: string;
  private readonly version: string;

  /** `version`: of what checks; what another one found counts for nothing. */
  constructor(folder = ownFolder('checked'), version = checkerVersion()) {
    this.folder = folder;
    this.version = version;
  }

  private fileOf(sdl: string): string {
    const hash = createHash('sha256')
      .update(JSON.stringify([this.version, sdl]))
      .digest('hex');
    return join(this.folder, `${hash}.json`);
  }

  /** Takes a supergraph's text; gives what its check gave, or undefined where it has to be checked. Never throws. */
  recall(sdl: string): CheckedText | undefined {
    try {
      if (!isOwn(this.folder)) return undefined;
      const kept: unknown = JSON.parse(readFileSync(this.fileOf(sdl), 'utf8'));
      return isCheckedText(kept) ? kept : undefined;
    } catch {
      // Not there, or not to be read: it is checked.
      return undefined;
    }
  }

  /** Keeps what a check gave. Never throws: a folder that cannot be written costs the next start its time. */
  keep(sdl: string, { apiSdl, subgraphs }: CheckedText): void {
    try {
      if (!isOwn(this.folder)) return;
      const file = this.fileOf(sdl);
      const unfinished = `${file}.${process.pid}`;
      writeFileSync(unfinished, JSON.stringify({ apiSdl, subgraphs }), { mode: 0o600 });
      renameSync(unfinished, file);
      this.dropOldest();
    } catch {
      // As said: the next start checks again.
    }
  }

  private dropOldest(): void {
    const files = readdirSync(this.folder).filter((name) => NAME.test(name));
    const byAge = files
      .map((name) => ({ path: join(this.folder, name), atMs: statSync(join(this.folder, name)).mtimeMs }))
      .sort((left, right) => right.atMs - left.atMs);
    for (const { path } of byAge.slice(KEPT_MAX)) rmSync(path, { force: true });
  }
}
