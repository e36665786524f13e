// Changes of a schema, drawn by chance, and what they do to operations that were valid before: worked out from the texts
// by validation alone, without anything that the registry reads usage by.
import {
  buildASTSchema,
  getNamedType,
  getVariableValues,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  OverlappingFieldsCanBeMergedRule,
  parse,
  print,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';

/**
 * A drawn change: what it is, the schema behind it, the schema by which operations are judged (for an input that takes
 * another type the one without it: whoever gives it breaks), and the output fields that give another type now.
 */
export interface SeededChange {
  readonly kind: string;
  readonly text: string;
  readonly judgedBy: string;
  readonly retyped: readonly string[];
}

type Draw = <T>(from: readonly T[]) => T | undefined;

function without(document: DocumentNode, gone: ASTNode): DocumentNode {
  return visit(document, { enter: (node) => (node === gone ? null : undefined) });
}

function replaced(document: DocumentNode, old: ASTNode, now: ASTNode): DocumentNode {
  return visit(document, { enter: (node) => (node === old ? now : undefined) });
}

const named = (name: string) => ({ kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } }) as const;

interface Elements {
  readonly fields: readonly { readonly type: string; readonly field: FieldDefinitionNode }[];
  readonly arguments: readonly InputValueDefinitionNode[];
  readonly inputFields: readonly InputValueDefinitionNode[];
  readonly values: readonly ASTNode[];
}

function elementsOf(document: DocumentNode): Elements {
  const objects = document.definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION,
  );
  const fields = objects.flatMap(({ name, fields = [] }) => fields.map((field) => ({ type: name.value, field })));
  return {
    fields,
    arguments: fields.flatMap(({ field }) => field.arguments ?? []),
    inputFields: document.definitions.flatMap((node) =>
      node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? (node.fields ?? []) : [],
    ),
    values: document.definitions.flatMap((node) =>
      node.kind === Kind.ENUM_TYPE_DEFINITION ? (node.values ?? []) : [],
    ),
  };
}

const WANTED: InputValueDefinitionNode = {
  kind: Kind.INPUT_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: 'wanted' },
  type: { kind: Kind.NON_NULL_TYPE, type: named('Int') },
};

function changeUnion(document: DocumentNode, draw: Draw): DocumentNode | undefined {
  const union = draw(document.definitions.filter((node) => node.kind === Kind.UNION_TYPE_DEFINITION));
  const member = draw(union?.types ?? []);
  if (union === undefined || member === undefined) return undefined;
  return replaced(document, union, { ...union, types: union.types?.filter((each) => each !== member) ?? [] });
}

function changeInterfaces(document: DocumentNode, draw: Draw): DocumentNode | undefined {
  const objects = document.definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION);
  const object = draw(objects.filter(({ interfaces = [] }) => interfaces.length > 0));
  const gone = draw(object?.interfaces ?? []);
  if (object === undefined || gone === undefined) return undefined;
  return replaced(document, object, {
    ...object,
    interfaces: object.interfaces?.filter((each) => each !== gone) ?? [],
  });
}

/** What drawing gives: the schema behind the change, and the one it is judged by where that is another. */
type Made = DocumentNode | undefined | { readonly changed: DocumentNode; readonly judgedBy: DocumentNode };

function retypeInput(document: DocumentNode, found: InputValueDefinitionNode | undefined): Made {
  if (found === undefined) return undefined;
  const changed = replaced(document, found, { ...found, type: named('Other') });
  return { changed, judgedBy: without(document, found) };
}

