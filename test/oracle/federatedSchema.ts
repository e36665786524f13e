// What the oracle's schemas are: a name and the SDL of each subgraph. Composed as the product composes them.
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '../../registry/compose.ts';

/** A federated schema: the text of each subgraph's schema by the subgraph's name. */
export interface FederatedSchema {
  readonly name: string;
  readonly subgraphs: Readonly<Record<string, string>>;
}

/** A federated schema, composed. */
export interface ComposedSchema extends FederatedSchema {
  readonly supergraph: string;
  /** What clients see, as an ordinary schema. */
  readonly api: GraphQLSchema;
}

/** Every directive of the specification under its own name, in front of a subgraph's types. */
export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable",
  "@requires", "@provides", "@external", "@override", "@inaccessible", "@tag", "@interfaceObject", "@context",
  "@fromContext", "@composeDirective", "@cost", "@listSize"])\n`;

/** Composes with registry/compose.ts; throws with the composer's messages where the subgraphs do not fit. */
export async function composeSchema(schema: FederatedSchema): Promise<ComposedSchema> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-oracle-'));
  try {
    const lines = ['federation_version: =2.9.0', 'subgraphs:'];
    for (const [name, sdl] of Object.entries(schema.subgraphs)) {
      await writeFile(join(folder, `${name}.graphql`), sdl);
      lines.push(`  ${name}:`, '    routing_url: http://127.0.0.1:1/', `    schema: { file: ./${name}.graphql }`);
    }
    const configPath = join(folder, 'supergraph.yaml');
    await writeFile(configPath, `${lines.join('\n')}\n`);
    const composed = await composeSupergraph(configPath);
    if (!composed.ok) throw new Error(`${schema.name} does not compose:\n${composed.messages.join('\n')}`);
    const api = Supergraph.build(composed.supergraph, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
      .apiSchema()
      .toGraphQLJSSchema();
    return { ...schema, supergraph: composed.supergraph, api };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
