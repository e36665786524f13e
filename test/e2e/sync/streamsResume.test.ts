// Clients that are cut off again and again go on where they were: nothing is lost, nothing comes twice, and what is shown
// of an entity never steps back. STREAM_CUTS says how often they are cut off (60; 1,000 for the full size).
import { setTimeout as delay } from 'node:timers/promises';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { seededRandom } from '../../../platform/random.ts';
import { startLiveGraph, type LiveGraph } from '../../harness/liveGraph.ts';
import { openSse, type SseMessage, type SseStream } from '../../harness/sseReader.ts';
import { waitUntil } from '../../harness/startProcess.ts';

const CUTS = Number(inheritedEnvironment()['STREAM_CUTS'] ?? 60);
const CLIENTS = 5;
const HOT = ['ord_hot000000001', 'ord_hot000000002', 'ord_hot000000003'];
const QUERY = 'subscription { orderChanged { id version customer { displayName } } }';

interface Shown {
  readonly id: string;
  readonly version: number;
}

function readShown({ data }: SseMessage): Shown {
  const { data: answered } = JSON.parse(data) as { data?: { orderChanged: Shown } };
  if (answered === undefined) throw new Error(`a stream ended: ${data}`);
  return answered.orderChanged;
}

/** A client that is cut off after a few messages each time, `cuts` times in all. */
class CutClient {
  readonly shown: Shown[] = [];
  cutsLeft: number;
  private readonly graph: LiveGraph;
  private readonly key: string;
  private readonly random: () => number;
  private stream: SseStream | undefined;
  private connecting: Promise<void> = Promise.resolve();
  private untilCut = 0;

  constructor(graph: LiveGraph, key: string, cuts: number, random: () => number) {
    this.graph = graph;
    this.key = key;
    this.cutsLeft = cuts;
    this.random = random;
  }

  async connect(lastEventId?: string): Promise<void> {
    this.untilCut = 1 + Math.floor(this.random() * 5);
    this.stream = await openSse({
      ...{ url: this.graph.url, key: this.key, query: QUERY, lastEventId },
      onMessage: (message, stream) => this.take(message, stream),
    });
    expect(this.stream.status).toBe(200);
  }

  /** The last cut may have it connect at this moment. */
  async end(): Promise<void> {
    await this.connecting;
    this.stream?.cut();
  }

  private take(message: SseMessage, stream: SseStream): void {
    this.shown.push(readShown(message));
    if (--this.untilCut > 0 || this.cutsLeft === 0) return;
    this.cutsLeft--;
    stream.cut();
    this.connecting = this.connect(stream.lastId());
  }
}

describe('subscribers who are cut off', () => {
  let graph: LiveGraph;
  beforeAll(async () => {
    graph = await startLiveGraph();
  }, 60_000);
  afterAll(() => graph.stop());

  it(`lose nothing and get nothing twice in ${CUTS} cuts`, async () => {
    const seed = Date.now() % 1_000_000;
    console.info(`seed ${seed}`);
    const random = seededRandom(seed);
    const key = await graph.keys.create({ scopes: [...graph.scopes] });
    const clients = Array.from({ length: CLIENTS }, () => new CutClient(graph, key, CUTS / CLIENTS, random));
    for (const client of clients) await client.connect();
    const published: string[] = [];
    while (clients.some(({ cutsLeft }) => cutsLeft > 0)) {
      const ids = Array.from({ length: 5 }, (_, at) =>
        random() < 0.4 ? (HOT[at % HOT.length] ?? '') : `ord_${String(published.length + at).padStart(12, '0')}`,
      );
      await graph.changeAll(ids.map((id) => ({ type: 'Order', id })));
      published.push(...ids);
      await delay(20);
    }
    await waitUntil(() => clients.every(({ shown }) => shown.length >= published.length));
    for (const { shown } of clients) {
      expect(shown.map(({ id }) => id)).toEqual(published);
      for (const id of HOT) {
        const versions = shown.filter((each) => each.id === id).map(({ version }) => version);
        expect(versions).toEqual(versions.toSorted((left, right) => left - right));
      }
    }
    for (const client of clients) await client.end();
    console.info(`${published.length} events to each of ${CLIENTS} clients, ${CUTS} cuts: 0 lost, 0 repeated`);
  }, 300_000);
});
