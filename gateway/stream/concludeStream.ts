// A subscription of a request: from the client's wish to an answer that goes on after its head. What is refused before the
// stream begins is answered as any refusal is, with its status.
import { concludeRefused, type Concluded } from '../conclude.ts';
import { isRefusal, refuse, type GraphqlRequest, type RequestState } from '../requestState.ts';
import type { MediaType } from '../respond/mediaType.ts';
import type { HttpAnswer } from '../respond/status.ts';
import type { AdmittedStream, OpenStreams, StreamTransport } from './openStreams.ts';

/** How a client wants a subscription sent. */
export interface StreamWish {
  readonly transport: StreamTransport;
  /** Behind which it wants to go on; what the operation itself says counts where this is absent. */
  readonly lastEventId: string | undefined;
  /** Takes an admitted stream; gives the answer that carries it. */
  carry(stream: AdmittedStream): HttpAnswer;
}

/** A subscription of a request. */
export interface AskedSubscription {
  readonly asked: GraphqlRequest;
  readonly media: MediaType;
  readonly wish: StreamWish | undefined;
}

const NO_WISH = refuse(
  'NOT_ACCEPTABLE',
  'A subscription is sent as text/event-stream, as multipart/mixed;subscriptionSpec=1.0, or over WebSocket.',
);

/** Takes a subscription; gives its stream, or the refusal. */
export async function concludeStream(
  { asked, media, wish }: AskedSubscription,
  state: RequestState,
  streams: OpenStreams,
): Promise<Concluded> {
  if (wish === undefined) return concludeRefused(NO_WISH, media, state);
  const { transport } = wish;
  const lastEventId = wish.lastEventId ?? asked.lastEventId;
  const stream = await streams.admit({ asked, transport, lastEventId }, state);
  if (isRefusal(stream)) return concludeRefused(stream, media, state);
  return {
    came: wish.carry(stream),
    outcome: 'ok',
    codes: new Set(),
    operation: state.operation,
    used: stream.used,
  };
}
