// A small federated graph with subgraphs written by hand behind a real gateway process: for cases whose answers are known.
import { buildSubgraphSchema, type addResolversToSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../harness/startProcess.ts';
import { sendRequest, type ClientAnswer } from '../harness/testGateway.ts';
import { composeSchema, LINK } from './federatedSchema.ts';

type Resolvers = Parameters<typeof addResolversToSchema>[1];

/** A subgraph: its types, and what resolves them. */
export interface WrittenSubgraph {
  readonly types: string;
  readonly resolvers: Resolvers;
}

/** A graph that runs. */
export interface WrittenGraph {
  query(query: string, variables?: object): Promise<ClientAnswer>;
  /** What the gateway logged so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Takes subgraphs by name; gives them composed and served by a gateway. */
export async function startWrittenGraph(subgraphs: Readonly<Record<string, WrittenSubgraph>>): Promise<WrittenGraph> {
  const texts = Object.entries(subgraphs).map(([name, { types }]): [string, string] => [name, `${LINK}${types}`]);
  const { supergraph } = await composeSchema({ name: 'written', subgraphs: Object.fromEntries(texts) });
  const schemas = new Map(
    texts.map(([name, text]) => [
      `/${name}`,
      buildSubgraphSchema([{ typeDefs: parse(text), resolvers: subgraphs[name]?.resolvers ?? {} }]),
    ]),
  );
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const schema = schemas.get(request.url ?? '');
      if (schema === undefined) return void response.writeHead(404).end();
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as {
        query: string;
        variables?: Record<string, unknown>;
      };
      void graphql({ schema, source: asked.query, variableValues: asked.variables }).then((answer) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'crm-written-'));
  const path = join(folder, 'supergraph.graphql');
  await writeFile(path, supergraph);
  const addresses = texts.flatMap(([name]) => ['--subgraph', `${name}=http://127.0.0.1:${port}/${name}`]);
  const words = ['gateway/main.ts', '--access', 'open', '--supergraph', path, '--port', '0', ...addresses];
  const gateway = await startProcess(words, { CRM_INTROSPECTION_ALLOWED: 'true' });
  return {
    query: (query, variables = {}) =>
      sendRequest(`${gateway.ready}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      }),
    output: () => gateway.output(),
    async stop() {
      await gateway.stop();
      await new Promise((stopped) => {
        server.close(stopped);
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
