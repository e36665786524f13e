// A partner app from its first query to its key's rotation: `node examples/partner-app/main.ts`. Meets what every partner
// app meets sooner or later, a missing scope, a limit and a new key, and says what it does about each.
import { setTimeout as pause } from 'node:timers/promises';
import { openGraphClient, Refused, type Told } from './graphClient.ts';
import { openKeySource } from './keySource.ts';

const ORDERS = `query NewestOrders($first: Int!) {
  orders(first: $first) { edges { node { number status total { amountMinor currency } } } }
}`;
const CONTACTS = `query Contacts { customers(first: 3) { edges { node { displayName email } } } }`;

interface Orders {
  readonly orders: {
    readonly edges: readonly { readonly node: { readonly number: string; readonly status: string } }[];
  };
}

const ROUNDS_MAX = 40;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What happened, for the loops below: the client tells it. */
const met = { waits: 0, keyChanges: 0 };
const told: Told = {
  onWait(status, code, seconds) {
    met.waits++;
    say(`  ${status} ${code}: waiting ${seconds.toFixed(1)} s, as the graph says`);
  },
  onKeyEnds: (end) => say(`  this key ends at ${end.toISOString()}: put the next one into its file before`),
  onKeyChanged() {
    met.keyChanges++;
    say('  another key is in the file: used from now on');
  },
};

type Client = ReturnType<typeof openGraphClient>;

async function askFirst(client: Client): Promise<void> {
  const { data, errors, cost } = await client.ask<Orders>(ORDERS, { first: 3 });
  for (const { node } of data.orders.edges) say(`  order ${node.number}: ${node.status}`);
  // Part of the graph can be away; the rest is here.
  for (const { message } of errors) say(`  not all of it: ${message}`);
  if (cost !== undefined) say(`  cost: ${cost.requested} points were reserved, ${String(cost.actual)} spent`);
}

/** A scope that is missing is no fault to try again: somebody has to be asked for it. */
async function askTooMuch(client: Client): Promise<void> {
  try {
    await client.ask(CONTACTS);
    say('  answered: this key may see e-mail addresses');
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'SCOPE_MISSING') throw error;
    say(`  ${error.status} ${error.code}: ask the operator for ${error.missingScopes.join(', or ')}`);
    for (const { path } of error.errors) say(`    needed for ${path?.join('.') ?? 'the operation'}`);
  }
}

/** Spends the bucket; the client waits, and every page comes in the end. */
async function askOften(client: Client): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const { cost } = await client.ask<Orders>(ORDERS, { first: 20 });
    if (met.waits === 0) continue;
    say(`  answered after waiting; ${cost?.throttleStatus?.available ?? 'enough'} points are left`);
    return;
  }
  say(`  ${ROUNDS_MAX} requests in a row were not too many for this key`);
}

/** Goes on asking while somebody rotates the key: nothing is started anew, and no request is lost. */
async function liveThroughRotation(client: Client, watchMs: number): Promise<void> {
  const endMs = performance.now() + watchMs;
  let answered = 0;
  const before = met.keyChanges;
  while (performance.now() < endMs && met.keyChanges === before) {
    await client.ask<Orders>(ORDERS, { first: 1 });
    answered++;
    await pause(100);
  }
  await client.ask<Orders>(ORDERS, { first: 1 });
  say(met.keyChanges === before ? '  the key stayed the same' : `  ${answered} requests, none lost to the rotation`);
}

async function run(): Promise<void> {
  const { CRM_GRAPH_URL: url = 'http://127.0.0.1:4000/graphql', WATCH_SECONDS: watch = '5' } = process.env;
  const client = openGraphClient(url, openKeySource(process.env), told);
  say('1. a first query');
  await askFirst(client);
  say('2. a field that this key has no scope for');
  await askTooMuch(client);
  say('3. more than the key may spend');
  await askOften(client);
  say(`4. a rotation: rotate the key and replace its file within ${watch} s`);
  await liveThroughRotation(client, Number(watch) * 1_000);
  say('done');
}

try {
  await run();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof Refused) {
    say(`refused with ${error.status} ${error.code}: ${error.message} (request ${error.requestId})`);
  } else say(`failed: ${error instanceof Error ? error.message : String(error)}`);
}
