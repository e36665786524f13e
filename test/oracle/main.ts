// The oracle test as a command: random operations over federated schemas, each answered by a gateway process with
// subgraphs behind it and by one process alone; exits with 1 where two answers differ.
//   node test/oracle/main.ts [--runs 3000] [--seed 1] [--schema NAME] [--differences 5] [--calm]
//   node test/oracle/main.ts --schema NAME --at 123456      (one operation again, with what the subgraphs were asked)
//   … --query '{ me { name } }' [--variables '{}']          (an operation of your own under the conditions of --at)
import { parseArgs } from 'node:util';
import { parse, print } from 'graphql';
import { drawFrom } from './draw.ts';
import { everySchema } from './everySchema.ts';
import type { FederatedSchema } from './federatedSchema.ts';
import { generateOperation } from './generateOperation.ts';
import { shrinkOperation } from './shrinkOperation.ts';
import { startOracleGraph, type BothAnswers, type OracleGraph, type SentOperation } from './startOracleGraph.ts';
import type { Conditions } from './world.ts';

/** Gateways that run beside each other: while one starts, another is asked. */
const GRAPHS_AT_ONCE = 2;

const { values: words } = parseArgs({
  options: {
    runs: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    schema: { type: 'string' },
    differences: { type: 'string', default: '5' },
    at: { type: 'string' },
    query: { type: 'string' },
    variables: { type: 'string', default: '{}' },
    calm: { type: 'boolean', default: false },
  },
});

/** What happens during an operation comes from its seed: a third of them see nothing fail. */
function conditionsOf(seed: number): Conditions {
  const draw = drawFrom(seed ^ 0x5bd1e995);
  const isCalm = draw.chance(35) || words.calm;
  const nulls = draw.pick([0, 60, 200]);
  if (isCalm) return { seed, nulls, failures: 0, away: 0 };
  return { seed, nulls, failures: draw.pick([0, 30, 120]), away: draw.pick([0, 150, 400]) };
}

function printBoth(schema: string, seed: number, operation: SentOperation, answers: BothAnswers): void {
  console.log(`\n=== ${schema}: ${answers.difference ?? 'the same'} (HTTP ${answers.status})`);
  console.log(`replay: node test/oracle/main.ts --schema ${schema} --at ${seed}`);
  console.log(`conditions: ${JSON.stringify(conditionsOf(seed))}`);
  console.log(print(operation.document));
  console.log(`variables: ${JSON.stringify(operation.variables)}`);
  console.log(`expected: ${JSON.stringify(answers.expected)}`);
  console.log(`given:    ${JSON.stringify(answers.given)}`);
}

function kindOf(difference: string | undefined): string | undefined {
  return difference?.split(':')[0];
}

async function runSchema(federated: FederatedSchema, firstSeed: number, runs: number): Promise<number> {
  const graph = await startOracleGraph(federated);
  let differences = 0;
  try {
    for (let run = 0; run < runs; run++) {
      const seed = firstSeed + run;
      const operation = generateOperation(graph.schema.api, seed);
      const conditions = conditionsOf(seed);
      const answers = await graph.ask(operation, conditions);
      if (answers.difference === undefined) continue;
      differences++;
      if (differences > Number(words.differences)) continue;
      const small = await shrinkOperation(graph.schema.api, operation, async (candidate) => {
        const { difference, status } = await graph.ask(candidate, conditions);
        return status === answers.status && kindOf(difference) === kindOf(answers.difference);
      });
      printBoth(federated.name, seed, small, await graph.ask(small, conditions));
    }
  } finally {
    await graph.stop();
  }
  console.log(`${federated.name}: ${runs} operations, ${differences} differ`);
  return differences;
}

async function replay(federated: FederatedSchema, seed: number): Promise<number> {
  const graph: OracleGraph = await startOracleGraph(federated);
  try {
    const own = words.query && {
      text: words.query,
      document: parse(words.query),
      kind: /^\s*mutation/.test(words.query) ? ('Mutation' as const) : ('Query' as const),
      variables: JSON.parse(words.variables) as Record<string, unknown>,
    };
    const operation = own || generateOperation(graph.schema.api, seed);
    const answers = await graph.ask(operation, conditionsOf(seed));
    printBoth(federated.name, seed, operation, answers);
    for (const asked of graph.asked) {
      console.log(`-> ${asked.subgraph}: ${asked.query}\n   ${JSON.stringify(asked.variables)}`);
    }
    console.log(graph.output());
    return answers.difference === undefined ? 0 : 1;
  } finally {
    await graph.stop();
  }
}

async function runAll(schemas: readonly FederatedSchema[]): Promise<number> {
  const runs = Math.ceil(Number(words.runs) / schemas.length);
  const waiting = schemas.map((schema, index) => ({ schema, seed: Number(words.seed) * 1_000_003 + index * 10_007 }));
  let differences = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const next = waiting.shift();
      if (next === undefined) return;
      const found = await runSchema(next.schema, next.seed, runs).catch((error: unknown) => {
        console.log(`\n=== ${next.schema.name}: ${String(error)}`);
        return 1;
      });
      differences += found;
    }
  };
  await Promise.all(Array.from({ length: GRAPHS_AT_ONCE }, work));
  console.log(
    `${runs * schemas.length} operations over ${schemas.length} schemas, seed ${words.seed}: ${differences} differ`,
  );
  return differences;
}

const chosen = (await everySchema()).filter(({ name }) => words.schema === undefined || name === words.schema);
const [only] = chosen;
if (only === undefined) throw new Error(`no schema is named ${words.schema ?? ''}`);
const differences = words.at === undefined ? await runAll(chosen) : await replay(only, Number(words.at));
process.exitCode = differences > 0 ? 1 : 0;
