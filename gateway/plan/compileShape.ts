// The shape of an operation's answer: for each object the fields in the client's order, each with where it stands in the
// tree and what it has to be. Worked out per type when it is first needed.
import {
  execute,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { Failure, Fields, FieldShape, LeafKind, ObjectShape, ValueShape } from '../compiledOperation.ts';
import { isAsked } from './specialize.ts';

/** What a shape is made from: the client's own document, on the schema that the client sees. */
export interface ShapeSource {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** A field of the document → its key in the tree. */
  readonly sourceOf: (field: FieldNode) => string;
  /** Whether the schema is a part of the graph's: values and types that it hides may come. */
  readonly isPart: boolean;
  /** What the caller may not see; undefined where that is nothing. */
  readonly denied: ReadonlyMap<FieldNode, Failure> | undefined;
}

const BUILT_IN_LEAVES: ReadonlySet<string> = new Set(['String', 'ID', 'Int', 'Float', 'Boolean']);

function leafOf(type: GraphQLNamedType): LeafKind {
  if (isEnumType(type)) return new Set(type.getValues().map((value) => value.name));
  return BUILT_IN_LEAVES.has(type.name) ? (type.name as 'String') : 'any';
}

function fieldShape(key: string, source: string, value: ValueShape): FieldShape {
  return { key, opening: `{"${key}":`, following: `,"${key}":`, source, value };
}

/** Compiles shapes under one outcome of the conditions. */
class ShapeCompiler {
  private readonly source: ShapeSource;
  private readonly variables: Fields;

  constructor(source: ShapeSource, variables: Fields) {
    this.source = source;
    this.variables = variables;
  }

  object(type: GraphQLNamedType, sets: readonly SelectionSetNode[]): ObjectShape {
    const known = new Map<string, readonly FieldShape[] | undefined>();
    const fieldsOf = (typename: string): readonly FieldShape[] | undefined => {
      if (known.has(typename)) return known.get(typename);
      const fields = this.canBe(typename, type) ? this.fields(typename, sets) : undefined;
      // Only names of the schema are kept: a subgraph that invents types must not fill the memory.
      if (fields !== undefined) known.set(typename, fields);
      return fields;
    };
    const onlyType = isObjectType(type) ? type.name : undefined;
    if (onlyType !== undefined) {
      const only = fieldsOf(onlyType);
      return { onlyType, fieldsOf: () => only, find: (source) => only?.find((field) => field.source === source) };
    }
    const types = isAbstractType(type) ? this.source.schema.getPossibleTypes(type).map(({ name }) => name) : [];
    const find = (source: string): FieldShape | undefined =>
      [type.name, ...types].flatMap((name) => fieldsOf(name) ?? []).find((field) => field.source === source);
    return { onlyType, fieldsOf: (typename) => fieldsOf(typename ?? type.name), find };
  }

  /** An interface may stand for itself where nobody asked which type it is (@interfaceObject). */
  private canBe(typename: string, type: GraphQLNamedType): boolean {
    const found = this.source.schema.getType(typename);
    if (found === type) return true;
    return (
      (isObjectType(found) || isInterfaceType(found)) &&
      isAbstractType(type) &&
      this.source.schema.isSubType(type, found)
    );
  }

  private fields(typename: string, sets: readonly SelectionSetNode[]): FieldShape[] | undefined {
    const asked = new Map<string, FieldNode[]>();
    let isSameForAll = true;
    for (const set of sets) if (!this.collect(set, typename, asked)) isSameForAll = false;
    const isNamed = [...asked.values()].some(([node]) => node?.name.value === '__typename');
    const isKnown = isObjectType(this.source.schema.getType(typename));
    if (!isKnown && (!isSameForAll || isNamed)) return undefined;
    return [...asked].flatMap(([key, nodes]) => this.field(key, nodes, typename) ?? []);
  }

  /** Collects what is asked of a type; gives whether as much is asked of every other one. */
  private collect(set: SelectionSetNode, typename: string, into: Map<string, FieldNode[]>): boolean {
    let isSameForAll = true;
    for (const selection of set.selections) {
      if (!isAsked(selection.directives, this.variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = into.get(key);
        if (known === undefined) into.set(key, [selection]);
        else known.push(selection);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.source.fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      if (condition !== undefined && !this.fulfils(typename, condition)) isSameForAll = false;
      else if (!this.collect(fragment.selectionSet, typename, into)) isSameForAll = false;
    }
    return isSameForAll;
  }

  private fulfils(typename: string, condition: string): boolean {
    if (typename === condition) return true;
    const { schema } = this.source;
    const type = schema.getType(typename);
    const wanted = schema.getType(condition);
    return (isObjectType(type) || isInterfaceType(type)) && isAbstractType(wanted) && schema.isSubType(wanted, type);
  }

  private field(key: string, nodes: readonly FieldNode[], typename: string): FieldShape | undefined {
    const [node] = nodes;
    if (node === undefined) return undefined;
    const name = node.name.value;
    const source = this.source.sourceOf(node);
    const named = this.denialOf(nodes);
    if (named !== undefined && name === '__typename') {
      return fieldShape(key, '__typename', { kind: 'denied', nullable: false, failure: named });
    }
    if (name === '__typename') return fieldShape(key, '__typename', { kind: 'typename', nullable: false });
    if (name === '__schema' || name === '__type') return fieldShape(key, key, this.introspection(name, nodes));
    const type = this.source.schema.getType(typename);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) return undefined;
    const failure = this.denialOf(nodes);
    if (failure !== undefined) {
      return fieldShape(key, source, { kind: 'denied', nullable: !isNonNullType(field.type), failure });
    }
    const sets = nodes.flatMap((each) => (each.selectionSet === undefined ? [] : [each.selectionSet]));
    return fieldShape(key, source, this.value(field.type, sets, true));
  }

  /** A field that is asked twice is denied where either is. */
  private denialOf(nodes: readonly FieldNode[]): Failure | undefined {
    const { denied } = this.source;
    return denied && nodes.map((node) => denied.get(node)).find((failure) => failure !== undefined);
  }

  private value(type: GraphQLOutputType, sets: readonly SelectionSetNode[], nullable: boolean): ValueShape {
    if (isNonNullType(type)) return this.value(type.ofType, sets, false);
    if (isListType(type)) return { kind: 'list', nullable, item: this.value(type.ofType, sets, true) };
    const { isPart } = this.source;
    if (sets.length > 0) {
      return { kind: 'object', nullable, object: this.object(type, sets), hidesSome: isPart && isAbstractType(type) };
    }
    return { kind: 'leaf', nullable, leaf: leafOf(type), hidesSome: isPart && isEnumType(type) };
  }

  private introspection(name: string, nodes: readonly FieldNode[]): ValueShape {
    const { schema, operation, fragments } = this.source;
    const alias = { kind: Kind.NAME, value: name } as const;
    const selections = nodes.map((node) => ({ ...node, alias }));
    const document = {
      kind: Kind.DOCUMENT,
      definitions: [
        { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } } as const,
        ...fragments.values(),
      ],
    } as const;
    return {
      kind: 'schema',
      nullable: name === '__type',
      answer(variableValues) {
        const answer = execute({ schema, document, variableValues });
        if (answer instanceof Promise) throw new Error('introspection failed');
        // What is wrong can only be an argument: a variable with a default can be null where null is not allowed.
        return answer.errors === undefined ? (answer.data?.[name] ?? null) : undefined;
      },
    };
  }
}

/** Takes an operation and the values of the variables that decide its conditions; gives the shape of its answer. */
export function compileShape(source: ShapeSource, conditions: Fields): ObjectShape {
  const root = source.schema.getRootType(source.operation.operation);
  if (root === undefined || root === null) throw new Error('the operation has no root type');
  return new ShapeCompiler(source, conditions).object(root, [source.operation.selectionSet]);
}
