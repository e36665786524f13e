// Generated bad inputs against a real gateway process; exits with 1 where one was answered wrongly, or cost the gateway's
// processor more than 50 ms each time it was sent.
//   node test/fuzz/main.ts [--runs 20000] [--seed 1] [--graph fixture|crm] [--show 10]
//   node test/fuzz/main.ts --clients 8                          (several at a time: what each costs is not measured)
//   node test/fuzz/main.ts --keys                               (a gateway that asks for keys, and keys that are wrong)
//   node test/fuzz/main.ts --graph crm --seed 1 --at 4711        (one input again, with what came back)
import { readdirSync, readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { MeantRequest } from './badBodies.ts';
import type { BadInput } from './badInput.ts';
import { FUZZED_GRAPHS, startFuzzGraph, type FuzzedGraph, type FuzzGraph } from './fuzzGraph.ts';
import { openGenerator } from './generateBadInput.ts';
import { judgeExchange } from './judgeExchange.ts';
import { costOf, dearOf, describeCosts, INPUT_CPU_MS_MAX, type InputCost } from './processorCosts.ts';
import { CAN_MEASURE_PROCESSOR } from '../harness/processorTime.ts';
import { readWhole } from '../../scripts/wholeOption.ts';
import { WireClient } from './wireClient.ts';

interface Words {
  readonly runs: number;
  readonly seed: number;
  readonly graph?: FuzzedGraph;
  readonly show: number;
  readonly at?: number;
  readonly clients: number;
  readonly keys: boolean;
}

const words = new Command('fuzz')
  .description('Sends generated bad inputs to a gateway; ends with 1 where one was answered wrongly or cost too much.')
  .option('--runs <count>', 'how many inputs', readWhole, 20_000)
  .option('--seed <number>', 'equal seeds give equal inputs', readWhole, 1)
  .addOption(new Option('--graph <name>', 'this graph alone').choices(FUZZED_GRAPHS))
  .option('--show <count>', 'how many faults are shown whole', readWhole, 10)
  .option('--at <number>', 'this input again, with what came back', readWhole)
  .option('--clients <count>', 'so many at a time; what each input costs is measured with 1 alone', readWhole, 1)
  .option('--keys', 'a gateway that asks for keys, and keys that are wrong', false)
  .parse()
  .opts<Words>();
/** One at a time, or enough to keep the gateway busy, but too few to be refused for it. */
const CLIENTS = words.clients;
const IS_MEASURED = CLIENTS === 1 && CAN_MEASURE_PROCESSOR;
/** Inputs that are sent before any is measured: others than those that are. */
const WARM_UP = 1_000;
/** How often an input is sent again that cost too much: what was compiled or collected meanwhile is not its own. */
const SENT_AGAIN_MAX = 3;
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
  readonly costs: InputCost[];
}

function countIn<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function printInput(input: BadInput): void {
  const text = input.bytes.toString('latin1');
  console.log(text.length > SHOWN_BYTES_MAX ? `${text.slice(0, SHOWN_BYTES_MAX)}… (${text.length} bytes)` : text);
}

const replayOf = (graph: FuzzedGraph, number: number): string =>
  `replay: node test/fuzz/main.ts${words.keys ? ' --keys' : ''} --graph ${graph} --seed ${String(words.seed)} --at ${String(number)}`;

const openInputs = ({ api, key }: FuzzGraph): Inputs['inputOf'] =>
  openGenerator({ api, documents: readExamples(), seed: words.seed, key });

async function sendOne(number: number, input: BadInput, client: WireClient, tally: Tally): Promise<void> {
  const exchange = await client.send(input);
  countIn(tally.families, input.family);
  for (const { status } of exchange.answers) countIn(tally.statuses, status);
  const fault = judgeExchange(input, exchange);
  if (fault === undefined) return;
  tally.wrong++;
  if (tally.wrong > words.show) return;
  console.log(`\n=== ${input.family}: ${fault}`);
  console.log(replayOf(tally.graph, number));
  printInput(input);
  for (const { status, body } of exchange.answers) console.log(`<- ${status} ${body.toString().slice(0, 600)}`);
}

/** How many inputs, and what makes the one of each number. */
interface Inputs {
  readonly runs: number;
  readonly inputOf: (number: number) => BadInput;
}

/** Sends inputs of other numbers than those that count. */
async function warmUp({ gateway }: FuzzGraph, { runs, inputOf }: Inputs): Promise<void> {
  const client = new WireClient(gateway.url);
  for (let number = runs; number < runs + WARM_UP; number += 1) await client.send(inputOf(number));
  client.close();
}

