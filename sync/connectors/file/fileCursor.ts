// How far a file was read, and whether it is still that file: by a hash of its head and of the last record that was
// read. A file that is written to at its end is read on; one that was replaced is read from the beginning.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { SourceState } from '../connector.ts';
import type { Position, RawRecord } from './recordReader.ts';

const HEAD_BYTES = 65_536;
const TAIL_BYTES = 1_024;

const shape = z.object({
  offset: z.int().min(0),
  line: z.int().min(1),
  headBytes: z.int().min(0),
  head: z.string(),
  tailBytes: z.int().min(0),
  tail: z.string(),
  size: z.int().min(0),
  modifiedMs: z.number(),
  isDone: z.boolean(),
});

/** A file's bookmark. */
export type FileCursor = z.infer<typeof shape>;

/** What a file is at the beginning of a reading. */
export interface FileIdentity {
  readonly size: number;
  readonly modifiedMs: number;
  readonly headBytes: number;
  readonly head: string;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

async function hashRange(file: FileHandle, start: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, start);
  return hashOf(bytes.subarray(0, bytesRead));
}

/** Takes an open file; gives what it is known by. */
export async function identifyFile(file: FileHandle): Promise<FileIdentity> {
  const { size, mtimeMs } = await file.stat();
  const headBytes = Math.min(HEAD_BYTES, size);
  return { size, modifiedMs: mtimeMs, headBytes, head: await hashRange(file, 0, headBytes) };
}

/** Makes the cursor behind a record. */
export function cursorBehind(identity: FileIdentity, position: Position, last: RawRecord | undefined): FileCursor {
  const tail = last?.bytes.subarray(-TAIL_BYTES) ?? Buffer.alloc(0);
  return { ...identity, ...position, tailBytes: tail.length, tail: hashOf(tail), isDone: false };
}

/** Where the tail of a cursor begins: its line break, of one byte or two, stands behind it. */
async function hasTail(file: FileHandle, cursor: FileCursor): Promise<boolean> {
  if (cursor.tailBytes === 0) return true;
  for (const breakBytes of [1, 2, 0]) {
    const start = cursor.offset - breakBytes - cursor.tailBytes;
    if (start >= 0 && (await hashRange(file, start, cursor.tailBytes)) === cursor.tail) return true;
  }
  return false;
}

/**
 * Takes the file as it is, the state of an earlier run and whether the file only grows; gives where to go on:
 * `undefined` is the beginning, `'done'`: there is nothing new.
 */
export async function resumeFile(
  file: FileHandle,
  identity: FileIdentity,
  { state, grows }: { state: SourceState | undefined; grows: boolean },
): Promise<Position | 'done' | undefined> {
  const read = shape.safeParse(state);
  if (!read.success) return undefined;
  const cursor = read.data;
  if (cursor.offset > identity.size || (await hashRange(file, 0, cursor.headBytes)) !== cursor.head) return undefined;
  if (!(await hasTail(file, cursor))) return undefined;
  const isUntouched = cursor.size === identity.size && cursor.modifiedMs === identity.modifiedMs;
  if (!grows && !isUntouched) return undefined;
  if (cursor.offset === identity.size || (cursor.isDone && isUntouched)) return 'done';
  return { offset: cursor.offset, line: cursor.line };
}
