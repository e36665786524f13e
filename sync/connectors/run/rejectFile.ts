// The records that did not go in: one JSON object a line with the place in the source and the reason, no values. It
// grows in the order of the source, and is cut back to where the saved state stands when a run goes on after a kill.
import { chmod, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

const REJECT_BYTES_MAX = 67_108_864;
const FILES_KEPT = 10;
const FULL_LINE = '{"place":"from here on","reason":"the file is full: rejects are counted and not written"}\n';
const OWNER_ALONE = 0o600;

/** A record that did not go in. */
export interface Reject {
  /** `line 17`, or the row's key. */
  readonly place: string;
  readonly reason: string;
}

/** The reject file of one generation of a source. */
export interface RejectFile {
  readonly path: string;
  /** How long it is, in bytes. */
  readonly bytes: number;
  /** Whether it is full: rejects are counted on, and no longer written. */
  readonly isFull: boolean;
  append(rejects: readonly Reject[]): Promise<void>;
}

async function prune(folder: string, source: string, keep: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${source}.`) && name.endsWith('.ndjson'));
  const aged = await Promise.all(names.map(async (name) => ({ name, ms: (await stat(join(folder, name))).mtimeMs })));
  const old = aged.filter(({ name }) => name !== keep).sort((left, right) => right.ms - left.ms);
  for (const { name } of old.slice(FILES_KEPT - 1)) await rm(join(folder, name), { force: true });
}

/** Opens the file of a generation, cut back to `bytes`; it comes to be with the first reject. */
export async function openRejectFile(
  folder: string,
  {
    source,
    generation,
    bytes,
    bytesMax = REJECT_BYTES_MAX,
  }: { source: string; generation: string; bytes: number; bytesMax?: number },
): Promise<RejectFile> {
  await mkdir(folder, { recursive: true });
  const name = `${source}.${generation}.ndjson`;
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  let isFull = false;
  let length = Math.min(bytes, found?.size ?? 0);
  if (found !== undefined) {
    await truncate(path, length);
    await chmod(path, OWNER_ALONE);
  }
  await prune(folder, source, name);
  return {
    path,
    get bytes() {
      return length;
    },
    get isFull() {
      return isFull;
    },
    async append(rejects) {
      if (rejects.length === 0 || isFull) return;
      let text = rejects.map(({ place, reason }) => `${JSON.stringify({ place, reason })}\n`).join('');
      if (length + Buffer.byteLength(text) > bytesMax) {
        isFull = true;
        text = FULL_LINE;
      }
      const file = await open(path, 'a', OWNER_ALONE);
      try {
        await file.appendFile(text);
      } finally {
        await file.close();
      }
      length += Buffer.byteLength(text);
    },
  };
}
