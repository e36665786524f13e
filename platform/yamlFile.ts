// Files of settings in YAML: every fault at once, each with the file, its line and its key. An unknown key stops the
// start: a typing error in the name of a rule would be a rule that does not hold.
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { StartError } from './lifecycle.ts';

const FILE_BYTES_MAX = 262_144;
const ALIASES_MAX = 20;

/** What a file says, or one sentence for each fault. */
export type CheckedYaml<T> = { readonly value: T } | { readonly faults: readonly string[] };

type Path = readonly PropertyKey[];

/** The line where a key stands; that of the nearest one around it where it does not stand in the file. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isNode(parent) && 'items' in parent) {
      for (const item of parent.items as readonly unknown[]) {
        const key = typeof item === 'object' && item !== null && 'key' in item ? item.key : undefined;
        if (isNode(key) && 'value' in key && key.value === last && key.range) return lines.linePos(key.range[0]).line;
      }
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function describeFaults(error: z.ZodError, unknownKey: string, lineAt: (path: Path) => number): string[] {
  const found = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey }));
  });
  return found
    .map(({ path, message }) => ({ line: lineAt(path), text: `${path.join('.') || 'the file'} ${message}` }))
    .sort((left, right) => left.line - right.line)
    .map(({ line, text }) => `line ${line}: ${text}`);
}

/** Takes a file's text, its schema and what is said of a key that the schema does not know; gives what the file says. */
export function checkYaml<T>(text: string, schema: z.ZodType<T>, unknownKey: string): CheckedYaml<T> {
  if (text.length > FILE_BYTES_MAX) return { faults: [`line 1: the file has more than ${FILE_BYTES_MAX} characters`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, logLevel: 'error' });
  if (document.errors.length > 0) {
    return { faults: document.errors.map(({ pos, message }) => `line ${lines.linePos(pos[0]).line}: ${message}`) };
  }
  let given: unknown;
  try {
    given = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    // Aliases are resolved only here: one without its anchor, or more than are allowed.
    return { faults: [`line 1: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const checked = schema.safeParse(given ?? {});
  if (checked.success) return { value: checked.data };
  return { faults: describeFaults(checked.error, unknownKey, (path) => lineOf(document, lines, path)) };
}

/**
 * Takes a path, what checks the file's text, and the page that says what may stand in it; gives what the file says.
 * Throws StartError with every fault.
 */
export function readYamlFile<T>(path: string, check: (text: string) => CheckedYaml<T>, page: string): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const checked = check(text);
  if ('value' in checked) return checked.value;
  const faults = checked.faults.map((fault) => `${path}, ${fault}`).join('\n');
  throw new StartError(`${faults}\nwhat may stand in it is in ${page}`);
}
