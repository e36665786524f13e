// A request for the page → what is sent: files to everybody who reaches the port, data to whoever is let in. Nothing that
// another site's page asks is answered with data.
import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerPage } from './answerPage.ts';
import { PAGE_HEADERS, type PageFile } from './pageFiles.ts';
import type { PageError } from './pageWords.ts';

/** A request, with its address from the page's own on: `` for the page, `api/search?q=a`, `assets/a.js`. */
export interface PageRequest {
  readonly method: string | undefined;
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
}

/** What is sent. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What answers. */
export interface PageParts {
  readonly answer: AnswerPage;
  readonly files: (path: string) => Promise<PageFile | undefined>;
  /** Says whether data is shown to whoever sent these headers. */
  readonly isLetIn: (headers: IncomingHttpHeaders) => boolean;
  /** Told of what broke; people are told that something did. */
  readonly onFault: (error: unknown) => void;
}

const DATA_HEADERS = {
  ...PAGE_HEADERS,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
};
const ADDRESS_CHARACTERS_MAX = 2_000;

function refuse(status: number, what: string, mend: string): PageResponse {
  const error: PageError = { what, mend };
  return { status, headers: DATA_HEADERS, body: JSON.stringify({ error }) };
}

async function answerData({ address, headers }: PageRequest, parts: PageParts): Promise<PageResponse> {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse(403, 'Another site’s page asked for this.', 'Open the registry’s page itself.');
  }
  if (!parts.isLetIn(headers)) return refuse(401, 'The credential is not the right one.', 'Sign in again.');
  try {
    const { status, body } = await parts.answer(address.slice('api/'.length));
    return { status, headers: DATA_HEADERS, body };
  } catch (error) {
    parts.onFault(error);
    return refuse(500, 'Something broke on the server.', 'Try again; its log says what it was.');
  }
}

/** Answers a request of the page. Never rejects for what is expected. */
export async function answerHttp(request: PageRequest, parts: PageParts): Promise<PageResponse> {
  const { method, address } = request;
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'This is only read.', 'Use GET.');
  if (address.length > ADDRESS_CHARACTERS_MAX) return refuse(414, 'The address is too long.', 'Search for less.');
  if (address.startsWith('api/')) return answerData(request, parts);
  const path = address.replace(/\?.*$/, '');
  const file = await parts.files(path);
  if (file !== undefined) return { status: 200, headers: file.headers, body: file.body };
  if (path === '') return refuse(503, 'The page is not built.', 'Run: npm run build:registry');
  return refuse(404, 'There is nothing at this address.', 'Go back to the page’s start.');
}
