// A stream's beginning and end by themselves: the caller, the graph and the broker are stood for by what they say.
import { openHandClock } from '../../test/harness/handClock.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import { isRefusal, refuse, type Refusal } from '../requestState.ts';
import type { StreamEnd, StreamSink } from './liveStream.ts';
import { OpenStreams, type StreamParts } from './openStreams.ts';

const NOTHING = (): void => undefined;
const FIELD = { type: 'Order', query: 'order', sources: new Set(['/crm/orders']) };

class NotedSink implements StreamSink {
  readonly ends: StreamEnd[] = [];
  send = (): Promise<void> => Promise.resolve();
  beat = NOTHING;
  end(end: StreamEnd): void {
    this.ends.push(end);
  }
}

/** Streams over a graph with one field; `onCallerEnded` as the identify step has it. */
function open(onCallerEnded: StreamParts['onCallerEnded'] = () => NOTHING) {
  const clock = openHandClock();
  let added = 0;
  const feed = {
    isUp: () => true,
    head: () => '1',
    behind: () => [],
    add: () => {
      added++;
      return () => {
        added--;
      };
    },
  };
  const streams = new OpenStreams({
    ...{ feed, clock, onCallerEnded, tenantId: 'main', log: { info: NOTHING }, usage: { usedBy: NOTHING } },
    ...{ gate: { enter: () => NOTHING }, observer: { streamBegan: NOTHING, streamEnded: NOTHING } },
    cursorsFor: () => ({ seal: (position: string) => position, open: (id: string) => id }),
    served: { withGraph: () => Promise.resolve({ live: { field: FIELD }, given: {}, facts: {} }) },
  } as never);
  const { state } = callerAt(clock, {});
  const begin = async (sink: StreamSink): Promise<void> => {
    const asked = { method: 'POST', query: 'subscription { orderChanged { id } }', variables: {} } as never;
    const admitted = await streams.admit({ asked, transport: 'sse', lastEventId: undefined }, state);
    if (isRefusal(admitted)) throw new Error(admitted.refused);
    const begun = await admitted.start(sink);
    if (isRefusal(begun)) throw new Error(begun.refused);
  };
  return { streams, begin, added: () => added };
}

describe('a stream', () => {
  it('is told that its caller was over before it began, and leaves nothing behind', async () => {
    const { streams, begin, added } = open((_caller, _address, listener) => {
      listener(refuse('TOKEN_EXPIRED'));
      return NOTHING;
    });
    const sink = new NotedSink();
    await begin(sink);
    expect(sink.ends.map(({ refusal }) => refusal.refused)).toEqual(['TOKEN_EXPIRED']);
    expect([streams.size, added()]).toEqual([0, 0]);
  });

  it('ends with its caller, and gives its place back', async () => {
    const listeners: ((refusal: Refusal) => void)[] = [];
    const { streams, begin, added } = open((_caller, _address, listener) => {
      listeners.push(listener);
      return NOTHING;
    });
    const sink = new NotedSink();
    await begin(sink);
    expect([streams.size, added(), sink.ends]).toEqual([1, 1, []]);
    for (const listener of listeners) listener(refuse('API_KEY_REVOKED'));
    expect(sink.ends.map(({ refusal }) => refusal.refused)).toEqual(['API_KEY_REVOKED']);
    expect([streams.size, added()]).toEqual([0, 0]);
  });
});
