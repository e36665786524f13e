// What a right answer to a fetch's document looks like, compiled once per document from the supergraph's types: names,
// lists, nulls, kinds of leaf. checkAnswer.ts holds answers against it.
import {
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import type {
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { AnswerShapes, FieldShape, ValueShape } from '../requestState.ts';

type LeafCheck = (value: unknown) => boolean;

const ANY_LEAF: LeafCheck = () => true;
const LEAF_CHECKS: Readonly<Record<string, LeafCheck>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' || Number.isSafeInteger(value),
  Boolean: (value) => typeof value === 'boolean',
  Float: (value) => typeof value === 'number',
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 31,
};

function leafCheckOf(type: GraphQLNamedType): LeafCheck {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map((value) => value.name));
    return (value) => typeof value === 'string' && names.has(value);
  }
  return LEAF_CHECKS[type.name] ?? ANY_LEAF;
}

/** Unwraps lists and non-nulls: the nullability of each level, outermost first, and the named type. */
function unwrap(type: GraphQLOutputType): { nullable: boolean[]; named: GraphQLNamedType } {
  const nullable: boolean[] = [];
  let current: GraphQLOutputType = type;
  for (;;) {
    const nonNull = isNonNullType(current);
    const bare: GraphQLOutputType = isNonNullType(current) ? current.ofType : current;
    nullable.push(!nonNull);
    if (!isListType(bare)) return { nullable, named: bare as GraphQLNamedType };
    current = bare.ofType as GraphQLOutputType;
  }
}

class ShapeCompiler {
  private readonly schema: GraphQLSchema;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.schema = schema;
    this.fragments = fragments;
  }

  /** The fields of a selection set; a type that the supergraph does not know makes its fields free. */
  fieldsOf(set: SelectionSetNode, type: GraphQLNamedType | undefined, onTypes?: ReadonlySet<string>): FieldShape[] {
    return set.selections.flatMap((selection) => {
      const conditional = (selection.directives?.length ?? 0) > 0;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const value = this.valueOf(selection.name.value, selection.selectionSet, type);
        return [{ key, value, onTypes, optional: conditional }];
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
      if (inner === undefined) return [];
      const condition = inner.typeCondition?.name.value;
      const types = condition === undefined ? onTypes : this.objectsOf(condition);
      const innerType = condition === undefined ? type : this.schema.getType(condition);
      const fields = this.fieldsOf(inner.selectionSet, innerType ?? undefined, types);
      return conditional ? fields.map((field) => ({ ...field, optional: true })) : fields;
    });
  }

  /** An interface also stands for itself: with @interfaceObject it is the type that a subgraph answers by. */
  private objectsOf(name: string): ReadonlySet<string> {
    const type = this.schema.getType(name);
    if (!isAbstractType(type)) return new Set([name]);
    return new Set([name, ...this.schema.getPossibleTypes(type).map((possible) => possible.name)]);
  }

  private valueOf(name: string, set: SelectionSetNode | undefined, parent: GraphQLNamedType | undefined): ValueShape {
    if (name === '__typename') return { nullable: [false], fields: undefined, isLeaf: (v) => typeof v === 'string' };
    if (name === '_entities' && set !== undefined) {
      return { nullable: [false, true], fields: this.fieldsOf(set, undefined), isLeaf: ANY_LEAF };
    }
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined) {
      const fields = set === undefined ? undefined : this.fieldsOf(set, undefined);
      return { nullable: [], fields, isLeaf: ANY_LEAF };
    }
    const { nullable, named } = unwrap(field.type);
    return { nullable, fields: set && this.fieldsOf(set, named), isLeaf: leafCheckOf(named) };
  }
}

function compile(schema: GraphQLSchema, text: string): readonly FieldShape[] {
  const document = parse(text, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('a fetch without an operation was planned');
  const root = schema.getRootType(operation.operation);
  return new ShapeCompiler(schema, fragments).fieldsOf(operation.selectionSet, root ?? undefined);
}

/** Takes the supergraph's own schema; gives what says how the answer to a fetch's document has to look. */
export function openAnswerShapes(schema: GraphQLSchema, shapesMax: number): AnswerShapes {
  const known = new LRUCache<string, readonly FieldShape[]>({ max: shapesMax });
  return (document) => {
    const found = known.get(document);
    if (found !== undefined) return found;
    const made = compile(schema, document);
    known.set(document, made);
    return made;
  };
}
