// A subgraph that answers whatever it is asked without an error: what a representation brought, and made-up values for
// everything else.
import { createServer, type Server } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
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

const LEAVES: Readonly<Record<string, unknown>> = { ID: 'c1', Int: 7, SafeInt: 7, Float: 1.5, Boolean: true };
const LIST_LENGTH = 2;

function makeValue(type: GraphQLOutputType, schema: GraphQLSchema): unknown {
  if (isNonNullType(type)) return makeValue(type.ofType, schema);
  if (isListType(type)) return Array.from({ length: LIST_LENGTH }, () => makeValue(type.ofType, schema));
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isLeafType(type)) return LEAVES[type.name] ?? 'text';
  const concrete = isAbstractType(type) ? schema.getPossibleTypes(type)[0] : type;
  return { __typename: concrete?.name };
}

/** Gives what a representation brought, and makes up everything else. */
const answerField: GraphQLFieldResolver<unknown, unknown> = (source, _, __, { fieldName, returnType, schema }) => {
  const known = source as Readonly<Record<string, unknown>> | null | undefined;
  if (known && Object.hasOwn(known, fieldName)) return known[fieldName];
  return makeValue(returnType, schema);
};

/** Takes a subgraph's schema; gives its server, listening on a port of its own. */
export async function startAnsweringSubgraph(typeDefs: string): Promise<Server> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: {} }]);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
        query: string;
        variables: Record<string, unknown>;
      };
      void graphql({ schema, source: query, variableValues: variables, fieldResolver: answerField }).then((result) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(result));
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return server;
}
