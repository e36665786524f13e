// Before planning: an alias that equals a name of the graph could pass for a key or a required field in the planner's
// eyes (`upc: name`), and one like `__typename` or `constructor` for something else again. Such aliases get synthetic
// names in the plan and the tree; the answer's shape gives the client's own back. Variables likewise. So do fields by
// the name of what every object has: the tree could not tell them from it while they are away.
import { Kind, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { isInterfaceType, isObjectType } from 'graphql';

/** An operation under names that mislead nobody. */
export interface RenamedOperation {
  readonly document: DocumentNode;
  /** The client's alias → the name in the tree. */
  readonly sourceOf: (responseKey: string) => string;
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
const OWN_VARIABLES = /^(?:representations|contextualArgument)/;

/** Takes a document and the graph's field names; gives it renamed where a name misleads. */
export function renameAliases(document: DocumentNode, fieldNames: ReadonlySet<string>): RenamedOperation {
  const sources = new Map<string, string>();
  const variables = new Map<string, string>();
  const misleads = (alias: string): boolean =>
    fieldNames.has(alias) || isInherited(alias) || alias.startsWith('_') || SYNTHETIC.test(alias);
  const variableOf = (name: string): string => {
    if (!OWN_VARIABLES.test(name)) return name;
    const renamed = `client_${name}`;
    variables.set(renamed, name);
    return renamed;
  };
  const renamed = visit(document, {
    Field(node) {
      const alias = (node.alias ?? node.name).value;
      const isOwnName = alias === node.name.value;
      if (isOwnName ? !isInherited(alias) : !misleads(alias)) return undefined;
      // By the alias alone: what it costs is looked up by the name that it has in another document, where some are left out.
      const source = `c_${alias}__client`;
      sources.set(alias, source);
      return { ...node, alias: { kind: Kind.NAME, value: source } };
    },
    Variable(node) {
      const name = variableOf(node.name.value);
      return name === node.name.value ? undefined : { ...node, name: { ...node.name, value: name } };
    },
  });
  const aliases = new Map([...sources].map(([alias, source]) => [source, alias]));
  return {
    document: renamed,
    sourceOf: (key) => sources.get(key) ?? key,
    clientNameOf: (source) => aliases.get(source) ?? source,
    planVariableOf: variableOf,
    clientVariableOf: (name) => variables.get(name) ?? name,
  };
}
