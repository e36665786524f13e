// Watches the published supergraph file and hands on each new content. Looks at the file itself, so that it also works
// on mounted folders, where nobody tells of changes; a half-written file simply changes again.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../platform/clock.ts';

const LOOK_EVERY_MS = 250;

/** A supergraph as published. */
export interface PublishedSupergraph {
  readonly sdl: string;
  /** The first characters of its SHA-256: names it in the log and in /health/ready. */
  readonly hash: string;
}

/** Takes a supergraph's text; gives it with its hash. */
export function nameSupergraph(sdl: string): PublishedSupergraph {
  return { sdl, hash: createHash('sha256').update(sdl).digest('hex').slice(0, 16) };
}

/** Reads the file; throws where it cannot. */
export async function readSupergraph(path: string): Promise<PublishedSupergraph> {
  return nameSupergraph(await readFile(path, 'utf8'));
}

interface Watch {
  readonly path: string;
  /** The content that is served already. */
  readonly known: PublishedSupergraph;
  readonly clock: Clock;
  readonly onChange: (published: PublishedSupergraph) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Calls `onChange` after each change of the file's content, one at a time. Gives what ends the watch. */
export function watchSupergraphFile(watch: Watch): () => Promise<void> {
  let hash = watch.known.hash;
  let signature = '';
  let stopped = false;
  let cancel = (): void => undefined;
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const found = await stat(watch.path);
    const current = `${found.mtimeMs} ${found.size} ${found.ino}`;
    if (current === signature) return;
    signature = current;
    const published = await readSupergraph(watch.path);
    if (published.hash === hash) return;
    hash = published.hash;
    await watch.onChange(published);
  };
  const plan = (): void => {
    cancel = watch.clock.after(LOOK_EVERY_MS, () => {
      running = look()
        .catch((error: unknown) => {
          // A file that is away is told once, not four times a second.
          if (signature !== 'away') watch.onFault(error);
          signature = 'away';
        })
        .then(() => (stopped ? undefined : plan()));
    });
  };
  plan();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
