// YAML with the place of every key and value: faults of a sync configuration name file, line and column.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';

const FILE_CHARACTERS_MAX = 262_144;
const ALIASES_MAX = 20;

/** A way into a document: names of keys, and positions in lists. */
export type Path = readonly PropertyKey[];

/** What is wrong, and where. */
export interface ConfigFault {
  readonly path: Path;
  readonly message: string;
}

/** A place in a file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A document that could be read, or where it could not. */
export type PositionedYaml =
  | { readonly value: unknown; placeOf(path: Path): Place }
  | { readonly faults: readonly (Place & { readonly message: string })[] };

/** The node that a path leads to, and the key it stands behind, as far as the document goes. */
function nodesAlong(root: Node | null, path: Path): (Node | null)[] {
  const found: (Node | null)[] = [root];
  let at: unknown = root;
  for (const step of path) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      if (isNode(pair.key)) found.push(pair.key);
      at = pair.value;
      if (isNode(at) && !isScalar(at)) continue;
      break;
    }
    if (!isSeq(at)) break;
    at = at.items[Number(step)];
    if (isNode(at)) found.push(at);
  }
  return found;
}

/** Takes a file's text; gives its value and the places in it, or why it is no YAML. */
export function parsePositioned(text: string): PositionedYaml {
  if (text.length > FILE_CHARACTERS_MAX) {
    return { faults: [{ line: 1, column: 1, message: `the file has more than ${FILE_CHARACTERS_MAX} characters` }] };
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, logLevel: 'error' });
  if (document.errors.length > 0) {
    return { faults: document.errors.map(({ pos, message }) => ({ ...placeAt(pos[0]), message })) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    return { faults: [{ line: 1, column: 1, message: error instanceof Error ? error.message : String(error) }] };
  }
  return {
    value,
    placeOf(path) {
      const node = nodesAlong(document.contents, path).findLast((each) => each?.range != null);
      return placeAt(node?.range?.[0] ?? 0);
    },
  };
}
