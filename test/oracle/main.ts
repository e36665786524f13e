// The oracle test as a command: random operations over federated schemas, each answered by a gateway process with
// subgraphs behind it and by one process alone; exits with 1 where two answers differ.
//   node test/oracle/main.ts [--runs 3000] [--seed 1] [--schema NAME] [--differences 5] [--calm]
//   node test/oracle/main.ts --schema NAME --at 123456      (one operation again, with what the subgraphs were asked)
//   … --kept      (every entity may be kept by the gateway: each operation is asked twice, and answered as before)
//   … --query '{ me { name } }' [--variables '{}']          (an operation of your own under the conditions of --at)
import { Command } from 'commander';
import { parse, print } from 'graphql';
import { readWhole } from '../../scripts/wholeOption.ts';
import { drawFrom } from './draw.ts';
import { everySchema } from './everySchema.ts';
import type { FederatedSchema } from './federatedSchema.ts';
import { allowKeeping, startHeartbeats } from './keepEverything.ts';
import { generateOperation } from './generateOperation.ts';
import { shrinkOperation } from './shrinkOperation.ts';
import { startOracleGraph, type BothAnswers, type OracleGraph, type SentOperation } from './startOracleGraph.ts';
import type { Conditions } from './world.ts';

/** Gateways that run beside each other: while one starts, another is asked. */
const GRAPHS_AT_ONCE = 2;

interface Words {
  readonly runs: number;
  readonly seed: number;
  readonly schema?: string;
  readonly differences: number;
  readonly at?: number;
  readonly query?: string;
  readonly variables: string;
  readonly calm: boolean;
  readonly kept: boolean;
}

const words = new Command('oracle')
  .description('Asks a gateway and one process alone the same random operations; ends with 1 where two answers differ.')
  .option('--runs <count>', 'how many operations', readWhole, 3_000)
  .option('--seed <number>', 'equal seeds give equal operations', readWhole, 1)
  .option('--schema <name>', 'over this schema alone')
  .option('--differences <count>', 'how many are shown a schema', readWhole, 5)
  .option('--at <seed>', 'one operation again, with what the subgraphs were asked; needs --schema', readWhole)
  .option('--query <text>', 'an operation of your own, under the conditions of --at')
  .option('--variables <json>', 'its variables', '{}')
  .option('--calm', 'no subgraph fails', false)
  .option('--kept', 'every entity may be kept by the gateway: each operation is asked twice', false)
  .parse()
  .opts<Words>();

/** What happens during an operation comes from its seed: a third of them see nothing fail. */
function conditionsOf(given: number): Conditions {
  // What is kept of one operation is answered to another: to all of them must happen the same.
  const seed = words.kept ? words.seed : given;
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

/** Starts a schema's graph; with what its gateway may keep, if that is wished. */
async function startGraph(federated: FederatedSchema): Promise<OracleGraph> {
  if (!words.kept) return startOracleGraph(federated);
  const beats = await startHeartbeats(Object.keys(federated.subgraphs));
  const graph = await startOracleGraph(allowKeeping(federated), beats.env);
  const stop = async (): Promise<void> => {
    await graph.stop();
    await beats.stop();
  };
  return { ...graph, stop };
}

async function runSchema(federated: FederatedSchema, firstSeed: number, runs: number): Promise<number> {
  const graph = await startGraph(federated);
  let differences = 0;
  const fetches = { first: 0, again: 0 };
  try {
    for (let run = 0; run < runs; run++) {
      const seed = firstSeed + run;
      const operation = generateOperation(graph.schema.api, seed);
      const conditions = conditionsOf(seed);
      let answers = await graph.ask(operation, conditions);
      fetches.first += graph.asked.length;
      if (words.kept && answers.difference === undefined) {
        answers = await graph.ask(operation, conditions);
        fetches.again += graph.asked.length;
      }
      if (answers.difference === undefined) continue;
      differences++;
      if (differences > words.differences) continue;
      const small = await shrinkOperation(graph.schema.api, operation, async (candidate) => {
        const { difference, status } = await graph.ask(candidate, conditions);
        return status === answers.status && kindOf(difference) === kindOf(answers.difference);
      });
      printBoth(federated.name, seed, small, await graph.ask(small, conditions));
    }
  } finally {
    await graph.stop();
  }
  const kept = words.kept ? `; ${fetches.first} fetches, ${fetches.again} the second time` : '';
  console.log(`${federated.name}: ${runs} operations, ${differences} differ${kept}`);
  return differences;
}

async function replay(federated: FederatedSchema, seed: number): Promise<number> {
  const graph = await startGraph(federated);
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
  const runs = Math.ceil(words.runs / schemas.length);
  const waiting = schemas.map((schema, index) => ({ schema, seed: words.seed * 1_000_003 + index * 10_007 }));
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
const differences = words.at === undefined ? await runAll(chosen) : await replay(only, words.at);
process.exitCode = differences > 0 ? 1 : 0;
