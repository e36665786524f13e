// Every request has an id: the client's own where it is well-formed, else a new one. It stands in the response, in the
// log line and in what the subgraphs are told.
import { drawId } from '../../platform/random.ts';

const SHAPE = /^[A-Za-z0-9_-]{8,64}$/;

/** The header that carries the id, both ways. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Takes the header as received; gives the request's id. Anything but one short plain word is replaced. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && SHAPE.test(header) ? header : `req_${drawId()}`;
}
