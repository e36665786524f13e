// What an adapter of an outside broker gets beside the address; `openBroker.ts` gives it.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** Who connects, and what of the process it uses. */
export interface Connecting {
  /** As `relay orders`: shown in logs and in the broker's list of connections. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
}
