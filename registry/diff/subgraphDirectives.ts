// What changes in a subgraph's own schema and not for clients: its root types' names, which composition sets itself, and
// directives of a team's own, which other tools read. What federation's own directives mean is judged by the rules instead.
import { diff, type Change } from '@graphql-inspector/core';
import {
  buildASTSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  OperationTypeNode,
  visit,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  type NamedTypeNode,
  type OperationTypeDefinitionNode,
} from 'graphql';
import type { LoadedSubgraph } from '../compose.ts';
import type { Draft } from '../rules/rule.ts';
import { coordinateOf, sideOf } from './apiChanges.ts';

const FEDERATION = 'https://specs.apollo.dev/';
const SPECIFIED = ['deprecated', 'specifiedBy', 'oneOf', 'link'];

function textOf(directive: ConstDirectiveNode, name: string): string {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : '';
}

function importedNames(link: ConstDirectiveNode): string[] {
  const list = link.arguments?.find(({ name }) => name.value === 'import')?.value;
  const values = list?.kind === Kind.LIST ? list.values : [];
  return values.flatMap((value) => {
    if (value.kind === Kind.STRING) return [value.value];
    if (value.kind !== Kind.OBJECT) return [];
    const [as] = value.fields.filter(({ name }) => name.value === 'as');
    const [name] = value.fields.filter((field) => field.name.value === 'name');
    const said = (as ?? name)?.value;
    return said?.kind === Kind.STRING ? [said.value] : [];
  });
}

/** The names that federation's directives have in a schema. */
function federationNames(document: DocumentNode): (name: string) => boolean {
  const names = new Set(SPECIFIED);
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_EXTENSION && node.kind !== Kind.SCHEMA_DEFINITION) continue;
    for (const link of node.directives ?? []) {
      if (link.name.value !== 'link' || !textOf(link, 'url').startsWith(FEDERATION)) continue;
      for (const name of importedNames(link)) names.add(name.replace(/^@/, ''));
    }
  }
  return (name) => names.has(name) || name.startsWith('federation__');
}

const DEFINED: Readonly<Record<string, Kind>> = {
  [Kind.OBJECT_TYPE_EXTENSION]: Kind.OBJECT_TYPE_DEFINITION,
  [Kind.INTERFACE_TYPE_EXTENSION]: Kind.INTERFACE_TYPE_DEFINITION,
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: Kind.INPUT_OBJECT_TYPE_DEFINITION,
  [Kind.ENUM_TYPE_EXTENSION]: Kind.ENUM_TYPE_DEFINITION,
  [Kind.UNION_TYPE_EXTENSION]: Kind.UNION_TYPE_DEFINITION,
  [Kind.SCALAR_TYPE_EXTENSION]: Kind.SCALAR_TYPE_DEFINITION,
};
const LISTS = ['fields', 'values', 'types', 'interfaces', 'directives'] as const;

const USUAL_ROOTS = [
  [OperationTypeNode.QUERY, 'Query'],
  [OperationTypeNode.MUTATION, 'Mutation'],
  [OperationTypeNode.SUBSCRIPTION, 'Subscription'],
] as const;

/** The root types of a schema that does not name them. */
function usualRoots(types: ReadonlyMap<string, unknown>): OperationTypeDefinitionNode[] {
  return USUAL_ROOTS.filter(([, name]) => types.has(name)).map(([operation, value]) => {
    const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value } };
    return { kind: Kind.OPERATION_TYPE_DEFINITION, operation, type };
  });
}

/** Subgraphs may extend what they do not define: each type becomes one definition of all that is said of it. */
function asDefinitions(document: DocumentNode): DocumentNode {
  const isFederations = federationNames(document);
  const types = new Map<string, DefinitionNode>();
  const others: DefinitionNode[] = [];
  const roots: OperationTypeDefinitionNode[] = [];
  const ofSchema: ConstDirectiveNode[] = [];
  for (const node of document.definitions) {
    if (node.kind === Kind.SCHEMA_EXTENSION || node.kind === Kind.SCHEMA_DEFINITION) {
      roots.push(...(node.operationTypes ?? []));
      ofSchema.push(...(node.directives ?? []));
      continue;
    }
    if (!isTypeExtensionNode(node) && !isTypeDefinitionNode(node)) {
      others.push(node);
      continue;
    }
    const known = types.get(node.name.value) as Record<string, unknown> | undefined;
    const merged: Record<string, unknown> = { ...node, kind: DEFINED[node.kind] ?? node.kind };
    for (const list of known === undefined ? [] : LISTS) {
      const both = [known?.[list], merged[list]].flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []));
      if (both.length > 0) merged[list] = both;
    }
    types.set(node.name.value, merged as unknown as DefinitionNode);
  }
  const named = roots.length > 0 ? roots : usualRoots(types);
  const schema: DefinitionNode = { kind: Kind.SCHEMA_DEFINITION, operationTypes: named, directives: ofSchema };
  const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions: [schema, ...others, ...types.values()] };
  return visit(whole, { Directive: (node) => (isFederations(node.name.value) ? null : undefined) });
}

