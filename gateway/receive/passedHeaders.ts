// The client's headers that a subgraph may see: those that gateway.yaml names, and no others.
import type { IncomingHttpHeaders } from 'node:http';

/** Headers by their name in lower case. */
export type PassedHeaders = Readonly<Record<string, string>>;

const NONE: PassedHeaders = Object.freeze({});

/** Takes the names that may pass and the client's headers; gives those that are there, in the order of the names. */
export function passedHeaders(names: readonly string[], headers: IncomingHttpHeaders): PassedHeaders {
  if (names.length === 0) return NONE;
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    // A header that came several times is one list, which is what the comma means.
    if (value !== undefined) passed[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return passed;
}
