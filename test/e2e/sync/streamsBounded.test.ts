// What streams may cost: a reader that takes nothing is ended and the others go on; idle streams hold little memory; a new
// supergraph ends what fits it no more; several workers serve the streams of one port.
import { readFile } from 'node:fs/promises';
import { LIMITS } from '../../../gateway/admit/limits.ts';
import { LIVE_SCHEMAS, startLiveGraph, type LiveGraph } from '../../harness/liveGraph.ts';
import { openSse, type SseStream } from '../../harness/sseReader.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';

const ORDERS = 'subscription Orders { orderChanged { id version } }';
const IDLE = Number(inheritedEnvironment()['STREAM_IDLE'] ?? 2_000);
const IDLE_MEGABYTES_MAX = 200;

async function residentMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}

const errorOf = (stream: SseStream) => {
  const last = stream.messages.findLast(({ data }) => data !== '');
  const told = JSON.parse(last?.data ?? '{}') as { errors?: { message: string; extensions: Record<string, string> }[] };
  return told.errors?.[0];
};

describe('streams', () => {
  let graph: LiveGraph;
  let key: string;
  beforeAll(async () => {
    graph = await startLiveGraph();
    key = await graph.keys.create({ scopes: [...graph.scopes] });
  }, 60_000);
  afterAll(() => graph.stop());
  const open = (query = ORDERS, more: object = {}): Promise<SseStream> =>
    openSse({ url: graph.url, key, query, ...more });

  it(`that are idle cost at most ${IDLE_MEGABYTES_MAX} MB for 2,000, and are given back`, async () => {
    const { pid } = graph.process.child;
    const first = await open();
    first.cut();
    const before = await residentMegabytes(pid);
    const streams: SseStream[] = [];
    while (streams.length < IDLE) streams.push(...(await Promise.all(Array.from({ length: 50 }, () => open()))));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const after = await residentMegabytes(pid);
    console.info(`${IDLE} idle streams: ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB with them`);
    expect(after - before).toBeLessThanOrEqual(IDLE_MEGABYTES_MAX);
    // One event reaches all of them by one run.
    const asked = graph.asked();
    await graph.change('Order', 'ord_00000000001');
    await waitUntil(() => streams.every(({ messages }) => messages.length === 1));
    expect(graph.asked() - asked).toBeLessThanOrEqual(2);
    for (const stream of streams) stream.cut();
  }, 120_000);

  it('of a reader who takes nothing are ended, and others go on', async () => {
    const slow = await open('subscription { orderChanged { id note(length: 20000) } }');
    const other = await open();
    slow.pause();
    const total = LIMITS.streamWaitingMax.value * 2;
    const ids = Array.from({ length: total }, (_, at) => `ord_${String(at).padStart(12, '0')}`);
    for (let at = 0; at < total; at += 100) {
      await graph.changeAll(ids.slice(at, at + 100).map((id) => ({ type: 'Order', id })));
      // At the pace of the other reader, who takes all of it.
      await waitUntil(() => other.messages.length >= at + 50, 60_000);
    }
    await waitUntil(() => other.messages.length === total, 60_000);
    await waitUntil(() => graph.process.output().includes('STREAM_TOO_SLOW'), 30_000);
    slow.resume();
    await waitUntil(() => slow.isEnded());
    other.cut();
    // What it got before it was ended has no gap; where it ended, it goes on.
    const got = slow.messages
      .filter(({ id }) => id !== undefined)
      .map(({ data }) => (JSON.parse(data) as { data: { orderChanged: { id: string } } }).data.orderChanged.id);
    expect(got).toEqual(ids.slice(0, got.length));
    const next = await open('subscription { orderChanged { id note(length: 20000) } }', { lastEventId: slow.lastId() });
    await waitUntil(() => next.messages.length === total - got.length, 60_000);
    next.cut();
  }, 180_000);

  it('that a new supergraph does not fit are ended with the reason, and others go on', async () => {
    const fits = await open();
    const noted = await open('subscription { orderChanged { id note } }');
    const orders = LIVE_SCHEMAS.orders.replace('note(length: Int = 1): String', '');
    await graph.publish({ orders });
    await waitUntil(() => noted.isEnded());
    expect(errorOf(noted)?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    await graph.change('Order', 'ord_00000000001');
    await waitUntil(() => fits.messages.length === 1);
    fits.cut();
  });
});

describe('several workers', () => {
  it('serve the streams of one port, and go on for each other', async () => {
    const graph = await startLiveGraph({ env: { GATEWAY_WORKERS: '2' } });
    try {
      const key = await graph.keys.create({ scopes: [...graph.scopes] });
      const wish = { url: graph.url, key, query: ORDERS };
      const streams = await Promise.all(Array.from({ length: 12 }, () => openSse(wish)));
      await graph.change('Order', 'ord_00000000001');
      await waitUntil(() => streams.every(({ messages }) => messages.length === 1));
      for (const stream of streams) stream.cut();
      await graph.change('Order', 'ord_00000000002');
      const again = await Promise.all(streams.map((stream) => openSse({ ...wish, lastEventId: stream.lastId() })));
      await waitUntil(() => again.every(({ messages }) => messages.length === 1));
      for (const stream of again) stream.cut();
    } finally {
      await graph.stop();
    }
  }, 90_000);
});
