// A call asks for a bounded number of entities: the gateway splits what is more, and nobody else's calls are answered.
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { refuse } from '../refuse.ts';

/** As many as the gateway sends at most (`representationsMax` of its limits). */
const REPRESENTATIONS_MAX = 500;

/** Takes a subgraph's schema; has it refuse longer lists of representations before any of them is read. */
export function limitEntities(schema: GraphQLSchema): GraphQLSchema {
  const field = schema.getQueryType()?.getFields()['_entities'];
  if (field === undefined) return schema;
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (source, args: { readonly representations: readonly unknown[] }, context, info): unknown => {
    if (args.representations.length > REPRESENTATIONS_MAX) {
      throw refuse('BAD_USER_INPUT', `A call asks for at most ${REPRESENTATIONS_MAX} representations.`);
    }
    return resolve(source, args, context, info);
  };
  return schema;
}
