// Guarantee: what a mutation answers with is judged before it runs: where any of it is denied, nothing changes.
// Attack: write with the right to write, and ask in the answer for what the key may not read: own fields, those of other
//   subgraphs, by alias, fragment and condition, in refuse and in filter mode, in a second mutation of the operation.
// Learned from: gateways that judge fields as they are resolved, when the order has long been written.
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startTestGraph, type TestGraph } from '../harness/testGraph.ts';

const CREATE = `createCustomers(input: [{ displayName: "K20" }], idempotencyKey: "KEY")`;

/** A relay renews its lease again and again. */
const LEASES = 'relay_leases';

let graph: TestGraph;
const keys: string[] = [];
beforeAll(async () => {
  graph = await startTestGraph(5);
  for (const denial of ['refuse', 'filter'] as const)
    keys.push(await graph.keys.create({ scopes: ['customers:write', 'orders:write', 'orders:read'], denial }));
}, 120_000);
afterAll(() => graph.stop());

/** Every document of every subgraph, but for the moments of leases. */
async function dump(): Promise<string> {
  const texts: string[] = [];
  for (const name of ['customers', 'orders', 'marketing']) {
    const connection = await openDatabase(graph.uri, `${graph.prefix}_${name}`);
    const collections = (await connection.listCollections()).map((each) => each.name).sort();
    for (const each of collections) {
      if (each === LEASES) continue;
      const documents = await connection.collection(each).find({}).sort({ _id: 1 }).toArray();
      texts.push(`${name}.${each} ${JSON.stringify(documents)}`);
    }
    await connection.close();
  }
  return texts.join('\n');
}

describe('K20: the answer of a mutation', () => {
  it.each([
    ['a field of what was written', `mutation { ${CREATE} { code customer { id } } }`],
    ['a protected field', `mutation { ${CREATE} { code customer { email } } }`],
    ['under an alias', `mutation { ${CREATE} { code x: customer { code: email } } }`],
    ['in a fragment', `mutation { ${CREATE} { code ...F } } fragment F on CustomerResult { customer { displayName } }`],
    ['by a condition', `mutation ($on: Boolean = false) { ${CREATE} { code customer @include(if: $on) { email } } }`],
    ['of another subgraph', `mutation { ${CREATE} { code customer { consents { id } } } }`],
    [
      'in the second of two',
      `mutation { a: ${CREATE} { code } b: ${CREATE.replace('KEY', 'KEY2')} { customer { email } } }`,
    ],
    [
      'a mutation that is denied after one that is not',
      `mutation { ${CREATE} { code } requestErasure(customerId: "cus_aaaaaaaa", idempotencyKey: "KEY3") { code } }`,
    ],
  ])('%s: nothing changes where it is denied', async (name, text) => {
    const before = await dump();
    for (const [at, key] of keys.entries()) {
      const { status, errors, data } = await graph.ask(text.replaceAll('KEY', `k20-${name}-${at}`), {}, key);
      const codes = new Set(errors.map(({ extensions }) => extensions.code));
      expect([status, codes, data]).toEqual([403, new Set(['SCOPE_MISSING']), undefined]);
    }
    expect(await dump()).toBe(before);
  });

  it('writes with the same key where nothing of the answer is denied', async () => {
    const before = await dump();
    const { status, data } = await graph.ask(`mutation { ${CREATE.replace('KEY', 'k20-good')} { code } }`, {}, keys[0]);
    expect([status, data]).toEqual([200, { createCustomers: [{ code: 'CREATED' }] }]);
    expect(await dump()).not.toBe(before);
  });
});
