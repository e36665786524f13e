// A gateway that is stopped for longer than its deadlines and goes on: what has expired meanwhile is dropped, not done
// late, timers do not burst, and the next request is answered as usual. Deadlines are a tenth of the real ones.
import { IS_FULL_SIZE, startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import { waitUntil } from '../harness/startProcess.ts';

const SCALE = IS_FULL_SIZE ? 1 : 10;
const PAUSED_MS = 30_000 / SCALE;
/** It may take the pause for an overload, but not for long. */
const NORMAL_WITHIN_MS = 2_000;
const env = {
  CRM_REQUEST_TIMEOUT_MS: String(10_000 / SCALE),
  CRM_FETCH_TIMEOUT_MS: String(4_000 / SCALE),
};

describe('P6: a gateway that is paused', () => {
  let gateway: FaultyGateway;
  const paused = async (meanwhile: () => void = () => undefined): Promise<void> => {
    const { child } = gateway.process;
    child.kill('SIGSTOP');
    meanwhile();
    await new Promise((next) => setTimeout(next, PAUSED_MS));
    child.kill('SIGCONT');
  };

  beforeAll(async () => {
    gateway = await startFaultyGateway({ env });
    await waitUntil(
      async () => (await gateway.query('{ orders(first: 1) { customer { email } } }')).errors.length === 0,
    );
  });
  afterAll(() => gateway.stop());

  it('drops what has expired: the second fetch of a request whose deadline has passed is never sent', async () => {
    const { orders, customers } = gateway.subgraphs;
    let release = (): void => undefined;
    orders.hold = new Promise((resolve) => (release = resolve));
    const [askedOrders, askedCustomers] = [orders.asked.length, customers.asked.length];
    const waiting = Promise.all(
      [1, 2, 3].map((first) => gateway.query(`{ orders(first: ${first}) { customer { email } } }`)),
    );
    await waitUntil(() => orders.asked.length === askedOrders + 3);
    await paused(() => release());
    const answers = await waiting;
    expect(
      answers.map(({ status, codes }) => [status, codes.every((code) => /SUBGRAPH_TIMEOUT|DEADLINE/.test(code))]),
    ).toEqual(answers.map(({ status }) => [status === 200 ? 200 : 504, true]));
    expect(customers.asked.length).toBe(askedCustomers);
  }, 120_000);

  it('does not make up for the time that it missed: one try of an absent subgraph, and answers as usual', async () => {
    const refused = (): number =>
      gateway.requestLines().filter((line) => JSON.stringify(line).includes('ECONNREFUSED')).length;
    await gateway.links.marketing.set({ kind: 'refuse' });
    const logged = gateway.requestLines().length;
    for (let count = 0; count < 10; count++) await gateway.query('{ campaigns { name } }');
    await waitUntil(() => gateway.requestLines().length >= logged + 10);
    const before = refused();
    await paused();
    const startMs = performance.now();
    await waitUntil(async () => {
      const asked = Array.from({ length: 20 }, () => gateway.query('{ campaigns { name } }'));
      return (await Promise.all(asked)).every(({ status }) => status === 200);
    }, NORMAL_WITHIN_MS);
    const ms = performance.now() - startMs;
    expect(refused() - before).toBeLessThanOrEqual(1 + Math.ceil(ms / 1_000));
    await gateway.links.marketing.set({ kind: 'none' });
    await waitUntil(async () => (await gateway.query('{ campaigns { name } }')).errors.length === 0, 2_000);
    expect(await gateway.health()).toMatchObject({ status: 200 });
  }, 120_000);
});