/** Every kind of change, for a schema that has what it changes. */
const KINDS: Readonly<Record<string, (document: DocumentNode, draw: Draw) => Made>> = {
  'a field removed': (document, draw) => {
    const found = draw(elementsOf(document).fields);
    return found && without(document, found.field);
  },
  'an argument removed': (document, draw) => {
    const found = draw(elementsOf(document).arguments);
    return found && without(document, found);
  },
  'an input field removed': (document, draw) => {
    const found = draw(elementsOf(document).inputFields);
    return found && without(document, found);
  },
  'an enum value removed': (document, draw) => {
    const found = draw(elementsOf(document).values);
    return found && without(document, found);
  },
  'a union member removed': changeUnion,
  'an interface removed': changeInterfaces,
  'a required argument added': (document, draw) => {
    const found = draw(elementsOf(document).fields)?.field;
    return found && replaced(document, found, { ...found, arguments: [...(found.arguments ?? []), WANTED] });
  },
  'a required input field added': (document, draw) => {
    const found = draw(document.definitions.filter((node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION));
    return found && replaced(document, found, { ...found, fields: [...(found.fields ?? []), WANTED] });
  },
  'an argument retyped': (document, draw) => retypeInput(document, draw(elementsOf(document).arguments)),
  'an input field retyped': (document, draw) => retypeInput(document, draw(elementsOf(document).inputFields)),
  'a field retyped': (document, draw) => {
    const found = draw(elementsOf(document).fields)?.field;
    return found && replaced(document, found, { ...found, type: named('Other') });
  },
  'a directive removed': (document, draw) => {
    const found = draw(document.definitions.filter((node) => node.kind === Kind.DIRECTIVE_DEFINITION));
    return found && without(document, found);
  },
};

/** The coordinates of output fields whose type is another one in the second schema. */
function retypedFields(before: GraphQLSchema, after: GraphQLSchema): string[] {
  return Object.values(before.getTypeMap()).flatMap((type) => {
    const now = after.getType(type.name);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const fields = isObjectType(now) || isInterfaceType(now) ? now.getFields() : {};
    return Object.values(type.getFields()).flatMap((field) => {
      const changed = fields[field.name];
      return changed !== undefined && String(changed.type) !== String(field.type) ? [`${type.name}.${field.name}`] : [];
    });
  });
}

/** Builds a schema from its text, valid or not. */
export const build = (text: string): GraphQLSchema =>
  buildASTSchema(parse(text), { assumeValid: true, assumeValidSDL: true });

/** Draws one change of a schema; undefined where the drawn one can not be made. */
export function drawChange(text: string, random: () => number): SeededChange | undefined {
  const draw: Draw = (from) => from[Math.floor(random() * from.length)];
  const kind = draw(Object.keys(KINDS)) ?? '';
  const made = KINDS[kind]?.(parse(text), draw);
  if (made === undefined) return undefined;
  const { changed, judgedBy } = 'changed' in made ? made : { changed: made, judgedBy: made };
  const next = print(changed);
  if (next === print(parse(text))) return undefined;
  return { kind, text: next, judgedBy: print(judgedBy), retyped: retypedFields(build(text), build(next)) };
}

/** The output fields that a document asks for, those of the object types behind an interface too. */
function fieldsIn(document: DocumentNode, schema: GraphQLSchema): Set<string> {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (!parent || !field) return;
        found.add(`${parent.name}.${field.name}`);
        const behind = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
        for (const type of behind) found.add(`${getNamedType(type).name}.${field.name}`);
      },
    }),
  );
  return found;
}

/** Aliases of drawn documents never meet, and to look for those that do takes longer than all the rest. */
const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

/** Says whether an operation that was valid breaks by a change. */
export function breaksBy(
  change: SeededChange,
  { text, variables }: { readonly text: string; readonly variables: Readonly<Record<string, unknown>> },
  before: GraphQLSchema,
  after: GraphQLSchema,
): boolean {
  const document = parse(text);
  if (validate(after, document, RULES).length > 0) return true;
  const asked = fieldsIn(document, before);
  if (change.retyped.some((coordinate) => asked.has(coordinate))) return true;
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  return getVariableValues(after, operation?.variableDefinitions ?? [], variables).errors !== undefined;
}
