// Which fields of a supergraph send events: read once when it is opened. A field of Subscription gives an entity, and
// the query that gives one of that type by its id completes it: `orderChanged: Order` by `order(id: ID!): Order`.
import { isObjectType, getNullableType, Kind, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { ConstDirectiveNode, GraphQLField, GraphQLObjectType } from 'graphql';

/** A field that sends events. */
export interface LiveField {
  /** The type of the entity that it gives. */
  readonly type: string;
  /** The root query that gives such an entity by its id. */
  readonly query: string;
  /** Whose events feed it: the subgraphs that have the field, as events name their source. */
  readonly sources: ReadonlySet<string>;
}

/** The fields that send events, by name. */
export type LiveFields = ReadonlyMap<string, LiveField>;

/** What an event of a subgraph has for its source. */
export function sourceOf(subgraph: string): string {
  return `/crm/${subgraph}`;
}

function argumentOf(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && 'value' in value && typeof value.value === 'string' ? value.value : undefined;
}

function namedBy(directives: readonly ConstDirectiveNode[] | undefined, name: string): string[] {
  return (directives ?? [])
    .filter((each) => each.name.value === name)
    .flatMap((each) => argumentOf(each, 'graph') ?? []);
}

/** The subgraphs by their name in the supergraph's own directives. */
function readGraphs(document: DocumentNode): ReadonlyMap<string, string> {
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return new Map();
  return new Map(
    (graphs.values ?? []).map(({ name, directives }) => {
      const graph = directives?.find((each) => each.name.value === 'join__graph');
      return [name.value, (graph && argumentOf(graph, 'name')) ?? name.value.toLowerCase()];
    }),
  );
}

/** The sources of a root type's fields, by field. */
function readSources(document: DocumentNode, root: string): ReadonlyMap<string, ReadonlySet<string>> {
  const graphs = readGraphs(document);
  const type = document.definitions.find(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === root,
  );
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION) return new Map();
  const ofAll = namedBy(type.directives, 'join__type');
  return new Map(
    (type.fields ?? []).map(({ name, directives }) => {
      const own = namedBy(directives, 'join__field');
      const names = own.length > 0 ? own : ofAll;
      return [name.value, new Set(names.map((graph) => sourceOf(graphs.get(graph) ?? graph)))];
    }),
  );
}

function isById({ args, type }: GraphQLField<unknown, unknown>, entity: GraphQLObjectType): boolean {
  const [id, ...more] = args;
  return id?.name === 'id' && more.length === 0 && getNullableType(type) === entity;
}

/**
 * Takes the schema that clients see and the supergraph's document; gives the fields of Subscription. Throws for one that
 * gives no object, or an object that no query gives by its id: nothing could complete what it sends.
 */
export function readLiveFields(apiSchema: GraphQLSchema, supergraph: DocumentNode): LiveFields {
  const root = apiSchema.getSubscriptionType();
  const found = new Map<string, LiveField>();
  if (root === undefined || root === null) return found;
  const queries = Object.values(apiSchema.getQueryType()?.getFields() ?? {});
  const sources = readSources(supergraph, root.name);
  for (const field of Object.values(root.getFields())) {
    const type = getNullableType(field.type);
    const query = isObjectType(type) ? queries.find((each) => isById(each, type)) : undefined;
    if (!isObjectType(type) || query === undefined) {
      throw new Error(
        `${root.name}.${field.name} gives ${String(field.type)}, and no query gives one by its id alone: field(id: ID!): ${String(type)}`,
      );
    }
    found.set(field.name, { type: type.name, query: query.name, sources: sources.get(field.name) ?? new Set() });
  }
  return found;
}
