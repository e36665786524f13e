// Generated bad inputs against a real gateway process; exits with 1 where one was answered wrongly.
//   node test/fuzz/main.ts [--runs 20000] [--seed 1] [--graph fixture|crm] [--show 10]
//   node test/fuzz/main.ts --keys                               (a gateway that asks for keys, and keys that are wrong)
//   node test/fuzz/main.ts --graph crm --seed 1 --at 4711        (one input again, with what came back)
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { MeantRequest } from './badBodies.ts';
import type { BadInput } from './badInput.ts';
import { FUZZED_GRAPHS, isFuzzedGraph, startFuzzGraph, type FuzzedGraph, type FuzzGraph } from './fuzzGraph.ts';
import { openGenerator } from './generateBadInput.ts';
import { judgeExchange } from './judgeExchange.ts';
import { WireClient } from './wireClient.ts';

const { values: words } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    graph: { type: 'string' },
    show: { type: 'string', default: '10' },
    at: { type: 'string' },
    keys: { type: 'boolean', default: false },
  },
});
const SEED = Number(words.seed);
/** Enough to keep the gateway busy, too few to be refused for it. */
const CLIENTS = 8;
/** Refusals for overload are meant, but must stay rare. */
const OVERLOAD_SHARE_MAX = 0.01;
const SHOWN_BYTES_MAX = 2_000;

const EXAMPLES = new URL('../../examples/queries/', import.meta.url);
const readExamples = (): MeantRequest[] =>
  readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => ({
      query: readFileSync(new URL(name, EXAMPLES), 'utf8'),
      variables: JSON.parse(
        readFileSync(new URL(name.replace('.graphql', '.variables.json'), EXAMPLES), 'utf8'),
      ) as object,
    }))
    .map(({ query, variables }) => ({ query, variables: variables as Record<string, unknown> }));

/** What came of the inputs to one graph. */
interface Tally {
  readonly graph: FuzzedGraph;
  wrong: number;
  readonly statuses: Map<number, number>;
  readonly families: Map<string, number>;
}

function countIn<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function printInput(input: BadInput): void {
  const text = input.bytes.toString('latin1');
  console.log(text.length > SHOWN_BYTES_MAX ? `${text.slice(0, SHOWN_BYTES_MAX)}… (${text.length} bytes)` : text);
}

async function sendOne(number: number, input: BadInput, client: WireClient, tally: Tally): Promise<void> {
  const exchange = await client.send(input);
  countIn(tally.families, input.family);
  for (const { status } of exchange.answers) countIn(tally.statuses, status);
  const fault = judgeExchange(input, exchange);
  if (fault === undefined) return;
  tally.wrong++;
  if (tally.wrong > Number(words.show)) return;
  console.log(`\n=== ${input.family}: ${fault}`);
  console.log(
    `replay: node test/fuzz/main.ts${words.keys ? ' --keys' : ''} --graph ${tally.graph} --seed ${words.seed} --at ${number}`,
  );
  printInput(input);
  for (const { status, body } of exchange.answers) console.log(`<- ${status} ${body.toString().slice(0, 600)}`);
}

/** How many inputs, and what makes the one of each number. */
interface Inputs {
  readonly runs: number;
  readonly inputOf: (number: number) => BadInput;
}

async function sendAll({ gateway }: FuzzGraph, { runs, inputOf }: Inputs, tally: Tally): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    const client = new WireClient(gateway.url);
    while (next < runs && gateway.process.child.exitCode === null) {
      const number = next++;
      await sendOne(number, inputOf(number), client, tally);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

/** What the gateway warned of, by message. */
function warningsOf({ gateway }: FuzzGraph): Map<string, number> {
  const warnings = new Map<string, number>();
  for (const [, message = ''] of gateway.process.output().matchAll(/"level":40.*"msg":"([^"]*)"/g)) {
    countIn(warnings, message);
  }
  return warnings;
}

/** Says what is wrong with the gateway after all of it. */
async function checkGateway({ gateway }: FuzzGraph, tally: Tally): Promise<string[]> {
  const faults: string[] = [];
  if (gateway.process.child.exitCode !== null || gateway.process.child.signalCode !== null) {
    return [`the gateway has ended:\n${gateway.process.output().slice(-3_000)}`];
  }
  const { status, data, text } = await gateway.query('{ customer(id: "c1") { id displayName email } }');
  if (status !== 200 || data?.['customer'] === null) faults.push(`a good query is answered ${status} ${text}`);
  const answered = [...tally.statuses.values()].reduce((sum, count) => sum + count, 0);
  const overloaded = tally.statuses.get(503) ?? 0;
  if (overloaded > answered * OVERLOAD_SHARE_MAX) faults.push(`${overloaded} of ${answered} refused for overload`);
  const told = gateway.process
    .output()
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line));
  for (const line of told.slice(0, Number(words.show)))
    faults.push(`the gateway tells of a fault: ${line.slice(0, 1_000)}`);
  return faults;
}

async function replay({ gateway }: FuzzGraph, input: BadInput): Promise<void> {
  printInput(input);
  const client = new WireClient(gateway.url);
  const exchange = await client.send(input);
  client.close();
  for (const { status, headers, body } of exchange.answers) console.log(`<- ${status}`, headers, body.toString());
  console.log(`${judgeExchange(input, exchange) ?? 'nothing is wrong'}\n${gateway.process.output()}`);
}

/** Fuzzes one graph; gives whether all was well. */
async function fuzz(name: FuzzedGraph, runs: number): Promise<boolean> {
  const graph = await startFuzzGraph(name, words.keys);
  try {
    const inputOf = openGenerator({ api: graph.api, documents: readExamples(), seed: SEED, key: graph.key });
    if (words.at !== undefined) {
      await replay(graph, inputOf(Number(words.at)));
      return true;
    }
    const tally: Tally = { graph: name, wrong: 0, statuses: new Map(), families: new Map() };
    const startMs = performance.now();
    await sendAll(graph, { runs, inputOf }, tally);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
    const faults = await checkGateway(graph, tally);
    for (const fault of faults) console.log(fault);
    console.log('families', Object.fromEntries(tally.families));
    console.log('answers', Object.fromEntries([...tally.statuses].sort(([left], [right]) => left - right)));
    console.log('warnings', Object.fromEntries(warningsOf(graph)));
    console.log(`${name}: ${runs} bad inputs, seed ${words.seed}, ${seconds} s: ${tally.wrong} answered wrongly`);
    return tally.wrong === 0 && faults.length === 0;
  } finally {
    await graph.stop();
  }
}

const chosen = words.graph === undefined ? FUZZED_GRAPHS : [words.graph].filter(isFuzzedGraph);
if (chosen.length === 0) throw new Error(`no graph is named ${words.graph ?? ''}: ${FUZZED_GRAPHS.join(', ')}`);
for (const name of chosen) {
  if (!(await fuzz(name, Math.ceil(Number(words.runs) / chosen.length)))) process.exitCode = 1;
}
