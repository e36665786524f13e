// Directives of a team's own that were put on or taken off something in its subgraph: clients do not see them, other
// tools read them. What federation's own directives mean is judged by the rules instead.
import { diff, type Change } from '@graphql-inspector/core';
import {
  buildASTSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  visit,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
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

/** Subgraphs may extend what they do not define: each type becomes one definition of all that is said of it. */
function asDefinitions(document: DocumentNode): DocumentNode {
  const isFederations = federationNames(document);
  const types = new Map<string, DefinitionNode>();
  const others: DefinitionNode[] = [];
  for (const node of document.definitions) {
    if (node.kind === Kind.SCHEMA_EXTENSION || node.kind === Kind.SCHEMA_DEFINITION) continue;
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
  const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...others, ...types.values()] };
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

function draftOf(change: Change, subgraph: string): Draft {
  const type = String(change.type);
  const meta = change.meta as Readonly<Record<string, unknown>>;
  const [name] = Object.entries(meta).flatMap(([key, value]) =>
    /DirectiveName$/i.test(key) && typeof value === 'string' ? [value] : [],
  );
  const directive = `@${(name ?? sideOf(change, 'added') ?? '').replace(/^@/, '')}`;
  const isAdded = type.endsWith('_ADDED');
  // The path ends with the directive.
  const path = change.path?.replace(/\.@.*$/, '');
  return {
    code: type,
    verdict: 'safe',
    coordinate: coordinateOf(type, path),
    subgraph,
    ...(isAdded ? { after: directive } : { before: directive }),
    what: `In ${subgraph}: ${change.message}.`.replace(/\.\.$/, '.'),
  };
}

/** Compares the directives of subgraphs that are in both states. */
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
    const own = changes.filter(({ type }) => String(type).startsWith('DIRECTIVE_USAGE_'));
    drafts.push(...own.map((change) => draftOf(change, subgraph.name)));
  }
  return drafts;
}
