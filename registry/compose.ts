// Second step: the subgraphs' schemas become one supergraph, or the composer's faults with subgraph, file and line.
// The only file that imports @apollo/composition.
import { composeServices, type CompositionResult } from '@apollo/composition';
import { GraphQLError, parse, Source, type DocumentNode } from 'graphql';
import { readNamedFile, readSupergraphFile, type ListedSubgraph } from './readSupergraphFile.ts';

/** What composing gave: a supergraph, or why there is none. */
export type Composed =
  | {
      readonly ok: true;
      readonly supergraph: string;
      readonly hints: readonly string[];
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly messages: readonly string[]; readonly files: readonly string[] };

/** A subgraph with its schema as it was read. */
export interface LoadedSubgraph extends ListedSubgraph {
  readonly text: string;
  readonly document: DocumentNode;
}

/** What is wrong, and where; `line` counts from 1. */
export interface SchemaFault {
  /** The composer's code; undefined for a text that is no GraphQL. */
  readonly code: string | undefined;
  readonly message: string;
  readonly subgraph: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** Something that composes and is seldom meant so. */
export interface CompositionHint {
  readonly code: string;
  readonly message: string;
}

/** What a composer made of subgraphs. */
export type Composition =
  | { readonly ok: true; readonly supergraph: string; readonly hints: readonly CompositionHint[] }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/** Takes a subgraph and its schema's text; gives it parsed, or where it is no GraphQL. */
export function parseSubgraph(subgraph: ListedSubgraph, text: string): LoadedSubgraph | SchemaFault {
  try {
    const document = parse(new Source(text, subgraph.schemaPath));
    return { ...subgraph, text, document };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line ?? 1;
    return { code: undefined, message: error.message, subgraph: subgraph.name, file: subgraph.schemaPath, line };
  }
}

/** Says whether a schema could not be parsed. */
export function isSchemaFault(parsed: LoadedSubgraph | SchemaFault): parsed is SchemaFault {
  return !('document' in parsed);
}

type CompositionError = NonNullable<CompositionResult['errors']>[number];

/** The composer names the subgraph on each node: that gives the file, the node's position gives the line. */
function readFault(error: CompositionError, subgraphs: readonly ListedSubgraph[]): SchemaFault {
  const node = error.nodes?.find((candidate) => 'subgraph' in candidate);
  const name = node !== undefined && 'subgraph' in node ? String(node.subgraph) : undefined;
  const listed = subgraphs.find((subgraph) => subgraph.name === name);
  const code = typeof error.extensions['code'] === 'string' ? error.extensions['code'] : undefined;
  const { message } = error;
  if (listed === undefined) return { code, message, subgraph: undefined, file: undefined, line: undefined };
  return { code, message, subgraph: listed.name, file: listed.schemaPath, line: node?.loc?.startToken.line };
}

/** Composes subgraphs to one supergraph. Throws where the composer itself fails. */
export function composeSubgraphs(subgraphs: readonly LoadedSubgraph[]): Composition {
  const result = composeServices(subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document })));
  if (result.errors !== undefined) {
    return { ok: false, faults: result.errors.map((error) => readFault(error, subgraphs)) };
  }
  const hints = result.hints.map(({ definition, message }) => ({ code: definition.code, message }));
  return { ok: true, supergraph: result.supergraphSdl, hints };
}

/** Gives a fault in one line. */
function describe({ code, message, subgraph, file, line }: SchemaFault): string {
  const kind = code === undefined ? '' : `${code}: `;
  if (subgraph === undefined || file === undefined) return `${kind}${message}`;
  const said = message.startsWith(`[${subgraph}]`) ? message : `[${subgraph}] ${message}`;
  return `${file}${line === undefined ? '' : `:${line}`}: ${kind}${said}`;
}

/**
 * Takes the path of a supergraph.yaml; gives the supergraph's SDL with the composer's hints, or the messages that say
 * why the schemas do not compose. Throws RegistryError where a file is missing or malformed.
 */
export async function composeSupergraph(configPath: string): Promise<Composed> {
  const subgraphs = await readSupergraphFile(configPath);
  const files = [configPath, ...subgraphs.map((subgraph) => subgraph.schemaPath)];
  const parsed = await Promise.all(
    subgraphs.map(async (subgraph) => {
      return parseSubgraph(subgraph, await readNamedFile(subgraph.schemaPath, `the schema of ${subgraph.name}`));
    }),
  );
  const faults = parsed.filter(isSchemaFault);
  if (faults.length > 0) return { ok: false, messages: faults.map(describe), files };
  const composition = composeSubgraphs(
    parsed.filter((subgraph): subgraph is LoadedSubgraph => !isSchemaFault(subgraph)),
  );
  if (!composition.ok) return { ok: false, messages: composition.faults.map(describe), files };
  const hints = composition.hints.map(({ code, message }) => `${code}: ${message}`);
  return { ok: true, supergraph: composition.supergraph, hints, files };
}
