// Who a request is counted for: the key that it came with, or the name and version that its program says it has. Both
// come from outside: what is too long, holds a key or strange characters is not kept.
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../caller.ts';
import { holdsKey } from '../identify/holdsKey.ts';
import { UNKNOWN_CLIENT, type StoredCaller } from '../../usage/usageDocuments.ts';

/** Who asks, as the request says it. */
export interface SaidCaller {
  readonly kind: 'key' | 'client';
  readonly name: string;
  /** Empty for none. */
  readonly version: string;
}

const CHARACTERS_MAX = 64;
const KEPT = /^[\x20-\x7e]+$/;
const KEY_PREFIX = 'key:';

/** A header's text, `unknown` for one that is too long to be looked at; empty for none. */
function headerOf(headers: IncomingHttpHeaders, name: string, otherName: string): string {
  const value = headers[name] ?? headers[otherName];
  if (value === undefined) return '';
  return typeof value === 'string' && value.length <= CHARACTERS_MAX ? value : UNKNOWN_CLIENT;
}

/** Takes a request's headers; gives the version that the program says it has, empty for none. */
export function saidVersion(headers: IncomingHttpHeaders): string {
  return headerOf(headers, 'apollographql-client-version', 'graphql-client-version');
}

/** Takes a caller and its headers; gives who it says it is. */
export function saidCaller({ kind, id }: Pick<Caller, 'kind' | 'id'>, headers: IncomingHttpHeaders): SaidCaller {
  const version = saidVersion(headers);
  if (kind === 'key') return { kind: 'key', name: id.slice(KEY_PREFIX.length), version };
  return { kind: 'client', name: headerOf(headers, 'apollographql-client-name', 'graphql-client-name'), version };
}

function isKept(text: string): boolean {
  return KEPT.test(text) && !holdsKey(text);
}

/** Takes who a caller says it is; gives what is kept of it. A version without a name says nothing. */
export function keptCaller({ kind, name, version }: SaidCaller): StoredCaller {
  const said = version === '' ? {} : { version: isKept(version) ? version : UNKNOWN_CLIENT };
  if (kind === 'key') return { kind, name, ...said };
  return isKept(name) && name !== UNKNOWN_CLIENT ? { kind, name, ...said } : { kind, name: UNKNOWN_CLIENT };
}
