// Reads from a request's head what it is identified by: one key or one token, in `Authorization: Bearer` alone, or
// nothing. Headers come as the raw list: Node's object joins or drops duplicates, and a proxy and we would each see
// another key. A key that shows up anywhere else makes the request unreadable: it is in logs by now, and must not work.
import { parseApiKey, type ApiKey } from './apiKey.ts';
import { holdsKey } from './holdsKey.ts';

/** The head of a request, as far as it says who calls. */
export interface RequestHead {
  /** Names and values in turn, as `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  /** The address as sent, its search part included. */
  readonly url: string;
  /** The network address that the trusted hop saw. */
  readonly address: string | undefined;
}

/** What a request is identified by. `unreadable`: something is there, and nothing that could be right. */
export type Credential =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'token'; readonly token: string };

const NOTHING: Credential = { kind: 'nothing' };
const UNREADABLE: Credential = { kind: 'unreadable' };

/** The scheme in any case, one space, and one word of the characters that RFC 6750 allows. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i;
/** Three parts of base64url, the last never empty: an unsigned token has an empty one. */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const TOKEN_LENGTH_MAX = 8_192;
const AUTHORIZATION_LENGTH_MAX = TOKEN_LENGTH_MAX + 'Bearer '.length;

function readAuthorization(value: string, tokensAllowed: boolean): Credential {
  if (value.length > AUTHORIZATION_LENGTH_MAX) return UNREADABLE;
  const word = BEARER.exec(value)?.[1];
  if (word === undefined) return UNREADABLE;
  const key = parseApiKey(word);
  if (key !== undefined) return { kind: 'key', key };
  return tokensAllowed && TOKEN.test(word) ? { kind: 'token', token: word } : UNREADABLE;
}

/** Takes a request's head, and whether tokens of people are taken here; gives what identifies the caller. */
export function readCredential({ rawHeaders, url }: RequestHead, tokensAllowed: boolean): Credential {
  let authorization: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      if (authorization !== undefined) return UNREADABLE;
      authorization = value;
    } else if (holdsKey(value) || holdsKey(name)) {
      return UNREADABLE;
    }
  }
  if (holdsKey(url)) return UNREADABLE;
  return authorization === undefined ? NOTHING : readAuthorization(authorization, tokensAllowed);
}
