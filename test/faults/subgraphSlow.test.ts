// A subgraph that is twenty times as slow as before: the others' p99 stays within 1.5 times what it was, and no more
// fetches wait for it than may.
import { IS_FULL_SIZE, startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { startLoadClient, type LoadClient } from '../harness/loadClient.ts';
import { COMPARE_TIMEOUT_MS, compareOthers, P99_RATIO_MAX, usualMs } from '../harness/othersUndisturbed.ts';
import { waitUntil } from '../harness/startProcess.ts';

const ROUNDS = IS_FULL_SIZE ? { rounds: 9, roundMs: 4_000 } : { rounds: 5, roundMs: 800 };
const CAMPAIGNS = [{ name: 'Spring' }];

/** Gives how many promises are still open. */
async function countPending(promises: readonly Promise<unknown>[]): Promise<number> {
  const open = Symbol('open');
  const states = await Promise.all(promises.map((promise) => Promise.race([promise, Promise.resolve(open)])));
  return states.filter((state) => state === open).length;
}

describe('S3: a subgraph that is slow', () => {
  let gateway: FaultyGateway;
  let client: LoadClient;

  beforeAll(async () => {
    [gateway, client] = await Promise.all([startFaultyGateway(), startLoadClient()]);
  });
  afterAll(async () => {
    await client.stop();
    await gateway.stop();
  });

  it(
    'leaves the others’ p99 within 1.5 times its baseline, and has its own fields answered late but right',
    async () => {
      const ms = Math.max(100, 20 * (await usualMs(gateway, client)));
      const fault = { kind: 'latency', ms, jitterMs: ms / 4 } as const;
      const { ratio, wrongOthers, broken } = await compareOthers(gateway, client, fault, ROUNDS);
      expect(broken.filter(({ isRight }) => !isRight)).toEqual([]);
      expect(wrongOthers).toEqual([]);
      expect(ratio).toBeLessThanOrEqual(P99_RATIO_MAX);
    },
    COMPARE_TIMEOUT_MS,
  );

  it('has a bounded number of fetches waiting for it; those past it are told so, and the others are answered', async () => {
    await gateway.links.customers.set({ kind: 'silence' });
    let answered = 0;
    const waiting = Array.from({ length: 100 }, async (_, index) => {
      const query = 'query ($id: ID!) { customer(id: $id) { email } campaigns { name } }';
      const answer = await gateway.query(query, { id: `w${index}` });
      answered++;
      return answer;
    });
    const other = await gateway.query('{ campaigns { name } }');
    const answeredBefore = answered;
    await gateway.links.customers.set({ kind: 'none' });
    const answers = await Promise.all(waiting);
    // Nobody who came before had to give way, and nobody's healthy part was lost.
    expect(other.data).toEqual({ campaigns: CAMPAIGNS });
    expect(answeredBefore).toBeLessThan(100);
    expect(answers.map((answer) => answer.data?.['campaigns'])).toEqual(answers.map(() => CAMPAIGNS));
    const codes = new Set(answers.flatMap((answer) => answer.codes));
    expect([...codes].filter((code) => code !== 'SUBGRAPH_BUSY')).toEqual([]);
  });

  it('answers others while two hundred and fifty requests wait for it', async () => {
    await gateway.links.customers.set({ kind: 'silence' });
    const { taken } = gateway.links.customers;
    const before = taken.bytes;
    const hung = Array.from({ length: 250 }, (_, index) =>
      gateway.query('query ($id: ID!) { customer(id: $id) { email } }', { id: `h${index}` }),
    );
    await waitUntil(() => taken.bytes > before);
    const other = await gateway.query('{ campaigns { name } }');
    const early = hung.length - (await countPending(hung));
    await gateway.links.customers.set({ kind: 'none' });
    const answers = await Promise.all(hung);
    expect([other.data, other.errors]).toEqual([{ campaigns: CAMPAIGNS }, []]);
    // They were answered by the subgraph in the end, not given up before the other was answered.
    expect(early).toBe(0);
    expect(answers.filter(({ errors }) => errors.length > 0)).toEqual([]);
  });
});
