// Which fields a request to a subgraph asks for, told by type and name, whatever they are called in it.
import { parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';

/** Takes a subgraph's schema and a document; gives the coordinates of its fields, each as often as it stands there. */
export function fieldsAskedIn(schema: GraphQLSchema, query: string): string[] {
  const fields: string[] = [];
  const info = new TypeInfo(schema);
  visit(
    parse(query),
    visitWithTypeInfo(info, {
      Field(node) {
        fields.push(`${info.getParentType()?.name ?? ''}.${node.name.value}`);
      },
    }),
  );
  return fields;
}
