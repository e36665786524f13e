// The subgraphs of a graph as real HTTP servers: each knows only its own schema and what the gateway sends.
import {
  execute,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import type { ExecutionResult, GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SubgraphFacts } from './readSubgraph.ts';
import { canonicalText, isWorldObject, type World, type WorldObject } from './world.ts';

type Reference = Record<string, unknown>;

/** What a subgraph was asked. */
export interface AskedFetch {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Subgraphs that listen. */
export interface ServedSubgraphs {
  readonly addresses: Readonly<Record<string, string>>;
  /** What was asked since the test emptied it. */
  readonly asked: AskedFetch[];
  stop(): Promise<void>;
}

/** Takes what a reference holds and a selection; gives the selected part, undefined where a part is absent. */
function extract(world: World, value: unknown, selection: SelectionSetNode): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => extract(world, item, selection));
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const from = value as Reference;
  const extracted: Reference = {};
  for (const node of selection.selections) {
    if (node.kind === Kind.INLINE_FRAGMENT) {
      const condition = node.typeCondition?.name.value;
      const type = from['__typename'];
      if (typeof type === 'string' && !world.isOf(type, condition)) continue;
      const inner = extract(world, from, node.selectionSet);
      if (inner === undefined && typeof type !== 'string') continue;
      if (inner === undefined) return undefined;
      Object.assign(extracted, inner);
    } else if (node.kind === Kind.FIELD && node.name.value !== '__typename') {
      const part = from[node.name.value];
      const inner = part !== undefined && node.selectionSet ? extract(world, part, node.selectionSet) : part;
      if (inner === undefined) return undefined;
      extracted[node.name.value] = inner;
    }
  }
  return extracted;
}

/** The type that a subgraph knows an object by. */
function nameIn(subgraph: SubgraphFacts, world: World, object: WorldObject): string {
  const known = world.truths.types.knownAs(object.type).find((entry) => entry.subgraph === subgraph);
  return known?.name ?? object.type;
}

function findEntity(subgraph: SubgraphFacts, world: World, reference: Reference): WorldObject {
  const name = String(reference['__typename']);
  const keys = subgraph.types.get(name)?.keys ?? [];
  for (const key of keys.filter((candidate) => candidate.isResolvable)) {
    const wanted = extract(world, reference, key.selection);
    if (wanted === undefined) continue;
    const text = canonicalText(wanted);
    const types = world.truths.types.concreteTypes(subgraph, name);
    const found = types
      .flatMap((type) => world.entities(type))
      .find((entity) => canonicalText(world.select(entity, key.selection)) === text);
    if (found) return { ...found, reference };
  }
  throw new Error(`${subgraph.name} has no entity for ${JSON.stringify(reference)}`);
}

function resolveField(
  subgraph: SubgraphFacts,
  world: World,
  source: WorldObject,
  args: Record<string, unknown>,
  info: GraphQLResolveInfo,
): unknown {
  const field = info.fieldName;
  const parent = subgraph.rootNames.get(info.parentType.name) ?? info.parentType.name;
  const facts = subgraph.types.get(parent)?.fields.get(field);
  if (facts === undefined) throw new Error(`${parent}.${field} is not in ${subgraph.name}`);
  const truth = world.truths.of(source.type, field);
  const isReplaced = !facts.isExternal && !truth.owners.includes(subgraph);
  if (isReplaced) throw new Error(`${subgraph.name} resolves ${parent}.${field} no longer`);
  if (facts.requires === undefined || facts.isExternal) return world.value(source, field, args, undefined);
  const inputs = extract(world, source.reference, facts.requires);
  if (inputs === undefined) throw new Error(`${parent}.${field} lacks its inputs`);
  return world.value(source, field, args, inputs);
}

function addResolvers(subgraph: SubgraphFacts, world: World): void {
  const nameOf = (value: unknown): string | undefined =>
    isWorldObject(value) ? nameIn(subgraph, world, value) : undefined;
  const resolveReference = async (reference: Reference): Promise<WorldObject | null> => {
    const found = findEntity(subgraph, world, reference);
    const standing = world.standing(subgraph.name, found);
    if (standing === 'fails') throw new Error(`${found.id} fails`);
    return Promise.resolve(standing === 'unknown' ? null : found);
  };
  for (const type of Object.values(subgraph.schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) type.resolveType = nameOf;
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    if ((subgraph.types.get(type.name)?.keys.length ?? 0) > 0) {
      type.extensions = { ...type.extensions, apollo: { subgraph: { resolveReference } } };
    }
    for (const field of Object.values(type.getFields())) {
      if (field.name.startsWith('_') || type.name.startsWith('_')) continue;
      field.resolve = (source: WorldObject, args: Record<string, unknown>, _, info) =>
        resolveField(subgraph, world, source, args, info);
    }
  }
}

async function answerFetch(subgraph: SubgraphFacts, world: World, asked: AskedFetch): Promise<ExecutionResult> {
  const { schema } = subgraph;
  const document = parse(asked.query);
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors };
  const isMutation = document.definitions.some(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.MUTATION,
  );
  const rootValue = world.root(isMutation ? 'Mutation' : 'Query');
  return execute({ schema, document, rootValue, variableValues: asked.variables });
}

/** Takes subgraphs and the world that they share; gives them listening. */
export async function serveSubgraphs(subgraphs: readonly SubgraphFacts[], world: World): Promise<ServedSubgraphs> {
  for (const subgraph of subgraphs) addResolvers(subgraph, world);
  const asked: AskedFetch[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = (request.url ?? '').slice(1);
      const subgraph = subgraphs.find((candidate) => candidate.name === name);
      if (subgraph === undefined) return void response.writeHead(404).end();
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as AskedFetch;
      const fetch = { subgraph: name, query, variables };
      asked.push(fetch);
      void answerFetch(subgraph, world, fetch).then((answer) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const addresses = Object.fromEntries(subgraphs.map(({ name }) => [name, `http://127.0.0.1:${port}/${name}`]));
  return {
    addresses,
    asked,
    async stop() {
      await new Promise((stopped) => {
        server.close(stopped);
        server.closeAllConnections();
      });
    },
  };
}
