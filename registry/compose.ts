// Second step: the subgraphs' schemas become one supergraph, or the composer's messages with subgraph, file and line.
// The only file that imports @apollo/composition.
import { composeServices, type CompositionResult } from '@apollo/composition';
import { GraphQLError, parse, Source, type DocumentNode } from 'graphql';
import { readNamedFile, readSupergraphFile, RegistryError, type ListedSubgraph } from './readSupergraphFile.ts';

/** What composing gave: a supergraph, or why there is none. */
export type Composed =
  | {
      readonly ok: true;
      readonly supergraph: string;
      readonly hints: readonly string[];
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly messages: readonly string[]; readonly files: readonly string[] };

function parseSchema(subgraph: ListedSubgraph, text: string): DocumentNode | string {
  try {
    return parse(new Source(text, subgraph.schemaPath));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line ?? 1;
    return `${subgraph.schemaPath}:${line}: [${subgraph.name}] ${error.message}`;
  }
}

type CompositionError = NonNullable<CompositionResult['errors']>[number];

/** The composer names the subgraph on each node: that gives the file, the node's position gives the line. */
function describe(error: CompositionError, subgraphs: readonly ListedSubgraph[]): string {
  const node = error.nodes?.find((candidate) => 'subgraph' in candidate);
  const name = node !== undefined && 'subgraph' in node ? String(node.subgraph) : undefined;
  const listed = subgraphs.find((subgraph) => subgraph.name === name);
  const code = typeof error.extensions['code'] === 'string' ? `${error.extensions['code']}: ` : '';
  if (listed === undefined) return `${code}${error.message}`;
  const line = node?.loc?.startToken.line;
  const said = error.message.startsWith(`[${listed.name}]`) ? error.message : `[${listed.name}] ${error.message}`;
  return `${listed.schemaPath}${line === undefined ? '' : `:${line}`}: ${code}${said}`;
}

/**
 * Takes the path of a supergraph.yaml; gives the supergraph's SDL with the composer's hints, or the messages that say
 * why the schemas do not compose. Throws RegistryError where a file is missing or malformed.
 */
export async function composeSupergraph(configPath: string): Promise<Composed> {
  const subgraphs = await readSupergraphFile(configPath);
  const files = [configPath, ...subgraphs.map((subgraph) => subgraph.schemaPath)];
  const texts = await Promise.all(
    subgraphs.map((subgraph) => readNamedFile(subgraph.schemaPath, `the schema of ${subgraph.name}`)),
  );
  const parsed = subgraphs.map((subgraph, position) => parseSchema(subgraph, texts[position] ?? ''));
  const messages = parsed.filter((schema) => typeof schema === 'string');
  if (messages.length > 0) return { ok: false, messages, files };
  const services = subgraphs.map((subgraph, position) => {
    const typeDefs = parsed[position];
    if (typeDefs === undefined || typeof typeDefs === 'string') throw new RegistryError(['a schema went missing']);
    return { name: subgraph.name, url: subgraph.url, typeDefs };
  });
  const result = composeServices(services);
  if (result.errors !== undefined) {
    return { ok: false, messages: result.errors.map((error) => describe(error, subgraphs)), files };
  }
  const hints = result.hints.map((hint) => `${hint.definition.code}: ${hint.message}`);
  return { ok: true, supergraph: result.supergraphSdl, hints, files };
}
