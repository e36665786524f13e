import fc from 'fast-check';
import { PASSING_TRACER } from './requestTrace.ts';
import { readTraceContext, traceHeaders } from './traceContext.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-01`;

describe('the trace context', () => {
  it('is passed on as it was read', () => {
    const context = readTraceContext(PARENT, 'a=1, b@c=2');
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true, state: 'a=1,b@c=2' });
    expect(context && traceHeaders(context)).toEqual({ traceparent: PARENT, tracestate: 'a=1,b@c=2' });
  });

  it.each([
    ['flags that are not known', `00-${TRACE}-${SPAN}-ff`, `00-${TRACE}-${SPAN}-01`],
    ['no sampling', `00-${TRACE}-${SPAN}-02`, `00-${TRACE}-${SPAN}-00`],
    ['a later version with more behind it', `cc-${TRACE}-${SPAN}-01-what`, `00-${TRACE}-${SPAN}-01`],
  ])('takes %s', (_, given, passed) => {
    const context = readTraceContext(given, undefined);
    expect(context && traceHeaders(context)).toEqual({ traceparent: passed });
  });

  it.each([
    ['nothing', undefined],
    ['two of them', [PARENT, PARENT]],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['the forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more behind it', `${PARENT}-more`],
    ['capital letters', PARENT.toUpperCase()],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long text', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(200)}`],
    ['a line break', `${PARENT}\n`],
  ])('is none where there is %s', (_, given) => {
    expect(readTraceContext(given, 'a=1')).toBeUndefined();
  });

  it.each([
    ['too long', `a=${'x'.repeat(600)}`],
    ['too many', Array.from({ length: 33 }, (_, at) => `a${at}=1`).join(',')],
    ['no pair', 'a'],
    ['a control character', 'a=\u0001'],
    ['empty', ' , '],
  ])('loses a state that is %s, but not the trace', (_, state) => {
    expect(readTraceContext(PARENT, state)).toMatchObject({ traceId: TRACE, state: undefined });
  });

  it('gives headers without control characters, or none, for every text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant(PARENT)), fc.string(), (parent, state) => {
        const context = readTraceContext(parent, state);
        if (context === undefined) return;
        expect(Object.values(traceHeaders(context)).join('')).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});

describe('without a receiver of spans', () => {
  it("the client's trace is passed on, and nothing else is done", () => {
    const traced = PASSING_TRACER.begin({ traceparent: PARENT, tracestate: 'a=1' }, 0);
    const fetch = traced?.fetch('orders');
    expect(fetch?.headers).toEqual({ traceparent: PARENT, tracestate: 'a=1' });
    expect(PASSING_TRACER.begin({}, 0)).toBeUndefined();
    expect(PASSING_TRACER.begin({ traceparent: 'x' }, 0)).toBeUndefined();
  });
});
