// First look at a request to /graphql: its method and whether a foreign web page could have sent it. A page can send
// GET, and POST with three content types, without the browser asking us first; both are refused here. Everything else
// makes the browser ask (CORS preflight), and we answer that with no.
import type { IncomingHttpHeaders } from 'node:http';
import { rememberFew } from '../../platform/rememberFew.ts';
import { refuse, type Refusal } from '../requestState.ts';

/** A GET must carry one of these: a page cannot set them without a preflight. */
const PREFLIGHT_HEADERS = ['x-apollo-operation-name', 'apollo-require-preflight', 'graphql-require-preflight'];

/** A media type and its charset, in lower case; undefined where the header is malformed. */
const readContentType = rememberFew((header): { essence: string; charset: string } | undefined => {
  const [essence = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  if (!/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(essence)) return undefined;
  let charset = 'utf-8';
  for (const parameter of parameters) {
    const found = /^charset="?([a-z0-9_-]+)"?$/.exec(parameter);
    if (found?.[1] !== undefined) charset = found[1];
    else if (parameter.startsWith('charset')) return undefined;
  }
  return { essence, charset };
});

function checkPost(headers: IncomingHttpHeaders): Refusal | undefined {
  const type = readContentType(headers['content-type'] ?? '');
  if (type?.essence !== 'application/json' || (type.charset !== 'utf-8' && type.charset !== 'utf8')) {
    return refuse('UNSUPPORTED_MEDIA_TYPE', undefined, { closing: true });
  }
  return undefined;
}

function checkGet(headers: IncomingHttpHeaders, crossSiteAllowed: boolean): Refusal | undefined {
  if (
    headers['content-type'] !== undefined &&
    readContentType(headers['content-type'])?.essence !== 'application/json'
  ) {
    return refuse('UNSUPPORTED_MEDIA_TYPE', 'A GET request has no body and no content type.', { closing: true });
  }
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
    return refuse('BAD_REQUEST', 'A GET request has no body.', { closing: true });
  }
  if (crossSiteAllowed) return undefined;
  if (!PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined && headers[name] !== '')) {
    return refuse('CROSS_SITE_REQUEST', `A GET request needs one of the headers ${PREFLIGHT_HEADERS.join(', ')}.`);
  }
  return undefined;
}

/**
 * Takes method and headers of a request to /graphql; gives the refusal, or undefined when it may go on. `crossSiteAllowed`
 * lets a GET pass that a foreign web page could have sent.
 */
export function checkMethod(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  crossSiteAllowed: boolean,
): Refusal | undefined {
  if (headers['x-http-method-override'] !== undefined) {
    return refuse('METHOD_NOT_ALLOWED', 'The method cannot be overridden.', { closing: true });
  }
  if (method === 'POST') return checkPost(headers);
  if (method === 'GET') return checkGet(headers, crossSiteAllowed);
  return refuse('METHOD_NOT_ALLOWED', undefined, { headers: { allow: 'GET, POST' }, closing: true });
}
