// Keeps the supergraph file in step with the files it is made of: composes again when one changes, writes only what
// composes, and whole. A bad change leaves the old file as it is and says why.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../platform/log.ts';
import { systemClock } from '../platform/clock.ts';
import { composeSupergraph, type Composed } from './compose.ts';
import { RegistryError } from './readSupergraphFile.ts';

/** How often the files are looked at. Looking works on every file system, mounted ones too; telling does not. */
const LOOK_EVERY_MS = 300;

/** What a watch needs to know. */
export interface SupergraphWatch {
  readonly configPath: string;
  /** The file that the gateway reads. */
  readonly outPath: string;
  readonly log: Log;
  /** Called after each attempt with what it gave; a fault of a file counts as not composed. */
  readonly onComposed?: (composed: Composed) => void;
}

/** Writes a supergraph beside its place and moves it there, so that nobody ever reads half of it. */
export async function writeSupergraph(outPath: string, supergraph: string): Promise<void> {
  await mkdir(dirname(outPath), { recursive: true });
  const draft = `${outPath}.${process.pid}.draft`;
  await writeFile(draft, supergraph);
  await rename(draft, outPath);
}

async function composeSafely(configPath: string, knownFiles: readonly string[]): Promise<Composed> {
  try {
    return await composeSupergraph(configPath);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { ok: false, messages: error.faults, files: knownFiles.length > 0 ? knownFiles : [configPath] };
  }
}

async function signatureOf(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      return found === undefined ? `${file} away` : `${file} ${found.mtimeMs} ${found.size} ${found.ino}`;
    }),
  );
  return parts.join('\n');
}

async function publish(watch: SupergraphWatch, composed: Composed): Promise<void> {
  if (!composed.ok) {
    watch.log.error({ messages: composed.messages }, 'the change does not compose; the old supergraph stays');
    return;
  }
  const old = await readFile(watch.outPath, 'utf8').catch(() => undefined);
  if (old === composed.supergraph) return;
  await writeSupergraph(watch.outPath, composed.supergraph);
  const hash = createHash('sha256').update(composed.supergraph).digest('hex').slice(0, 12);
  watch.log.info({ supergraph: hash, hints: composed.hints }, 'supergraph composed');
}

/**
 * Composes now and after every change of a named file. Gives what the first attempt gave and what ends the watch.
 * Throws only for a fault that is not one of the files.
 */
export async function watchSupergraph(watch: SupergraphWatch): Promise<{ first: Composed; stop: () => Promise<void> }> {
  let files: readonly string[] = [watch.configPath];
  let seen = '';
  const attempt = async (): Promise<Composed> => {
    const composed = await composeSafely(watch.configPath, files);
    files = composed.files;
    await publish(watch, composed);
    watch.onComposed?.(composed);
    return composed;
  };
  // The signature is taken before the files are read: a change in between is seen at the next look, and so is a file
  // that the change itself named for the first time.
  const look = async (): Promise<void> => {
    const current = await signatureOf(files);
    if (current === seen) return;
    seen = current;
    await attempt();
  };
  const first = await attempt();
  seen = await signatureOf(files);
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;
  const plan = (): void => {
    cancel = systemClock.after(LOOK_EVERY_MS, () => {
      running = look()
        .catch((error: unknown) => watch.log.error({ err: error }, 'the schema files could not be looked at'))
        .then(() => (stopped ? undefined : plan()));
    });
  };
  plan();
  const stop = async (): Promise<void> => {
    stopped = true;
    cancel();
    await running;
  };
  return { first, stop };
}
