// Before planning: an alias that equals a name of the graph could pass for a key or a required field in the planner's
// eyes (`upc: name`), and one like `__typename` or `constructor` for something else again. Such aliases get synthetic
// names in the plan and the tree; the answer's shape gives the client's own back. Variables likewise. So do fields by
// the name of what every object has: the tree could not tell them from it while they are away. And so does what shares
// its response name with something else at the same place (clashingNames.ts).
import { Kind, visit, type DocumentNode, type FieldNode, type GraphQLSchema } from 'graphql';
import { isInterfaceType, isObjectType } from 'graphql';
import { meaningOf, responseNameOf, type Clashes } from './clashingNames.ts';

/** An operation under names that mislead nobody. */
export interface RenamedOperation {
  readonly document: DocumentNode;
  /** A field of the client's → its name in the tree. */
  readonly sourceOf: (field: FieldNode) => string;
  /** The name in the tree → the client's alias. */
  readonly clientNameOf: (source: string) => string;
  /** The client's name of a variable → its name in the plan. */
  readonly planVariableOf: (name: string) => string;
  /** The name of a variable in the plan → the client's name. */
  readonly clientVariableOf: (name: string) => string;
}

/** The names that an alias must not be taken for. */
export function fieldNamesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const name of Object.keys(type.getFields())) names.add(name);
  }
  return names;
}

/** Says whether every object has something by this name: `constructor`, `toString`. */
export function isInherited(name: string): boolean {
  return name in Object.prototype;
}

const SYNTHETIC = /__(?:client|alias|with)_?\d*/;
/** Those of the planner, and what they are renamed to: two names stay two. */
const OWN_VARIABLES = /^(?:client_)*(?:representations|contextualArgument)/;

/** Takes a document, the clashes of the operation in it, and the graph's field names; gives it renamed where a name misleads. */
export function renameAliases(
  document: DocumentNode,
  clashes: Clashes,
  fieldNames: ReadonlySet<string>,
): RenamedOperation {
  const clientNames = new Map<string, string>();
  const variables = new Map<string, string>();
  const misleads = (alias: string): boolean =>
    fieldNames.has(alias) || isInherited(alias) || alias.startsWith('_') || SYNTHETIC.test(alias);
  // By the field alone: what it costs is looked up by the name that it has in another document, where some are left out.
  const sourceOf = (field: FieldNode): string => {
    const name = responseNameOf(field);
    const meanings = clashes.get(name);
    const at = meanings === undefined ? 0 : (meanings.get(meaningOf(field)) ?? 0);
    if (at > 0) return `c_${name}__client_${at}`;
    const isOwnName = name === field.name.value;
    return (isOwnName ? isInherited(name) : misleads(name)) ? `c_${name}__client` : name;
  };
  const variableOf = (name: string): string => {
    if (!OWN_VARIABLES.test(name)) return name;
    const renamed = `client_${name}`;
    variables.set(renamed, name);
    return renamed;
  };
  const renamed = visit(document, {
    Field(node) {
      const source = sourceOf(node);
      const name = responseNameOf(node);
      if (source === name) return undefined;
      clientNames.set(source, name);
      return { ...node, alias: { kind: Kind.NAME, value: source } };
    },
    Variable(node) {
      const name = variableOf(node.name.value);
      return name === node.name.value ? undefined : { ...node, name: { ...node.name, value: name } };
    },
  });
  return {
    document: renamed,
    sourceOf,
    clientNameOf: (source) => clientNames.get(source) ?? source,
    planVariableOf: variableOf,
    clientVariableOf: (name) => variables.get(name) ?? name,
  };
}
