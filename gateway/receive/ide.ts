// GraphiQL, served from our own bundle: nothing comes from elsewhere, and the page may talk to nobody but us.
import { readFile } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import type { IncomingHttpHeaders } from 'node:http';

/** A file of the page as it is sent. */
export interface IdeFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  woff: 'font/woff',
  woff2: 'font/woff2',
};

/** Scripts and workers from us alone; styles inline too, since the editor sets them on its elements. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Says whether a request for `/` comes from a browser that wants a page. */
export function wantsPage(headers: IncomingHttpHeaders): boolean {
  return headers.accept?.includes('text/html') === true;
}

/** Takes the folder of the bundle; gives what answers a path under `/ide/` (or `/`) with a file, else undefined. */
export function openIde(folder: string): (path: string) => Promise<IdeFile | undefined> {
  const known = new Map<string, IdeFile>();
  return async (path) => {
    const name = path === '/' || path === '/ide/' ? 'index.html' : path.replace(/^\/ide\//, '');
    // By the file, however it is written: what is kept are the files that there are.
    const file = normalize(join(folder, name));
    const found = known.get(file);
    if (found !== undefined) return found;
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined || name.includes('\0') || !file.startsWith(folder + sep)) return undefined;
    const body = await readFile(file).catch(() => undefined);
    if (body === undefined) return undefined;
    const isPage = file === join(folder, 'index.html');
    const headers = {
      'content-type': type,
      'cache-control': isPage ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    };
    const made = { body, headers };
    // The page itself is read anew each time: a rebuilt bundle shows without a restart.
    if (!isPage) known.set(file, made);
    return made;
  };
}
