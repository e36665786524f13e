// From a subscription that fits the schema to what runs for each of its events: a query of the one entity, with the
// client's own selection, under the client's own name. What is derived goes through the same steps as any query.
import { getArgumentValues, Kind, OperationTypeNode, print, visit, type GraphQLSchema } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Fields } from '../../compiledOperation.ts';
import { refuse, type Refusal } from '../../requestState.ts';
import type { LiveField, LiveFields } from './liveFields.ts';

/** A subscription, ready to be followed. */
export interface LiveOperation {
  readonly field: LiveField;
  /** The field as written. */
  readonly root: FieldNode;
  /** The client's name for what it gets. */
  readonly key: string;
  /** The query that completes an entity, as text. */
  readonly query: string;
  /** The variable of that query which takes the entity's id. */
  readonly idVariable: string;
  /** The client's variables that the query uses, too. */
  readonly variables: readonly string[];
  /** Takes coerced variables; gives the arguments of the subscription's field. Throws for those that do not fit. */
  argumentsOf(coerced: Fields): Fields;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const ONE_FIELD = refuse(
  'GRAPHQL_VALIDATION_FAILED',
  'A subscription selects exactly one field, without @skip, @include or other directives on the way to it.',
);

/** The only field of a root selection, through fragments; undefined where there is more, less or a condition. */
function onlyField({ selections }: SelectionSetNode, fragments: Fragments): FieldNode | undefined {
  const found: FieldNode[] = [];
  const waiting: SelectionNode[] = [...selections];
  // Validated: fragments do not spread themselves.
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if ((node.directives?.length ?? 0) > 0) return undefined;
    if (node.kind === Kind.FIELD) found.push(node);
    else if (node.kind === Kind.INLINE_FRAGMENT) waiting.push(...node.selectionSet.selections);
    else waiting.push(...(fragments.get(node.name.value)?.selectionSet.selections ?? []));
    if (found.length > 1) return undefined;
  }
  return found[0];
}

/** The variables and fragments that a selection reaches. */
function reach(selection: SelectionSetNode | undefined, fragments: Fragments) {
  const variables = new Set<string>();
  const spread = new Map<string, FragmentDefinitionNode>();
  const walk = (from: SelectionSetNode | FragmentDefinitionNode): void => {
    visit(from, {
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || spread.has(name.value)) return;
        spread.set(name.value, fragment);
        walk(fragment);
      },
    });
  };
  if (selection !== undefined) walk(selection);
  return { variables, spread };
}

function freeName(taken: ReadonlySet<string>): string {
  let name = 'entityId';
  for (let at = 1; taken.has(name); at++) name = `entityId${at}`;
  return name;
}

function deriveQuery(
  field: FieldNode,
  live: LiveField,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): Pick<LiveOperation, 'query' | 'idVariable' | 'variables'> {
  const { variables, spread } = reach(field.selectionSet, fragments);
  const idVariable = freeName(variables);
  const kept = (operation.variableDefinitions ?? []).filter(({ variable }) => variables.has(variable.name.value));
  const named = (value: string) => ({ kind: Kind.NAME, value }) as const;
  const id = { kind: Kind.VARIABLE, name: named(idVariable) } as const;
  const type = { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: named('ID') } } as const;
  const root: FieldNode = {
    kind: Kind.FIELD,
    name: named(live.query),
    alias: named((field.alias ?? field.name).value),
    arguments: [{ kind: Kind.ARGUMENT, name: named('id'), value: id }],
    ...(field.selectionSet && { selectionSet: field.selectionSet }),
  };
  const query: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    ...(operation.name && { name: operation.name }),
    variableDefinitions: [...kept, { kind: Kind.VARIABLE_DEFINITION, variable: id, type }],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [root] },
  };
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [query, ...spread.values()] };
  return { query: print(document), idVariable, variables: kept.map(({ variable }) => variable.name.value) };
}

/**
 * Takes the caller's view of the schema, the fields that send events, a valid document and its subscription; gives what
 * runs for each event, or the refusal: GRAPHQL_VALIDATION_FAILED for more than one field or a condition on it.
 */
export function compileLive(
  apiSchema: GraphQLSchema,
  fields: LiveFields,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): LiveOperation | Refusal {
  const named = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const fragments: Fragments = new Map(named.map((fragment) => [fragment.name.value, fragment]));
  const field = onlyField(operation.selectionSet, fragments);
  if (field === undefined) return ONE_FIELD;
  const live = fields.get(field.name.value);
  const definition = apiSchema.getSubscriptionType()?.getFields()[field.name.value];
  // A contract may show the field and hide the query, whose needs the caller would not be known to have then.
  const isCompletable = live !== undefined && apiSchema.getQueryType()?.getFields()[live.query] !== undefined;
  if (definition === undefined || !isCompletable) {
    return refuse('GRAPHQL_VALIDATION_FAILED', `Subscription.${field.name.value} cannot be followed.`);
  }
  return {
    field: live,
    root: field,
    key: (field.alias ?? field.name).value,
    ...deriveQuery(field, live, operation, fragments),
    argumentsOf: (coerced) => getArgumentValues(definition, field, coerced),
  };
}
