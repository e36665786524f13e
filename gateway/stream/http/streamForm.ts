// The two forms of a stream over HTTP, as the client's Accept header wants it: server-sent events as GraphQL over SSE has
// them (one operation a connection), and multipart as Apollo's clients read it.
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
// https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
import type { StreamMessage, StreamEnd } from '../liveStream.ts';
import { sentenceOf } from '../../respond/maskErrors.ts';
import { rememberFew } from '../../../platform/rememberFew.ts';

/** How a stream is written. */
export interface StreamForm {
  readonly transport: 'sse' | 'multipart';
  readonly contentType: string;
  readonly opening: string;
  next(message: StreamMessage): string;
  /** The id is where the stream stands. */
  beat(id: string | undefined): string;
  end(end: StreamEnd): string;
  /** A whole answer, for an operation that is no subscription. */
  answer(text: string): string;
}

/** A stream's message with its id within: for clients that see the message alone. */
export function withEventId({ text, id }: StreamMessage): string {
  return `${text.slice(0, -1)},"extensions":{"eventId":"${id}"}}`;
}

/** Why a stream ended, as a GraphQL error. */
export function errorOf({ refusal, resumeId }: StreamEnd) {
  return {
    message: refusal.message ?? sentenceOf(refusal.refused),
    extensions: { code: refusal.refused, ...(resumeId !== undefined && { resumeId }) },
  };
}

function errorsOf(end: StreamEnd): string {
  return `"errors":[${JSON.stringify(errorOf(end))}]`;
}

const COMPLETE = 'event: complete\ndata:\n\n';

const SSE: StreamForm = {
  transport: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  // Something has to be sent for proxies and browsers to see that the stream is there.
  opening: ':\n\n',
  next: ({ text, id }) => `id: ${id}\nevent: next\ndata: ${text}\n\n`,
  beat: (id) => (id === undefined ? ':\n\n' : `id: ${id}\n:\n\n`),
  end: (end) => `event: next\ndata: {${errorsOf(end)}}\n\n${COMPLETE}`,
  answer: (text) => `event: next\ndata: ${text.trimEnd()}\n\n${COMPLETE}`,
};

// A part is whole for its reader when the next boundary has come: each brings the one behind it.
const part = (json: string): string => `\r\ncontent-type: application/json\r\n\r\n${json}\r\n--graphql`;

const MULTIPART: StreamForm = {
  transport: 'multipart',
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: '\r\n--graphql',
  next: (message) => part(`{"payload":${withEventId(message)}}`),
  beat: () => part('{}'),
  end: (end) => `${part(`{"payload":null,${errorsOf(end)}}`)}--\r\n`,
  answer: (text) => `${part(`{"payload":${text.trimEnd()}}`)}--\r\n`,
};

const MULTIPART_ACCEPTED = /^multipart\/mixed(?=.*;\s*subscriptionspec="?1\.0"?)/i;
const SSE_ACCEPTED = /^text\/event-stream\s*(?:;|$)/i;

const choose = rememberFew((accept): StreamForm | undefined => {
  // No list is long: what is longer names no form of ours.
  for (const each of accept.slice(0, 500).split(',')) {
    const wanted = each.trim();
    if (SSE_ACCEPTED.test(wanted)) return SSE;
    if (MULTIPART_ACCEPTED.test(wanted)) return MULTIPART;
  }
  return undefined;
});

/** Takes the Accept header; gives the form in which the client takes a stream, undefined where it takes none. */
export function chooseStreamForm(accept: string | undefined): StreamForm | undefined {
  return accept === undefined ? undefined : choose(accept);
}
