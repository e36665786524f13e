// All lint rules. A check tells what a change brings: what stood there before is left to who cleans it up (`--all-lint`).
import { isTypeDefinitionNode } from 'graphql';
import type { LoadedSubgraph } from '../compose.ts';
import type { Snapshot } from '../snapshot.ts';
import { needMissing } from './needMissing.ts';
import { protectedInput } from './protectedInput.ts';
import { unboundedList } from './unboundedList.ts';
import type { PlacedDraft } from '../rules/rule.ts';

const GRAPH_RULES = [needMissing, protectedInput, unboundedList];

/** The types that some subgraph describes: clients see that description, wherever else the type stands. */
function describedTypes(subgraphs: readonly LoadedSubgraph[]): Set<string> {
  const nodes = subgraphs.flatMap(({ document }) => document.definitions.filter(isTypeDefinitionNode));
  return new Set(nodes.filter(({ description }) => description !== undefined).map(({ name }) => name.value));
}

async function lintSubgraphs(subgraphs: readonly LoadedSubgraph[]): Promise<PlacedDraft[]> {
  if (subgraphs.length === 0) return [];
  // It takes as long to load as to compose.
  const { lintStyle } = await import('./graphqlEslint.ts');
  return subgraphs.flatMap(lintStyle);
}

function keyOf({ code, coordinate, subgraph, after, what }: PlacedDraft): string {
  return JSON.stringify([code, coordinate, subgraph, after ?? what]);
}

/** Lints the head; leaves out what the base has too, unless all is asked for. */
export async function lintSchemas(head: Snapshot, base: Snapshot | undefined, isAll: boolean): Promise<PlacedDraft[]> {
  const old = new Map(base?.subgraphs.map(({ name, text }) => [name, text]));
  const changed = head.subgraphs.filter(({ name, text }) => isAll || old.get(name) !== text);
  const ofGraph = (snapshot: Snapshot | undefined): PlacedDraft[] => {
    const state = snapshot?.state;
    return state === undefined ? [] : GRAPH_RULES.flatMap((rule) => rule(state));
  };
  const described = describedTypes(head.subgraphs);
  const isTold = ({ code, coordinate = '' }: PlacedDraft): boolean =>
    code !== 'DESCRIPTION_MISSING' || !described.has(coordinate);
  const found = [...(await lintSubgraphs(changed)).filter(isTold), ...ofGraph(head)];
  if (isAll || base === undefined) return found;
  const names = new Set(changed.map(({ name }) => name));
  const before = await lintSubgraphs(base.subgraphs.filter(({ name }) => names.has(name)));
  const known = new Set([...before, ...ofGraph(base)].map(keyOf));
  return found.filter((draft) => !known.has(keyOf(draft)));
}
