import { systemClock } from '../../platform/clock.ts';
import { startSpanReceiver, type ReceivedSpan, type SpanReceiver } from '../../test/harness/spanReceiver.ts';
import { openTelemetry } from './openTelemetry.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const REQUEST = { status: 200, requestId: 'req_1', operation: { name: 'A', kind: 'query' }, codes: [] };

describe('the spans of a request', () => {
  let receiver: SpanReceiver;
  beforeEach(async () => {
    receiver = await startSpanReceiver();
  });
  afterEach(() => receiver.stop());

  const open = (sampledPercent = 100) =>
    openTelemetry({
      endpoint: `${receiver.url}/`,
      serviceName: 'gateway-under-test',
      sampledPercent,
      clock: systemClock,
    });
  const named = (name: string): ReceivedSpan | undefined => receiver.spans.find((span) => span.name === name);

  it("hang below the client's own, the fetches below the step that fetches", async () => {
    const tracer = open();
    const startMs = performance.now();
    const trace = tracer.begin({ traceparent: `00-${TRACE}-${CLIENT_SPAN}-01`, tracestate: 'a=1' }, startMs);
    trace?.stepEnded('plan', startMs, startMs + 5);
    const orders = trace?.fetch('orders');
    const customers = trace?.fetch('customers');
    orders?.ended('ok');
    customers?.ended('timeout');
    trace?.stepEnded('fetch', startMs, startMs + 9);
    trace?.ended(REQUEST);
    await tracer.stop();

    const [request, step] = [named('request'), named('fetch')];
    expect(new Set(receiver.spans.map((span) => span.traceId))).toEqual(new Set([TRACE]));
    expect(request?.parentSpanId).toBe(CLIENT_SPAN);
    expect(named('plan')?.parentSpanId).toBe(request?.spanId);
    expect(step?.parentSpanId).toBe(request?.spanId);
    expect([named('fetch orders'), named('fetch customers')].map((span) => span?.parentSpanId)).toEqual([
      step?.spanId,
      step?.spanId,
    ]);
    expect(orders?.headers).toEqual({
      traceparent: `00-${TRACE}-${String(named('fetch orders')?.spanId)}-01`,
      tracestate: 'a=1',
    });
    expect(receiver.spans).toHaveLength(5);
  });

  it('last as long as what they tell of', async () => {
    const tracer = open();
    const startMs = performance.now();
    const trace = tracer.begin({}, startMs);
    trace?.stepEnded('plan', startMs + 1, startMs + 6);
    trace?.ended(REQUEST);
    await tracer.stop();
    const span = named('plan');
    expect(Number(BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0)) / 1e6).toBeCloseTo(5, 1);
    const epochMs = Number(BigInt(span?.startTimeUnixNano ?? 0) / 1_000_000n);
    expect(Math.abs(epochMs - systemClock.now().getTime())).toBeLessThan(60_000);
  });

  it('say what came of it, and whose they are', async () => {
    const tracer = open();
    const trace = tracer.begin({}, performance.now());
    trace?.fetch('orders').ended('bad_answer');
    trace?.ended({ ...REQUEST, status: 504, codes: ['DEADLINE_EXCEEDED'] });
    await tracer.stop();
    const text = receiver.text();
    for (const part of ['gateway-under-test', '"bad_answer"', '"DEADLINE_EXCEEDED"', '"req_1"', '504']) {
      expect(text).toContain(part);
    }
    expect(named('fetch')).toBeDefined();
  });

  it.each([
    ['nothing where the client does not sample', 100, '00', 0],
    ['the request where the client samples', 0, '01', 1],
  ])('are %s', async (_, percent, flags, count) => {
    const tracer = open(percent);
    const trace = tracer.begin({ traceparent: `00-${TRACE}-${CLIENT_SPAN}-${flags}` }, performance.now());
    const passed = trace?.fetch('orders');
    passed?.ended('ok');
    trace?.ended(REQUEST);
    await tracer.stop();
    expect(receiver.spans.filter((span) => span.name === 'request')).toHaveLength(count);
    expect(passed?.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
  });

  it('are lost without a word where nobody receives them', async () => {
    const tracer = open();
    await receiver.stop();
    tracer.begin({}, performance.now())?.ended(REQUEST);
    await expect(tracer.stop()).resolves.toBeUndefined();
  });
});
