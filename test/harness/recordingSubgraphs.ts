// Subgraphs of any schemas, in the test's own process: they answer whatever they are asked with values that say where
// they come from (`~Person.email~Person:1`), and remember each request word by word. What a test must not find anywhere
// is told by its coordinate. The type of an entity is the first part of its id.
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  getNamedType,
  graphql,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  parse,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fieldsAskedIn } from './fieldsAsked.ts';

/** A request as a subgraph got it. */
export interface RecordedFetch {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Subgraphs that listen. */
export interface RecordingSubgraphs {
  readonly addresses: Readonly<Record<string, string>>;
  /** Everything that they were asked since a test emptied it. */
  readonly asked: RecordedFetch[];
  /** The coordinates of all fields in it. */
  fieldsAsked(): string[];
  /** By coordinate, what does not answer as usual: null, or an error whose message holds the value. */
  readonly odd: Map<string, 'null' | 'fails'>;
  /** Answers wait for this; a test can hold them. */
  hold: Promise<void>;
  stop(): Promise<void>;
}

interface Source {
  readonly [name: string]: unknown;
  readonly id?: unknown;
}

/** What stands in answers in the place of a field of an object. */
export function valueAt(coordinate: string, id = ''): string {
  return `~${coordinate}~${id}`;
}

function objectOf(type: GraphQLOutputType, schema: GraphQLSchema, given: unknown, at: number): unknown {
  const named = getNamedType(type);
  const possible = isAbstractType(named) ? schema.getPossibleTypes(named).map(({ name }) => name) : [named.name];
  const wanted = typeof given === 'string' ? given.split(':')[0] : undefined;
  const name = possible.find((each) => each === wanted) ?? possible[at % possible.length];
  return { __typename: name, id: typeof given === 'string' ? given : `${name ?? ''}:${at + 1}` };
}

function makeValue(type: GraphQLOutputType, schema: GraphQLSchema, text: string, given: unknown, at = 0): unknown {
  if (isNonNullType(type)) return makeValue(type.ofType, schema, text, given, at);
  if (isListType(type)) return [0, 1, 2].map((each) => makeValue(type.ofType, schema, text, undefined, each));
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isLeafType(type)) return objectOf(type, schema, given, at);
  const plain: Readonly<Record<string, unknown>> = { ID: `id${at}`, Int: 7, Float: 1.5, Boolean: true };
  return plain[type.name] ?? text;
}

function resolverFor(odd: ReadonlyMap<string, 'null' | 'fails'>): GraphQLFieldResolver<unknown, unknown> {
  return (source, given, __, { fieldName, returnType, parentType, schema }) => {
    const known = (source ?? {}) as Source;
    const coordinate = `${parentType.name}.${fieldName}`;
    const text = valueAt(coordinate, typeof known.id === 'string' ? known.id : undefined);
    if (odd.get(coordinate) === 'null') return null;
    if (odd.get(coordinate) === 'fails') throw new Error(`${text} could not be read`);
    if (Object.hasOwn(known, fieldName)) return known[fieldName];
    return makeValue(returnType, schema, text, (given as Readonly<Record<string, unknown>>)['id']);
  };
}

/** Takes schemas by subgraph; gives them served. */
export async function startRecordingSubgraphs(texts: Readonly<Record<string, string>>): Promise<RecordingSubgraphs> {
  const schemas = new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(text), resolvers: {} }]),
    ]),
  );
  const asked: RecordedFetch[] = [];
  const odd = new Map<string, 'null' | 'fails'>();
  const fieldResolver = resolverFor(odd);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const subgraph = (request.url ?? '').slice(1);
      const schema = schemas.get(subgraph);
      if (schema === undefined) return void response.writeHead(404).end();
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as RecordedFetch;
      asked.push({ subgraph, query, variables });
      void (async () => {
        await subgraphs.hold;
        const answer = await graphql({ schema, source: query, variableValues: variables, fieldResolver });
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      })();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const subgraphs: RecordingSubgraphs = {
    addresses: Object.fromEntries([...schemas.keys()].map((name) => [name, `http://127.0.0.1:${port}/${name}`])),
    asked,
    fieldsAsked: () =>
      asked.flatMap(({ subgraph, query }) => {
        const schema = schemas.get(subgraph);
        return schema === undefined ? [] : fieldsAskedIn(schema, query);
      }),
    odd,
    hold: Promise.resolve(),
    async stop() {
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
  return subgraphs;
}
