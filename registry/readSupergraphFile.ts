// First step of composing: supergraph.yaml, in Rover's own format, becomes a checked list of subgraphs. Every fault
// names the file and the line, all of them at once.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Place } from './finding.ts';

interface MapIssue {
  readonly code?: string | undefined;
  readonly keys?: unknown;
}

/** Says which keys a map has, where it has another or is no map. */
const map = (keys: string) => ({
  error: (issue: MapIssue) =>
    issue.code === 'unrecognized_keys'
      ? `${String(issue.keys)} is unknown here: there is only ${keys}`
      : `must be a map of ${keys}`,
});

const SupergraphFile = z.strictObject({
  federation_version: z.coerce
    .string()
    .regex(/^(=?2(\.\d+){0,2}|2)$/, 'must be a version of federation 2, such as =2.9.0'),
  subgraphs: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_-]*$/i, 'a subgraph is named by letters, digits, _ and -'),
      z.strictObject(
        {
          routing_url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
          schema: z.strictObject(
            { file: z.string('must be the path of a schema file').min(1, 'must be the path of a schema file') },
            map('file'),
          ),
        },
        map('routing_url and schema'),
      ),
    )
    .refine((subgraphs) => Object.keys(subgraphs).length > 0, 'names no subgraph'),
});

/** A subgraph as supergraph.yaml lists it. */
export interface ListedSubgraph {
  readonly name: string;
  readonly url: string;
  /** The path of its schema file. */
  readonly schemaPath: string;
  /** Where it stands in the list; undefined for one that comes from no list. */
  readonly listedAt?: Place;
}

/** A file could not be read or is not what it should be: one sentence a fault, each with file and line. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** Reads a text file; throws RegistryError that says which and why where it cannot. */
export async function readNamedFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Not `instanceof`: an error of the file system can come from another realm.
    const isAbsent = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    const reason = isAbsent ? 'does not exist' : `cannot be read: ${String(error)}`;
    throw new RegistryError([`${path}: ${what} ${reason}`]);
  }
}

function lineOf(document: Document, counter: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return counter.linePos(Number(node.range[0])).line;
    }
  }
  return 1;
}

/**
 * Takes the text of a supergraph.yaml and the path that its faults name; gives its subgraphs in their order, with the
 * paths of their schemas as they are written. Throws RegistryError with all faults.
 */
export function checkSupergraphFile(text: string, path: string): ListedSubgraph[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) {
    throw new RegistryError(
      document.errors.map(
        (error) =>
          `${path}:${error.linePos?.[0].line ?? 1}: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
      ),
    );
  }
  const parsed = SupergraphFile.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (!parsed.success) {
    throw new RegistryError(
      parsed.error.issues.map((issue) => {
        const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
        return `${path}:${lineOf(document, counter, issue.path)}: ${where}${issue.message}`;
      }),
    );
  }
  return Object.entries(parsed.data.subgraphs).map(([name, subgraph]) => ({
    name,
    url: subgraph.routing_url,
    schemaPath: subgraph.schema.file,
    listedAt: { file: path, line: lineOf(document, counter, ['subgraphs', name, 'routing_url']) },
  }));
}

/** Takes the path of a supergraph.yaml; gives its subgraphs in their order. Throws RegistryError with all faults. */
export async function readSupergraphFile(path: string): Promise<ListedSubgraph[]> {
  const listed = checkSupergraphFile(await readNamedFile(path, 'the list of subgraphs'), path);
  return listed.map((subgraph) => ({ ...subgraph, schemaPath: resolve(dirname(path), subgraph.schemaPath) }));
}
