// A request as no library would send it: any header as often as wanted, any body, over a connection of its own.
import { request, type IncomingHttpHeaders } from 'node:http';

/** What is sent. */
export interface RawRequest {
  readonly method?: string;
  /** Names and values by turns, as they go on the wire. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request; gives the answer whole. */
export function sendRaw(url: string, { method = 'POST', headers = [], body = '' }: RawRequest): Promise<RawAnswer> {
  const { host } = new URL(url);
  return new Promise((resolve, reject) => {
    const isFramed = headers.some((name) => /^(transfer-encoding|content-length)$/i.test(name));
    const framing = isFramed ? [] : ['content-length', String(Buffer.byteLength(body))];
    const sent = request(url, { method, agent: false, headers: ['host', host, ...headers, ...framing] });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.end(body);
  });
}
