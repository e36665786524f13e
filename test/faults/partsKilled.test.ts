// Parts that are killed while they write: what was acknowledged is kept, what was not is there once or not at all, and a
// repeated mutation has one effect. (The database itself: test/e2e/lifecycle/embeddedMongoSurvivesSigkill.test.ts.)
import { ordersModels } from '../../subgraphs/orders/model.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { IS_FULL_SIZE } from '../harness/faultyGateway.ts';
import { customerId, orderInput } from '../harness/orderRequests.ts';
import { startTestGraph, type TestGraph } from '../harness/testGraph.ts';

const KILLS = IS_FULL_SIZE ? 40 : 1;
const WRITES_BETWEEN_KILLS = 30;
const READY_WITHIN_MS = 5_000;
const PLACE =
  'mutation ($input: [OrderInput!]!, $key: ID!) { placeOrders(input: $input, idempotencyKey: $key) { code order { id } } }';

interface Placed {
  readonly placeOrders: readonly { readonly code: string; readonly order: { readonly id: string } }[] | null;
}

describe.each(['orders', 'gateway'] as const)('P1: SIGKILL of %s while it writes', (part) => {
  let graph: TestGraph;

  beforeAll(async () => {
    graph = await startTestGraph(0);
  }, 120_000);
  afterAll(() => graph.stop());

  it('keeps every acknowledged order once, and is ready again within five seconds', async () => {
    const kept = new Map<string, string>();
    let isOver = false;
    let count = 0;
    /** Sends an order until it is acknowledged, as a client with an idempotency key does. */
    const place = async (key: string): Promise<void> => {
      const variables = {
        input: [orderInput({ customerId: customerId('kill'), externalId: key, source: 'shop' })],
        key,
      };
      for (;;) {
        const answer = await graph.ask<Placed | null>(PLACE, variables).catch(() => undefined);
        const placed = answer?.data?.placeOrders?.[0];
        if (placed !== undefined) {
          expect(['CREATED', 'UNCHANGED']).toContain(placed.code);
          kept.set(key, placed.order.id);
          return;
        }
        await new Promise((next) => setTimeout(next, 5));
      }
    };
    const writers = Array.from({ length: 6 }, async () => {
      while (!isOver) await place(`order-${count++}`);
    });
    const restartsMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const target = kept.size + WRITES_BETWEEN_KILLS;
      while (kept.size < target) await new Promise((next) => setTimeout(next, 2));
      if (part === 'orders') await graph.kill(part);
      const startMs = performance.now();
      if (part === 'orders') await graph.revive(part);
      else await graph.replaceGateway();
      restartsMs.push(performance.now() - startMs);
    }
    isOver = true;
    await Promise.all(writers);

    const connection = await openDatabase(graph.uri, `${graph.prefix}_orders`);
    const stored = await ordersModels(connection)
      .orders.find({ customerId: customerId('kill') }, { _id: 1 })
      .limit(10_000);
    await connection.close();
    const ids = stored.map((order) => order._id).sort();
    expect([...kept.values()].sort()).toEqual(ids);
    expect(restartsMs.filter((ms) => ms > READY_WITHIN_MS)).toEqual([]);
  }, 240_000);
});
