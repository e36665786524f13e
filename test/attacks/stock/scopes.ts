// The attacks on scopes that need a graph with auth directives, at a gateway with keys: one of each code, as the files of
// test/attacks have them. Stock does not load such a graph: its column is what it says when it is started over it.
import { makeAttackKeys, tryAttack, type AttackOutcome } from '../../harness/attackScopes.ts';
import { startGuardedGraph, type GuardedGraph } from '../../harness/guardedGraph.ts';
import type { Outcome } from './attacks.ts';

/** An attack on scopes by its code of the tables. */
export interface ScopedAttack {
  readonly code: string;
  readonly name: string;
  run(graph: GuardedGraph): Promise<Outcome>;
}

const PII = 'people:pii';

function told({ mayGet, refused, filtered }: AttackOutcome): Outcome {
  const held = mayGet && refused.status === 403 && refused.fetches === 0 && !filtered.shown && !filtered.fetched;
  return { held, seen: `HTTP ${refused.status}, ${filtered.shown ? 'the field shown' : 'the field not shown'}` };
}

/** An attack by a query after one coordinate, by who may, and by two who may not. */
function after(coordinate: string, query: string, scope = PII): (graph: GuardedGraph) => Promise<Outcome> {
  return async (graph) =>
    told(await tryAttack(graph, await makeAttackKeys(graph, scope), { query, after: coordinate, scope }));
}

/** Who may and who may not send the same text at the same time. */
async function crossing(graph: GuardedGraph): Promise<Outcome> {
  const { whole, filtered } = await makeAttackKeys(graph, PII);
  const keys = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? whole : filtered));
  const answers = await Promise.all(keys.map((key) => graph.ask(key, '{ me { name email } }')));
  const crossed = answers.filter(({ text }, at) => text.includes('~Person.email~') !== (keys[at] === whole)).length;
  return { held: crossed === 0, seen: `${crossed} of ${answers.length} answers crossed` };
}

async function mutation(graph: GuardedGraph): Promise<Outcome> {
  const { refused } = await makeAttackKeys(graph, PII);
  graph.subgraphs.asked.length = 0;
  const { status } = await graph.ask(refused, 'mutation { rename(id: "Person:1", name: "a") { email } }');
  const ran = graph.subgraphs.asked.length;
  return { held: status === 403 && ran === 0, seen: `HTTP ${status}, ${ran === 0 ? 'nothing ran' : 'it ran'}` };
}

/** The attacks, in the order of the tables. */
export const SCOPED_ATTACKS: readonly ScopedAttack[] = [
  { code: 'K6', name: 'a protected field under an alias', run: after('Person.email', '{ me { name: email } }') },
  {
    code: 'K7',
    name: 'a protected field in a fragment of a fragment',
    run: after('Person.email', '{ me { ...A } } fragment A on Person { ... { ...B } } fragment B on Person { email }'),
  },
  {
    code: 'K8',
    name: 'a field of an interface that one type protects',
    run: after('Node.label', '{ node(id: "Person:1") { label } }', 'firms:read'),
  },
  {
    code: 'K9',
    name: 'a field computed from a protected one by `@requires`',
    run: after('Person.greeting', '{ me { greeting } }'),
  },
  {
    code: 'K10',
    name: 'a protected field behind `@include` and a default',
    run: after('Person.email', 'query ($on: Boolean = true) { me { name email @include(if: $on) } }'),
  },
  {
    code: 'K11',
    name: 'a search by a protected field',
    run: after('Query.peopleByEmail', '{ people: peopleByEmail(email: "a") { id } }'),
  },
  {
    code: 'K12',
    name: 'a protected field that may not be null, and fails',
    async run(graph) {
      graph.subgraphs.odd.set('Person.badge', 'fails');
      const { refused } = await makeAttackKeys(graph, PII);
      const failing = await graph.ask(refused, '{ me { badge } }');
      graph.subgraphs.odd.clear();
      const there = await graph.ask(refused, '{ me { badge } }');
      const held = failing.status === 403 && failing.text === there.text;
      return { held, seen: `HTTP ${failing.status}, ${held ? 'the same answer' : 'another answer'}` };
    },
  },
  { code: 'K18', name: 'two keys of different scopes, one text, 200 times at once', run: crossing },
  { code: 'K20', name: 'a protected field in the answer of a mutation', run: mutation },
  {
    code: 'K22',
    name: 'a protected field of another subgraph, beside free ones',
    run: after('Person.greeting', '{ order(id: "Order:1") { number customer { name greeting } } }'),
  },
];

/** Runs them against ours; gives what came of each. */
export async function runScoped(note: (code: string, name: string, outcome: Outcome) => void): Promise<Outcome[]> {
  const graph = await startGuardedGraph();
  const outcomes: Outcome[] = [];
  try {
    for (const attack of SCOPED_ATTACKS) {
      const outcome = await attack.run(graph).catch((error: unknown) => ({ held: false, seen: String(error) }));
      outcomes.push(outcome);
      note(attack.code, attack.name, outcome);
    }
  } finally {
    await graph.stop();
  }
  return outcomes;
}
