// Reads gateway.yaml: every fault at once, each with the file, its line and its key. An unknown key stops the start: a
// typing error in the name of a limit would be a limit that does not hold.
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { StartError } from '../../platform/lifecycle.ts';
import { HEADERS_MAX, KEPT_HEADERS, SUBGRAPH_NUMBERS, type GatewayYaml, type YamlNumber } from './subgraphSettings.ts';

const FILE_BYTES_MAX = 262_144;
const ALIASES_MAX = 20;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

function bounded({ min, max }: YamlNumber) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message).optional();
}

const headerName = z
  .string('must be the name of a header')
  .transform((name) => name.toLowerCase())
  .superRefine((name, context) => {
    if (!HEADER_NAME.test(name)) context.addIssue(`${name} cannot be the name of a header`);
    const kept = KEPT_HEADERS.find(({ names }) => names.includes(name));
    if (kept !== undefined) context.addIssue(`${name} is never passed on: ${kept.why}`);
  });

const retries = z.literal([0, 1], 'must be 0 or 1').optional();

const givenSettings = z.strictObject(
  {
    fetchTimeoutMs: bounded(SUBGRAPH_NUMBERS.fetchTimeoutMs),
    socketsMax: bounded(SUBGRAPH_NUMBERS.socketsMax),
    fetchesWaitingMax: bounded(SUBGRAPH_NUMBERS.fetchesWaitingMax),
    answerBytesMax: bounded(SUBGRAPH_NUMBERS.answerBytesMax),
    retries,
    headers: z
      .array(headerName, 'must be a list of header names')
      .max(HEADERS_MAX, `has more than ${HEADERS_MAX} names`)
      .optional(),
    breaker: z
      .strictObject(
        {
          failuresMax: bounded(SUBGRAPH_NUMBERS['breaker.failuresMax']),
          probeEveryMs: bounded(SUBGRAPH_NUMBERS['breaker.probeEveryMs']),
        },
        { error: describeShape },
      )
      .optional(),
  },
  { error: describeShape },
);

const gatewayYaml = z.strictObject(
  {
    all: givenSettings.default({}),
    subgraphs: z.record(z.string(), givenSettings, 'must be a map from subgraph to settings').default({}),
  },
  { error: describeShape },
);

function describeShape(issue: { readonly code?: string }): string | undefined {
  return issue.code === 'invalid_type' ? 'must be a map of settings' : undefined;
}

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

function describeFaults(error: z.ZodError, lineAt: (path: Path) => number): string[] {
  const found = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not a setting' }));
  });
  return found
    .map(({ path, message }) => ({ line: lineAt(path), text: `${path.join('.') || 'the file'} ${message}` }))
    .sort((left, right) => left.line - right.line)
    .map(({ line, text }) => `line ${line}: ${text}`);
}

/** Takes the file's text; gives its settings, or one sentence for each fault. */
export function checkGatewayYaml(text: string): GatewayYaml | { readonly faults: readonly string[] } {
  if (text.length > FILE_BYTES_MAX) return { faults: [`line 1: the file has more than ${FILE_BYTES_MAX} characters`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
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
  const checked = gatewayYaml.safeParse(given ?? {});
  if (!checked.success) return { faults: describeFaults(checked.error, (path) => lineOf(document, lines, path)) };
  return checked.data as GatewayYaml;
}

/** Takes a path; gives the file's settings. Throws StartError with every fault of it. */
export function readGatewayYaml(path: string): GatewayYaml {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const checked = checkGatewayYaml(text);
  if (!('faults' in checked)) return checked;
  const faults = checked.faults.map((fault) => `${path}, ${fault}`).join('\n');
  throw new StartError(`${faults}\nwhat may stand in it is in docs/gateway-yaml.md`);
}
