// What WebSockets need beside what every request does.
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../caller.ts';
import type { Refusal, RequestState } from '../../requestState.ts';
import type { ServerParts } from '../../server.ts';

/** What sockets need. */
export interface SocketParts extends ServerParts {
  readonly requestTimeoutMs: number;
  /** Web pages of these origins may open sockets, beside those of this address; '*' for all. */
  readonly origins: ReadonlySet<string>;
  readonly passedOf: (headers: IncomingMessage['headers']) => RequestState['passed'];
  /** The caller with the rights that it has now; undefined for one who may come no more. */
  readonly currently: (caller: Caller) => Caller | undefined;
  readonly onCallerEnded: (
    caller: Caller,
    address: string | undefined,
    listener: (refusal: Refusal) => void,
  ) => () => void;
}
