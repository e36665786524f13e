// What clients without a contract see of a supergraph: its schema without what is @inaccessible, and without a trace of
// how subgraphs are joined. The composer has checked that what is left is valid, so nothing is composed again.
import { buildASTSchema, Kind, visit } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, GraphQLSchema, NamedTypeNode } from 'graphql';
import { readSupergraphLinks, type SupergraphLinks } from './supergraphLinks.ts';

/** Directives that clients know, from the GraphQL specification. */
export const SPECIFIED: ReadonlySet<string> = new Set(['deprecated', 'specifiedBy', 'oneOf']);
const OPERATION_LOCATIONS = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
]);

function nameOf(node: DefinitionNode): string | undefined {
  return 'name' in node ? node.name.value : undefined;
}

/** Says whether clients can use a definition, as against one that tells the gateway how to join subgraphs. */
export function isPublic(node: DefinitionNode, links: SupergraphLinks): boolean {
  if (node.kind === Kind.DIRECTIVE_DEFINITION) {
    return node.locations.some(({ value }) => OPERATION_LOCATIONS.has(value)) && !SPECIFIED.has(node.name.value);
  }
  const name = nameOf(node);
  return name === undefined || !links.isLinkedType(name);
}

/** A node that directives can stand on. */
interface Marked {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** Takes a parsed supergraph; gives the schema that clients see. */
export function publicSchemaOf(document: DocumentNode): GraphQLSchema {
  const links = readSupergraphLinks(document);
  const inaccessible = links.directiveName('https://specs.apollo.dev/inaccessible', 'inaccessible');
  const isHidden = (node: Marked): boolean => node.directives?.some(({ name }) => name.value === inaccessible) === true;
  const hidden = new Set(
    document.definitions.flatMap((node) => {
      const name = nameOf(node);
      return name !== undefined && isHidden(node as Marked) ? [name] : [];
    }),
  );
  const seen = (types: readonly NamedTypeNode[] | undefined): NamedTypeNode[] =>
    types?.filter(({ name }) => !hidden.has(name.value)) ?? [];
  const withoutHidden = (node: Marked): null | undefined => (isHidden(node) ? null : undefined);
  const withoutHiddenInterfaces = <T extends Marked & { readonly interfaces?: readonly NamedTypeNode[] }>(node: T) =>
    isHidden(node) ? null : { ...node, interfaces: seen(node.interfaces) };
  const definitions = document.definitions.filter((node) => isPublic(node, links));
  // A node is looked at before the directives on it are taken off.
  const shown: DocumentNode = visit(
    { ...document, definitions },
    {
      SchemaDefinition: (node) => ({ ...node, directives: [] }),
      ScalarTypeDefinition: withoutHidden,
      EnumTypeDefinition: withoutHidden,
      EnumValueDefinition: withoutHidden,
      InputObjectTypeDefinition: withoutHidden,
      InputValueDefinition: withoutHidden,
      FieldDefinition: withoutHidden,
      ObjectTypeDefinition: withoutHiddenInterfaces,
      InterfaceTypeDefinition: withoutHiddenInterfaces,
      UnionTypeDefinition: (node) => (isHidden(node) ? null : { ...node, types: seen(node.types) }),
      Directive: (node) => (SPECIFIED.has(node.name.value) ? undefined : null),
    },
  );
  return buildASTSchema(shown, { assumeValid: true, assumeValidSDL: true });
}
