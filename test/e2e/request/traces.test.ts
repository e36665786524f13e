// The gateway in somebody's trace: spans of a request, its steps and its fetches reach a receiver, and subgraphs get
// the trace whether there is a receiver or not.
import { startSpanReceiver, type ReceivedSpan, type SpanReceiver } from '../../harness/spanReceiver.ts';
import { runProcess, waitUntil } from '../../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${CLIENT_SPAN}-01`;
const QUERY = 'query Shop { company(id: 1) { name } orders(first: 1) { number customer { email } } }';

describe('a traced request', () => {
  let receiver: SpanReceiver;
  let gateway: TestGateway;
  beforeAll(async () => {
    receiver = await startSpanReceiver();
    gateway = await startTestGateway({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  });
  afterAll(async () => {
    await gateway.stop();
    await receiver.stop();
  });
  beforeEach(() => void receiver.spans.splice(0));

  const byName = (name: string): ReceivedSpan | undefined => receiver.spans.find((span) => span.name === name);

  it('is a tree: request, its steps, and the fetches below the step that fetches', async () => {
    await gateway.query(QUERY, {}, { traceparent: PARENT, tracestate: 'vendor=1' });
    const request = await waitUntil(() => byName('request'));
    expect(new Set(receiver.spans.map((span) => span.traceId))).toEqual(new Set([TRACE]));
    expect(request.parentSpanId).toBe(CLIENT_SPAN);
    for (const step of ['receive', 'admit', 'wait', 'plan', 'fetch', 'respond']) {
      expect([step, byName(step)?.parentSpanId]).toEqual([step, request.spanId]);
    }
    const fetches = receiver.spans.filter((span) => span.name.startsWith('fetch '));
    expect(fetches.map((span) => span.name).sort()).toEqual(['fetch customers', 'fetch customers', 'fetch orders']);
    expect(new Set(fetches.map((span) => span.parentSpanId))).toEqual(new Set([byName('fetch')?.spanId]));
    const asked = gateway.subgraphs.orders.asked.at(-1);
    expect(asked?.headers).toMatchObject({
      traceparent: `00-${TRACE}-${String(byName('fetch orders')?.spanId)}-01`,
      tracestate: 'vendor=1',
    });
  });

  it('tells its operation, status and codes, and never its document or variables', async () => {
    await gateway.query('query Find($id: ID!) { customer(id: $id) { nope } }', { id: 'canary-7' }, {});
    const request = await waitUntil(() => byName('request'));
    const text = JSON.stringify(request.attributes);
    expect(text).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(text).toContain('400');
    await gateway.query('query Find($id: ID!) { customer(id: $id) { email } }', { id: 'canary-7' });
    await waitUntil(() => receiver.spans.filter((span) => span.name === 'request').length === 2);
    expect(receiver.text()).toContain('Find');
    expect(receiver.text()).not.toMatch(/canary-7|email/);
  });
});

describe('a gateway without a receiver', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  const headersOfFetch = async (headers: Record<string, string>) => {
    await gateway.query('{ orders(first: 1) { number } }', {}, headers);
    return gateway.subgraphs.orders.asked.at(-1)?.headers;
  };

  it("passes the client's trace on to the subgraphs", async () => {
    expect(await headersOfFetch({ traceparent: PARENT, tracestate: 'a=1' })).toMatchObject({
      traceparent: PARENT,
      tracestate: 'a=1',
    });
  });

  it('passes nothing on that is no trace, and makes none of its own', async () => {
    const cases: Record<string, string>[] = [{}, { traceparent: `${PARENT}x` }, { tracestate: 'a=1' }];
    for (const headers of cases) {
      const passed = await headersOfFetch(headers);
      expect([passed?.['traceparent'], passed?.['tracestate']]).toEqual([undefined, undefined]);
    }
  });

  it('refuses to start on an address of a receiver that is none', async () => {
    const words = ['gateway/main.ts', '--access', 'open', '--supergraph', gateway.supergraphPath, '--port', '0'];
    const { code, output } = await runProcess(words, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
    expect([code, output.trim().split('\n')]).toEqual([1, [expect.stringMatching(/OTLP_ENDPOINT must be/) as string]]);
  });
});