function build(subgraph: LoadedSubgraph): GraphQLSchema | undefined {
  try {
    return buildASTSchema(asDefinitions(subgraph.document), { assumeValid: true, assumeValidSDL: true });
  } catch {
    // A type that only another subgraph defines, such as federation's own scalars: what can not be built has no views
    // of its own, and the supergraph's changes are told by the rules.
    return undefined;
  }
}

type Meta = Readonly<Record<string, unknown>>;

const PLACE_OF_SCHEMA = 'the schema';

function directiveOf(change: Change): string {
  const [name] = Object.entries(change.meta as Meta).flatMap(([key, value]) =>
    /DirectiveName$/i.test(key) && typeof value === 'string' ? [value] : [],
  );
  return `@${(name ?? '').replace(/^@/, '')}`;
}

/** The directive's use that a change of an argument belongs to. */
function useOf(change: Change): string {
  const place = change.path?.replace(/\.?@.*$/, '') ?? '';
  return `${place === '' ? PLACE_OF_SCHEMA : place} ${directiveOf(change)}`;
}

function describeRoot(change: Change, subgraph: string): Draft | undefined {
  const [before, after] = [sideOf(change, 'old'), sideOf(change, 'new')];
  // One that comes or goes is seen by clients, and told there.
  if (before === undefined || after === undefined) return undefined;
  const what = `In ${subgraph} the root type ${before} is called ${after} now; clients see the name that it always has.`;
  return { code: String(change.type), verdict: 'safe', subgraph, coordinate: after, before, after, what };
}

/** An argument of a directive, with its values where they are known. */
function describeArgument(change: Change, subgraph: string): Pick<Draft, 'before' | 'after' | 'what'> {
  const meta = change.meta as Meta;
  const name = sideOf(change, 'removed') ?? sideOf(change, 'added') ?? '';
  const [old, now] = [meta['oldArgumentValue'], meta['addedArgumentValue']];
  const which = `the argument ${name} of ${useOf(change).replace(/^(.*) (@\w+)$/, '$2 on $1')}`;
  const told = (value: unknown): string => `${directiveOf(change)}(${name}: ${String(value)})`;
  if (typeof now !== 'string') {
    return {
      before: `${directiveOf(change)}(${name}:)`,
      after: undefined,
      what: `In ${subgraph} ${which} was removed.`,
    };
  }
  if (typeof old !== 'string')
    return {
      before: undefined,
      after: told(now),
      what: `In ${subgraph} ${which} is ${now}, and was not there before.`,
    };
  return { before: told(old), after: told(now), what: `In ${subgraph} ${which} was ${old}, and is ${now} now.` };
}

function draftOf(change: Change, subgraph: string): Draft | undefined {
  const type = String(change.type);
  if (type.startsWith('SCHEMA_')) return describeRoot(change, subgraph);
  // The path ends with the directive.
  const path = change.path?.replace(/\.?@.*$/, '');
  const about = { code: type, verdict: 'safe', coordinate: coordinateOf(type, path || undefined), subgraph } as const;
  if (type.startsWith('DIRECTIVE_USAGE_ARGUMENT_') && !type.includes('DEFINITION')) {
    return { ...about, ...describeArgument(change, subgraph) };
  }
  const directive = directiveOf(change);
  return {
    ...about,
    ...(type.endsWith('_ADDED') ? { after: directive } : { before: directive }),
    what: `In ${subgraph}: ${change.message}.`.replace(/\.\.$/, '.'),
  };
}

/** A changed value is told once, and a directive that is new without each of its arguments. */
function withoutRepeats(changes: readonly Change[]): Change[] {
  const isArgument = ({ type }: Change): boolean => /^DIRECTIVE_USAGE_ARGUMENT_(ADDED|REMOVED)$/.test(String(type));
  const uses = new Set(changes.filter((change) => !isArgument(change)).map(useOf));
  const changed = new Set(
    changes
      .filter((change) => isArgument(change) && typeof (change.meta as Meta)['oldArgumentValue'] === 'string')
      .map((change) => `${useOf(change)} ${sideOf(change, 'added') ?? ''}`),
  );
  return changes.filter((change) => {
    if (!isArgument(change)) return true;
    const isTwin = changed.has(`${useOf(change)} ${sideOf(change, 'removed') ?? ''}`);
    return !uses.has(useOf(change)) && !isTwin;
  });
}

/** Compares the schemas of subgraphs that are in both states, for what clients do not see. */
export async function compareDirectives(
  base: readonly LoadedSubgraph[],
  head: readonly LoadedSubgraph[],
): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const subgraph of head) {
    const old = base.find(({ name }) => name === subgraph.name);
    if (old === undefined || old.text === subgraph.text) continue;
    const [before, after] = [build(old), build(subgraph)];
    if (before === undefined || after === undefined) continue;
    const changes = await diff(before, after);
    const own = changes.filter(({ type }) => /^(DIRECTIVE_USAGE|SCHEMA)_/.test(String(type)));
    drafts.push(...withoutRepeats(own).flatMap((change) => draftOf(change, subgraph.name) ?? []));
  }
  return drafts;
}