async function sendMeasured({ gateway }: FuzzGraph, { runs, inputOf }: Inputs, tally: Tally): Promise<void> {
  const client = new WireClient(gateway.url);
  for (let number = 0; number < runs && gateway.process.child.exitCode === null; number += 1) {
    const input = inputOf(number);
    const ms = await costOf(gateway.process.child.pid ?? 0, () => sendOne(number, input, client, tally));
    tally.costs.push({ number, family: input.family, ms });
  }
  client.close();
}

/** Sends dear inputs to a gateway that has not seen them, so that nothing it keeps makes them cheap; gives the dear. */
async function sendAgain(dear: readonly InputCost[], name: FuzzedGraph, runs: number): Promise<InputCost[]> {
  const graph = await startFuzzGraph(name, words.keys);
  try {
    const inputOf = openInputs(graph);
    await warmUp(graph, { runs, inputOf });
    const client = new WireClient(graph.gateway.url);
    const costs: InputCost[] = [];
    for (const { number, family } of dear) {
      const input = inputOf(number);
      const send = async (): Promise<void> => {
        await client.send(input);
      };
      costs.push({ number, family, ms: await costOf(graph.gateway.process.child.pid ?? 0, send) });
    }
    client.close();
    return dearOf(costs);
  } finally {
    await graph.stop();
  }
}

/** Tells what inputs cost; gives how many cost too much each time. */
async function judgeCosts(tally: Tally, runs: number): Promise<number> {
  let dear = dearOf(tally.costs);
  console.log(`processor time after ${WARM_UP} inputs apart: ${describeCosts(tally.costs)}`);
  console.log(`over ${INPUT_CPU_MS_MAX} ms when first sent: ${dear.length}`);
  for (let sent = 0; sent < SENT_AGAIN_MAX && dear.length > 0; sent += 1) {
    dear = await sendAgain(dear, tally.graph, runs);
    console.log(`over ${INPUT_CPU_MS_MAX} ms when sent again: ${dear.length}`);
  }
  for (const { number, family, ms } of dear) {
    console.log(`\n=== ${family}: ${ms.toFixed(1)} ms of processor time\n${replayOf(tally.graph, number)}`);
  }
  return dear.length;
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
  for (const line of told.slice(0, words.show)) faults.push(`the gateway tells of a fault: ${line.slice(0, 1_000)}`);
  return faults;
}

async function replay({ gateway }: FuzzGraph, input: BadInput): Promise<void> {
  printInput(input);
  const client = new WireClient(gateway.url);
  let exchange = await client.send(input);
  if (CAN_MEASURE_PROCESSOR) {
    const again = async (): Promise<void> => {
      exchange = await client.send(input);
    };
    const ms = await costOf(gateway.process.child.pid ?? 0, again);
    console.log(`${ms.toFixed(1)} ms of processor time when sent again`);
  }
  client.close();
  for (const { status, headers, body } of exchange.answers) console.log(`<- ${status}`, headers, body.toString());
  console.log(`${judgeExchange(input, exchange) ?? 'nothing is wrong'}\n${gateway.process.output()}`);
}

/** Fuzzes one graph; gives whether all was well. */
async function fuzz(name: FuzzedGraph, runs: number): Promise<boolean> {
  const graph = await startFuzzGraph(name, words.keys);
  try {
    const inputOf = openInputs(graph);
    if (words.at !== undefined) {
      await replay(graph, inputOf(words.at));
      return true;
    }
    const tally: Tally = { graph: name, wrong: 0, statuses: new Map(), families: new Map(), costs: [] };
    const startMs = performance.now();
    if (IS_MEASURED) await warmUp(graph, { runs, inputOf });
    await (IS_MEASURED ? sendMeasured : sendAll)(graph, { runs, inputOf }, tally);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
    const faults = await checkGateway(graph, tally);
    for (const fault of faults) console.log(fault);
    console.log('families', Object.fromEntries(tally.families));
    console.log('answers', Object.fromEntries([...tally.statuses].sort(([left], [right]) => left - right)));
    console.log('warnings', Object.fromEntries(warningsOf(graph)));
    if (IS_MEASURED) tally.wrong += await judgeCosts(tally, runs);
    else console.log('processor time is not measured here');
    console.log(`${name}: ${runs} bad inputs, seed ${words.seed}, ${seconds} s: ${tally.wrong} answered wrongly`);
    return tally.wrong === 0 && faults.length === 0;
  } finally {
    await graph.stop();
  }
}

const chosen = words.graph === undefined ? FUZZED_GRAPHS : [words.graph];
for (const name of chosen) {
  if (!(await fuzz(name, Math.ceil(words.runs / chosen.length)))) process.exitCode = 1;
}
