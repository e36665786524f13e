// A subgraph that comes and goes every 300 ms: clients get at least the share of successes that it offers.
import { startFaultyGateway, type FaultyGateway } from '../harness/faultyGateway.ts';
import type { FaultProxy } from '../harness/faultProxy.ts';
import { measureUpTo } from '../harness/loadClient.ts';
import { sendRequest } from '../harness/testGateway.ts';

const FLAP_MS = 300;
const ASK_EVERY_MS = 15;
const ASKED_FOR_MS = 6_000;
const QUERY = '{ campaigns { name } }';
const BODY = JSON.stringify({ query: QUERY });

/** Goes away and comes back until it is told to end. */
function flap(link: FaultProxy): () => Promise<void> {
  let isOver = false;
  const running = (async () => {
    while (!isOver) {
      for (const kind of ['refuse', 'none'] as const) {
        await link.set({ kind });
        await new Promise((next) => setTimeout(next, FLAP_MS));
      }
    }
  })();
  return async () => {
    isOver = true;
    await running;
  };
}

describe('S13: a subgraph that flaps every 300 ms', () => {
  let gateway: FaultyGateway;

  beforeAll(async () => {
    gateway = await startFaultyGateway();
  });
  afterAll(() => gateway.stop());

  /** Asks the gateway and, at the same moments, the subgraph itself; gives how many each answered. */
  const measure = async (): Promise<{ offered: number; answered: number; asked: number }> => {
    const link = gateway.links.marketing;
    const end = flap(link);
    const counts = { offered: 0, answered: 0, asked: 0 };
    const open: Promise<void>[] = [];
    const startMs = performance.now();
    const init = { method: 'POST', headers: { 'content-type': 'application/json', connection: 'close' }, body: BODY };
    const offers = async (): Promise<void> => {
      const isThere = await sendRequest(link.url, init).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isThere) counts.offered++;
    };
    const asks = async (): Promise<void> => {
      const answer = await gateway.query(QUERY);
      if (answer.errors.length === 0) counts.answered++;
    };
    while (performance.now() - startMs < ASKED_FOR_MS) {
      counts.asked++;
      open.push(offers(), asks());
      await new Promise((next) => setTimeout(next, ASK_EVERY_MS));
    }
    await Promise.all(open);
    await end();
    return counts;
  };

  it('gives clients at least the share of answers that it offers', async () => {
    const { offered, answered, asked } = await measureUpTo(3, measure, (counts) => counts.answered >= counts.offered);
    expect(asked).toBeGreaterThan(100);
    expect(answered).toBeGreaterThanOrEqual(offered);
  });
});
