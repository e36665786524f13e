// Turns a fetch document into a function that writes its answer. The data never change, so what a selection gives for an
// object is written once: the subgraphs cost next to nothing beside the gateway that is measured.
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** An object of the data: its fields by name, `__typename` among them. */
export type Source = Readonly<Record<string, unknown>>;

/** Gives the value of a root field for its arguments. */
export type RootField = (args: Values) => unknown;

/** Takes the request's variables; gives the answer's text. */
export type Answerer = (variables: Values) => string;

/** A compiled document. */
export interface CompiledDocument {
  readonly answer: Answerer;
  /** Whether its answers depend on its text and its representations alone, so that they may be kept. */
  readonly keepable: boolean;
}

type Writer = (source: Source) => string;

interface CollectedField {
  readonly node: FieldNode;
  readonly selections: SelectionSetNode[];
}

class Compiler {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  /** Gives the fields that the selections ask of an object of the type, merged by their name in the answer. */
  collect(sets: readonly SelectionSetNode[], type: string, into = new Map<string, CollectedField>()) {
    for (const selection of sets.flatMap((set) => set.selections)) {
      if (selection.directives?.[0] !== undefined) throw new GraphQLError('directives are not measured here');
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const field = into.get(key) ?? { node: selection, selections: [] };
        if (selection.selectionSet !== undefined) field.selections.push(selection.selectionSet);
        into.set(key, field);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      if (fragment === undefined) throw new GraphQLError('a fragment is missing');
      const condition = fragment.typeCondition?.name.value;
      if (condition === undefined || condition === type || condition === '_Entity') {
        this.collect([fragment.selectionSet], type, into);
      }
    }
    return into;
  }

  /** Gives what writes an object as the selections ask for it; each object is written once and kept. */
  writerOf(sets: readonly SelectionSetNode[]): Writer {
    const byType = new Map<unknown, readonly (readonly [string, string, Writer])[]>();
    const written = new WeakMap<Source, string>();
    const fieldsOf = (type: string) =>
      Array.from(this.collect(sets, type), ([key, { node, selections }]) => {
        return [`${JSON.stringify(key)}:`, node.name.value, this.writerOf(selections)] as const;
      });
    return (source) => {
      const kept = written.get(source);
      if (kept !== undefined) return kept;
      const type = String(source['__typename']);
      const fields = byType.get(type) ?? fieldsOf(type);
      byType.set(type, fields);
      const text = `{${fields.map(([key, name, write]) => key + writeValue(source[name], write)).join(',')}}`;
      written.set(source, text);
      return text;
    };
  }
}

function writeValue(value: unknown, write: Writer): string {
  if (Array.isArray(value)) return `[${value.map((item) => writeValue(item, write)).join(',')}]`;
  if (typeof value === 'object' && value !== null) return write(value as Source);
  return JSON.stringify(value ?? null);
}

function readDefaults({ variableDefinitions = [] }: OperationDefinitionNode): Values {
  const given = variableDefinitions.filter(({ defaultValue }) => defaultValue !== undefined);
  return Object.fromEntries(
    given.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue === undefined ? undefined : valueFromASTUntyped(defaultValue),
    ]),
  );
}

/** Which variables hold representations: those of `_entities`, whatever they are named. */
function onlyRepresentations({ variableDefinitions = [] }: OperationDefinitionNode, fields: CollectedField[]): boolean {
  const theirs = new Set<string>();
  for (const { node } of fields) {
    const value = node.name.value === '_entities' ? node.arguments?.[0]?.value : undefined;
    if (value?.kind === Kind.VARIABLE) theirs.add(value.name.value);
  }
  return variableDefinitions.every(({ variable }) => theirs.has(variable.name.value));
}

/**
 * Takes a document's text, the subgraph's schema and its root fields; gives the compiled document. Several aliased fields
 * of one name and any names of variables are fine. Throws GraphQLError where the document does not fit the schema.
 */
export function compileDocument(
  text: string,
  schema: GraphQLSchema,
  rootFields: Readonly<Record<string, RootField>>,
): CompiledDocument {
  const document = parse(text, { noLocation: true });
  const [fault] = validate(schema, document);
  if (fault !== undefined) throw fault;
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation?.operation !== OperationTypeNode.QUERY) throw new GraphQLError('only queries are measured here');
  const compiler = new Compiler(document);
  const collected = compiler.collect([operation.selectionSet], 'Query');
  const defaults = readDefaults(operation);
  const writers = Array.from(collected, ([key, { node, selections }]) => {
    const resolve = rootFields[node.name.value] ?? (() => 'Query');
    const write = compiler.writerOf(selections);
    return (variables: Values): string => {
      const args = (node.arguments ?? []).map((argument) => [
        argument.name.value,
        valueFromASTUntyped(argument.value, variables),
      ]);
      return `${JSON.stringify(key)}:${writeValue(resolve(Object.fromEntries(args) as Values), write)}`;
    };
  });
  return {
    answer: (given) => {
      const variables = { ...defaults, ...given };
      return `{"data":{${writers.map((write) => write(variables)).join(',')}}}`;
    },
    keepable: onlyRepresentations(operation, [...collected.values()]),
  };
}
