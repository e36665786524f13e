// Guarantee: a key that is sent where none belongs is in no log line, metric, span or answer, at any level of the log,
//   nor is it handed on to a subgraph; and the place where it belongs leaks it no more than any other.
// Attack: keys in URLs, wrong headers, header names, cookies, request ids, with newlines and letters beyond Latin, in
//   operation names, literals, variables, comments, broken bodies and requests that break off: 2,000 placements from a
//   seed, 10,000 with ATTACKS_SIZE=full.
// Learned from: access logs with `?api_key=…`, and error texts that quote the document they refuse.
import { inheritedEnvironment } from '../../platform/config.ts';
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { drawFrom } from '../oracle/draw.ts';
import { WireClient } from '../fuzz/wireClient.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import { startSpanReceiver, type SpanReceiver } from '../harness/spanReceiver.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { drawPlacement } from './keyPlacements.ts';

const IS_FULL = inheritedEnvironment()['ATTACKS_SIZE'] === 'full';
const PLACEMENTS = IS_FULL ? 10_000 : 2_000;
const SEED = Number(inheritedEnvironment()['SEED'] ?? '1');
const CLIENTS = 8;

let graph: GuardedGraph;
let spans: SpanReceiver;
beforeAll(async () => {
  spans = await startSpanReceiver();
  graph = await startGuardedGraph({
    env: { CRM_METRICS_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: spans.url, CRM_LOG_LEVEL: 'trace' },
  });
});
afterAll(async () => {
  await graph.stop();
  await spans.stop();
});

/** The lines or words of a text that hold a secret, in any case. */
function findSecrets(text: string, secrets: readonly string[]): string[] {
  const lower = text.toLowerCase();
  return secrets.flatMap((secret) => {
    const at = lower.indexOf(secret.toLowerCase());
    return at < 0 ? [] : [text.slice(Math.max(0, at - 300), at + 150)];
  });
}

describe('K4: keys where none belong', () => {
  it(`leave no trace after ${PLACEMENTS} placements`, async () => {
    const make = () => graph.keys.create({ scopes: graph.scopes });
    const canaries = [await make(), await make(), await make()];
    const right = await make();
    const secrets = [...canaries, right].map((text) => parseApiKey(text)?.secret ?? '');
    const answered: string[] = [];
    const statuses = new Map<number, number>();
    let next = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = new WireClient(graph.process.ready);
        while (next < PLACEMENTS && answered.length < 5) {
          const input = drawPlacement({ canaries, right }, drawFrom(SEED * 1_000_003 + next++));
          const { answers } = await client.send(input);
          for (const { status, headers, body } of answers) {
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            const found = findSecrets(`${[...headers].join('\n')}\n${body.toString('latin1')}`, secrets);
            if (found.length > 0) answered.push(`${found.join()} answered to ${input.bytes.toString('latin1')}`);
          }
        }
        client.close();
      }),
    );
    expect(answered).toEqual([]);
    // The gateway lives, and the keys are good in their own place, once the address's failures have been forgotten.
    for (const key of [right, ...canaries])
      await waitUntil(async () => (await graph.ask(key, '{ open }')).status === 200);
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    const output = graph.process.output();
    const [, metricsUrl = ''] = /"url":"([^"]*\/metrics)"/.exec(output) ?? [];
    const metrics = await (await fetch(metricsUrl)).text();
    await waitUntil(() => spans.spans.length > 0);
    expect(metrics).toContain('crm_');
    expect(findSecrets(graph.process.output(), secrets)).toEqual([]);
    expect(findSecrets(metrics, secrets)).toEqual([]);
    expect(findSecrets(spans.text(), secrets)).toEqual([]);
    expect(findSecrets(JSON.stringify(graph.subgraphs.asked), secrets)).toEqual([]);
  }, 300_000);

  it('are found by the test where they are', () => {
    expect(findSecrets('a line with A-SECRET in it', ['a-secret'])).toHaveLength(1);
  });
});
