// The only file that imports @theguild/federation-composition: the supergraph and a filter of tags → the public schema
// of a contract. The library filters subgraphs; the gateway has the supergraph, which holds every tag of every subgraph.
// So it is given as one subgraph that owns everything: no joins, keys or auth directives are left in it, and what the
// library filters, checks and finds unreachable is the same.
import {
  addInaccessibleToUnreachableTypes,
  applyTagFilterOnSubgraphs,
  composeServices,
  extractLinkImplementations,
  type CompositionResult,
} from '@theguild/federation-composition';
import { buildASTSchema, isSpecifiedDirective, Kind, parse, validateSchema, visit } from 'graphql';
import type { ASTNode, ConstDirectiveNode, DefinitionNode, DirectiveNode, DocumentNode, GraphQLSchema } from 'graphql';
import { isPublic, SPECIFIED } from './publicSchema.ts';
import { readSupergraphLinks } from './supergraphLinks.ts';

/** Which tags a contract shows and hides; hiding wins. */
export interface TagFilter {
  /** Only what carries one of these; empty for everything. */
  readonly include: ReadonlySet<string>;
  /** Nothing that carries one of these. */
  readonly exclude: ReadonlySet<string>;
}

/** A supergraph as contracts are composed from it. */
export interface ContractSource {
  readonly document: DocumentNode;
  /** Every tag that stands anywhere in it. */
  readonly tags: ReadonlySet<string>;
}

/** A contract's public schema and its text, or in sentences why there is none. */
export type ComposedContract =
  { readonly apiSchema: GraphQLSchema; readonly sdl: string } | { readonly faults: readonly string[] };

const FEDERATION = parse(
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag", "@inaccessible"])',
  { noLocation: true },
).definitions;
const INACCESSIBLE: ConstDirectiveNode = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'inaccessible' },
};
const FAULTS_MAX = 5;

/** Gives a schema's roots without the links that stand on them. */
function withoutDirectives(node: DefinitionNode): DefinitionNode {
  return node.kind === Kind.SCHEMA_DEFINITION ? { ...node, directives: [] } : node;
}

/** Takes a supergraph's SDL; gives it as the one subgraph that contracts are composed from. Throws where it is no GraphQL. */
export function prepareContractSource(supergraphSdl: string): ContractSource {
  const document = parse(supergraphSdl, { noLocation: true });
  const links = readSupergraphLinks(document);
  const tag = links.directiveName('https://specs.apollo.dev/tag', 'tag');
  const inaccessible = links.directiveName('https://specs.apollo.dev/inaccessible', 'inaccessible');
  const tags = new Set<string>();
  const renamed = (node: DirectiveNode, value: string): DirectiveNode => ({ ...node, name: { ...node.name, value } });
  const definitions = document.definitions.filter((node) => isPublic(node, links)).map(withoutDirectives);
  const graph: ASTNode = visit(
    { ...document, definitions },
    {
      Directive(node) {
        if (node.name.value === tag) {
          const [name] = node.arguments ?? [];
          if (name?.value.kind === Kind.STRING) tags.add(name.value.value);
          return renamed(node, 'tag');
        }
        if (node.name.value === inaccessible) return renamed(node, 'inaccessible');
        return SPECIFIED.has(node.name.value) ? undefined : null;
      },
    },
  );
  return { document: { ...graph, definitions: [...FEDERATION, ...graph.definitions] }, tags };
}

/** A field of an output type, or of an input type, which has no arguments. */
interface FieldLike {
  astNode?: unknown;
  readonly args?: readonly { astNode?: unknown }[];
}

/** Lets go of the syntax trees behind a schema, which are larger than the schema and which nobody reads again. */
function dropSyntax(schema: GraphQLSchema): void {
  const drop = (element: { astNode?: unknown; extensionASTNodes?: unknown }): void => {
    element.astNode = undefined;
    if ('extensionASTNodes' in element) element.extensionASTNodes = [];
  };
  const dropField = (field: FieldLike): void => {
    drop(field);
    field.args?.forEach(drop);
  };
  drop(schema);
  for (const directive of schema.getDirectives()) if (!isSpecifiedDirective(directive)) drop(directive);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    drop(type);
    if ('getValues' in type) type.getValues().forEach(drop);
    if ('getFields' in type) Object.values<FieldLike>(type.getFields()).forEach(dropField);
  }
}

function describeFaults(messages: readonly string[]): string[] {
  const more = messages.length - FAULTS_MAX;
  return more > 0 ? [...messages.slice(0, FAULTS_MAX), `${more} more of the kind`] : [...messages];
}

/**
 * Takes hidden types out of unions, and hides unions of nothing else. The library leaves them in the public schema,
 * which is invalid then; an interface that is hidden it takes out itself.
 */
function withoutHiddenMembers(document: DocumentNode): DocumentNode {
  const hidden = new Set(
    document.definitions.flatMap((node) =>
      'directives' in node && 'name' in node && node.directives.some(({ name }) => name.value === 'inaccessible')
        ? [node.name.value]
        : [],
    ),
  );
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.UNION_TYPE_DEFINITION) return node;
    const types = node.types?.filter(({ name }) => !hidden.has(name.value)) ?? [];
    if (types.length > 0) return { ...node, types };
    return hidden.has(node.name.value) ? node : { ...node, directives: [...(node.directives ?? []), INACCESSIBLE] };
  });
  return { ...document, definitions };
}

/** The library's own `composeSchemaContract`, with the mended unions. */
function compose(source: ContractSource, { include, exclude }: TagFilter): CompositionResult {
  const graph = { name: 'graph', url: 'http://graph.invalid', typeDefs: source.document };
  const filtered = applyTagFilterOnSubgraphs([graph], { include: new Set(include), exclude: new Set(exclude) });
  const result = composeServices(filtered.map((each) => ({ ...each, typeDefs: withoutHiddenMembers(each.typeDefs) })));
  if (result.errors !== undefined) return result;
  const { resolveImportName } = extractLinkImplementations(result.supergraphDocumentNode);
  return addInaccessibleToUnreachableTypes(resolveImportName, result);
}

/** A tag that stands nowhere is a typing error, or was taken out of the graph: what it hid would be shown. */
function describeUnknownTags(source: ContractSource, { include, exclude }: TagFilter): string[] {
  const unknown = [...include, ...exclude].filter((tag) => !source.tags.has(tag));
  return unknown.map((tag) => `the tag ${tag} stands nowhere in the graph`);
}

/**
 * Takes a supergraph and a filter; gives the public schema that is left, without any trace of what is hidden, or what is
 * wrong with it: a tag is unknown, nothing is left of the queries, or something that is shown needs something that is hidden.
 */
export function composeContract(source: ContractSource, filter: TagFilter): ComposedContract {
  const unknown = describeUnknownTags(source, filter);
  if (unknown.length > 0) return { faults: unknown };
  let result: CompositionResult;
  try {
    result = compose(source, filter);
  } catch (error) {
    return { faults: [`the composer failed: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (result.errors !== undefined) {
    if (result.errors.some(({ message }) => message.startsWith('Type "Query" is in the API schema but all'))) {
      return { faults: ['no field of Query is left: no tag of the graph fits the filter'] };
    }
    return { faults: describeFaults(result.errors.map(({ message }) => message)) };
  }
  const apiSchema = buildASTSchema(result.publicDocumentNode, { assumeValidSDL: true });
  const faults = validateSchema(apiSchema).map(({ message }) => message);
  if (faults.length > 0) return { faults: describeFaults(faults) };
  dropSyntax(apiSchema);
  return { apiSchema, sdl: result.publicSdl };
}
