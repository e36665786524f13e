// Which elements of the schema a document names: what would make it invalid if it were gone. Worked out once of each
// operation; what its variables hold is read of each request (variableElements.ts).
import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type {
  DocumentNode,
  FragmentSpreadNode,
  GraphQLCompositeType,
  GraphQLSchema,
  InlineFragmentNode,
} from 'graphql';

/** The field's own coordinate, and those of the object types behind an interface: each of them may answer it. */
function fieldsBehind(schema: GraphQLSchema, parent: GraphQLCompositeType, name: string): string[] {
  const own = `${parent.name}.${name}`;
  if (!isAbstractType(parent)) return [own];
  return [own, ...schema.getPossibleTypes(parent).map((type) => `${type.name}.${name}`)];
}

/** The types of a document's named fragments, by the fragments' names. */
function fragmentTypes(document: DocumentNode): Map<string, string> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.typeCondition.name.value] as const] : [],
    ),
  );
}

/**
 * Takes a valid document and its schema; gives the coordinates of what it names, sorted: fields (asked through an
 * interface, those of its object types, too), arguments, input fields and enum values in its text, directives, types of
 * fragments and variables, `Outer|Inner` for a fragment on one type within another, which is valid as long as something
 * is of both, and `Input{}` for an object of an input type. All its operations count: each has to be valid for any of them to run.
 */
export function collectCoordinates(document: DocumentNode, schema: GraphQLSchema): string[] {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  let fields: string[] = [];
  const conditions = fragmentTypes(document);
  const narrow = (condition: string | undefined): void => {
    const outer = info.getParentType()?.name;
    if (outer !== undefined && condition !== undefined && outer !== condition) found.add(`${outer}|${condition}`);
  };
  const visitor = {
    InlineFragment(node: InlineFragmentNode): void {
      narrow(node.typeCondition?.name.value);
    },
    FragmentSpread(node: FragmentSpreadNode): void {
      narrow(conditions.get(node.name.value));
    },
    Field(): false | undefined {
      const parent = info.getParentType();
      const field = info.getFieldDef();
      // What the gateway answers out of the schema itself can be taken away by nobody.
      if (!parent || !field || field.name.startsWith('__')) return field?.name === '__typename' ? undefined : false;
      for (const coordinate of fieldsBehind(schema, parent, field.name)) found.add(coordinate);
      return undefined;
    },
    Directive(): void {
      const directive = info.getDirective();
      if (directive && !isSpecifiedDirective(directive)) found.add(`@${directive.name}`);
    },
    Argument(): void {
      const argument = info.getArgument();
      if (!argument) return;
      const directive = info.getDirective();
      if (directive) {
        if (!isSpecifiedDirective(directive)) found.add(`@${directive.name}(${argument.name}:)`);
        return;
      }
      const parent = info.getParentType();
      const field = info.getFieldDef();
      fields = parent && field ? fieldsBehind(schema, parent, field.name) : [];
      for (const coordinate of fields) found.add(`${coordinate}(${argument.name}:)`);
    },
    ObjectValue(): void {
      const input = getNamedType(info.getInputType());
      if (isInputObjectType(input)) found.add(`${input.name}{}`);
    },
    ObjectField(node: { readonly name: { readonly value: string } }): void {
      const type = info.getParentInputType();
      const input = type && getNamedType(type);
      // Within a scalar of its own kind an object's keys are values.
      if (input && 'getFields' in input) found.add(`${input.name}.${node.name.value}`);
    },
    EnumValue(node: { readonly value: string }): void {
      const type = getNamedType(info.getInputType());
      if (isEnumType(type)) found.add(`${type.name}.${node.value}`);
    },
    NamedType(node: { readonly name: { readonly value: string } }): void {
      const type = schema.getType(node.name.value);
      if (type && !isSpecifiedScalarType(type)) found.add(type.name);
    },
  };
  visit(document, visitWithTypeInfo(info, visitor));
  return [...found].sort();
}
