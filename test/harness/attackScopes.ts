// One attack on scopes, tried by three callers: one who may, one whose operations are refused whole, one whose denied
// fields are null. Who may must get the value, or the attack would prove nothing about the others.
import type { GuardedGraph } from './guardedGraph.ts';

/** An attack: the operation, and what it is after. */
export interface ScopeAttack {
  readonly query: string;
  readonly variables?: object;
  /** The coordinate whose value nobody without the scope may get. */
  readonly after: string;
  readonly scope: string;
}

/** What became of it, for each of the three. */
export interface AttackOutcome {
  /** Whether the value was got, or at least fetched, by who may. */
  readonly mayGet: boolean;
  readonly refused: { readonly status: number; readonly codes: readonly string[]; readonly fetches: number };
  readonly filtered: { readonly codes: readonly string[]; readonly shown: boolean; readonly fetched: boolean };
}

/** What has to become of every one. */
export const STOPPED: AttackOutcome = {
  mayGet: true,
  refused: { status: 403, codes: ['SCOPE_MISSING'], fetches: 0 },
  filtered: { codes: ['SCOPE_MISSING'], shown: false, fetched: false },
};

/** The keys of the three callers, for one scope. */
export interface AttackKeys {
  readonly whole: string;
  readonly refused: string;
  readonly filtered: string;
}

/** Makes the keys of the three: one with every scope, two with all but one. */
export async function makeAttackKeys(graph: GuardedGraph, scope: string): Promise<AttackKeys> {
  const others = graph.scopes.filter((each) => each !== scope);
  return {
    whole: await graph.keys.create({ scopes: graph.scopes }),
    refused: await graph.keys.create({ scopes: others }),
    filtered: await graph.keys.create({ scopes: others, denial: 'filter' }),
  };
}

/** Tries an attack; gives what became of it. */
export async function tryAttack(
  graph: GuardedGraph,
  { whole, refused, filtered }: AttackKeys,
  { query, variables = {}, after }: ScopeAttack,
): Promise<AttackOutcome> {
  const { subgraphs } = graph;
  const askAs = async (key: string) => {
    subgraphs.asked.length = 0;
    const { status, text, codes } = await graph.ask(key, query, variables);
    const fetched = subgraphs.fieldsAsked().includes(after);
    return { status, codes: [...new Set(codes)], shown: text.includes(`~${after}~`), fetched };
  };
  const allowed = await askAs(whole);
  const { status, codes, shown } = await askAs(refused);
  const fetches = subgraphs.asked.length + (shown ? 1 : 0);
  const left = await askAs(filtered);
  return {
    mayGet: allowed.status === 200 && allowed.codes.length === 0 && allowed.fetched,
    refused: { status, codes, fetches },
    filtered: { codes: left.codes, shown: left.shown, fetched: left.fetched },
  };
}
