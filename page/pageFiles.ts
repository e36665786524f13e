// The page's files, and the headers under which everything of the page is sent: nothing comes from elsewhere, no script
// or style stands in the page itself, nobody frames it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as it is sent. */
export interface PageFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where `npm run build:registry` puts the bundle. */
export const PAGE_FOLDER = fileURLToPath(new URL('../registry/web/dist', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The headers of every answer. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const NAME = /^(?:assets\/)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** Takes the bundle's folder; gives what answers a path within the page, '' for the page itself, else undefined. */
export function openPageFiles(folder: string): (path: string) => Promise<PageFile | undefined> {
  return async (path) => {
    const name = path === '' ? 'index.html' : path;
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined || !NAME.test(name)) return undefined;
    const body = await readFile(join(folder, name)).catch(() => undefined);
    if (body === undefined) return undefined;
    const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return { body, headers: { ...PAGE_HEADERS, 'content-type': type, 'cache-control': cache } };
  };
}
