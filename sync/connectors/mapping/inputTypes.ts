// The input types of a subgraph's mutations, read from its schema.graphql: what a mapping is checked against before
// anything runs, and by which values are fitted while it runs.
import { Kind, parse, type InputObjectTypeDefinitionNode, type TypeNode } from 'graphql';

/** The type of one value. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'object'; readonly name: string };

/** A field of an input type. */
export interface InputField {
  readonly name: string;
  readonly type: ValueType;
  readonly isList: boolean;
  /** Whether it must be given: it takes no null and has no default. */
  readonly isRequired: boolean;
}

/** The input object types of a schema, by name: their fields by name. */
export type InputTypes = ReadonlyMap<string, ReadonlyMap<string, InputField>>;

function unwrap(node: TypeNode): { name: string; isList: boolean; isRequired: boolean } {
  if (node.kind === Kind.NON_NULL_TYPE) return { ...unwrap(node.type), isRequired: true };
  if (node.kind === Kind.LIST_TYPE) return { name: unwrap(node.type).name, isList: true, isRequired: false };
  return { name: node.name.value, isList: false, isRequired: false };
}

/** Takes the text of a schema; gives its input types. */
export function readInputTypes(schema: string): InputTypes {
  const { definitions } = parse(schema, { noLocation: true });
  const enums = new Map<string, readonly string[]>();
  const objects: InputObjectTypeDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
      enums.set(
        definition.name.value,
        (definition.values ?? []).map((each) => each.name.value),
      );
    } else if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      objects.push(definition);
    }
  }
  const objectNames = new Set(objects.map((each) => each.name.value));
  const typeOf = (name: string): ValueType => {
    const values = enums.get(name);
    if (values !== undefined) return { kind: 'enum', name, values };
    return { kind: objectNames.has(name) ? 'object' : 'scalar', name };
  };
  return new Map(
    objects.map((object) => [
      object.name.value,
      new Map(
        (object.fields ?? []).map((field) => {
          const { name, isList, isRequired } = unwrap(field.type);
          const hasDefault = field.defaultValue !== undefined;
          const read = { name: field.name.value, type: typeOf(name), isList, isRequired: isRequired && !hasDefault };
          return [read.name, read];
        }),
      ),
    ]),
  );
}
