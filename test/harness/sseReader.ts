// A client of server-sent events for tests: connects, reads message by message with its id, and can be cut off at any one.
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';

/** A message as it came. */
export interface SseMessage {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** A stream that is read. */
export interface SseStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Messages so far; `complete` among them. */
  readonly messages: SseMessage[];
  /** The id behind which a client goes on: that of the last message or sign of life. */
  lastId(): string | undefined;
  /** Whether the server ended it. */
  isEnded(): boolean;
  /** Cuts the connection. */
  cut(): void;
  /** Stops and goes on reading from the socket. */
  pause(): void;
  resume(): void;
}

/** What is asked. */
export interface SseWish {
  readonly url: string;
  readonly key: string;
  readonly query: string;
  readonly variables?: object;
  readonly lastEventId?: string | undefined;
  readonly onMessage?: (message: SseMessage, stream: SseStream) => void;
}

function readBlock(block: string): SseMessage & { readonly hasId: boolean } {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name !== '') fields.set(name, value);
  }
  return { id: fields.get('id'), event: fields.get('event'), data: fields.get('data') ?? '', hasId: fields.has('id') };
}

/** Opens a stream; resolves with its head. A refusal's JSON is the one message of it. */
export function openSse(wish: SseWish): Promise<SseStream> {
  return new Promise((resolve, reject) => {
    const sent = request(wish.url, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(wish.key !== '' && { authorization: `Bearer ${wish.key}` }),
        ...(wish.lastEventId !== undefined && { 'last-event-id': wish.lastEventId }),
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const messages: SseMessage[] = [];
      let last: string | undefined;
      let isEnded = false;
      let isCut = false;
      let text = '';
      const stream: SseStream = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        messages,
        lastId: () => last,
        isEnded: () => isEnded,
        cut() {
          isCut = true;
          response.destroy();
        },
        pause: () => response.pause(),
        resume: () => response.resume(),
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0 && !isCut; end = text.indexOf('\n\n')) {
          const message = readBlock(text.slice(0, end));
          text = text.slice(end + 2);
          last = message.id ?? last;
          if (message.event === undefined) continue;
          messages.push(message);
          wish.onMessage?.(message, stream);
        }
      });
      response.on('end', () => {
        if (stream.status !== 200) messages.push({ id: undefined, event: undefined, data: text });
        isEnded = true;
      });
      response.on('error', () => (isEnded = true));
      resolve(stream);
    });
    sent.end(JSON.stringify({ query: wish.query, variables: wish.variables ?? {} }));
  });
}
