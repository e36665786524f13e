// The oracle: the client's schema, executed in one process over the whole graph. No line of the gateway is in it.
import { execute, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { isWorldObject, type Conditions, type World, type WorldObject } from './world.ts';

/** An operation as a client sends it. */
export interface ClientOperation {
  readonly document: DocumentNode;
  readonly kind: 'Query' | 'Mutation';
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Takes a schema, its world and an operation; gives the answer of a single process. */
export async function answerAlone(
  api: GraphQLSchema,
  world: World,
  operation: ClientOperation,
  conditions: Conditions,
): Promise<ExecutionResult> {
  world.begin(conditions);
  return execute({
    schema: api,
    document: operation.document,
    rootValue: world.root(operation.kind),
    variableValues: operation.variables,
    fieldResolver: (source: WorldObject, args: Record<string, unknown>, _, info) =>
      world.resolve(source, info.fieldName, args),
    typeResolver: (value) => (isWorldObject(value) ? value.type : undefined),
  });
}
