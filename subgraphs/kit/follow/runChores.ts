// What a subgraph does by the clock, beside mutations and events: looking whether something waits for too long. Several
// processes may run the same chore; its writes are conditional, so that only one of them has an effect.
import type { Connection } from 'mongoose';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { drawId } from '../../../platform/random.ts';
import type { Outbox } from '../../../sync/outbox/outbox.ts';
import type { WriteCall } from '../call.ts';

/** Runs work in a transaction of a tenant, with events; it may run several times. */
export type Transact = (tenantId: string, work: (write: WriteCall) => Promise<void>) => Promise<void>;

/** Something that is done again and again. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(transact: Transact, now: Date): Promise<void>;
}

/** What chores run with. */
export interface ChoresPlace {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
}

const CHORE_TIMEOUT_MS = 30_000;

function transactOf({ connection, outbox, clock }: ChoresPlace, name: string): Transact {
  return async (tenantId, work) => {
    const callId = drawId();
    const now = clock.now();
    const deadlineMs = now.getTime() + CHORE_TIMEOUT_MS;
    const base = { tenantId, actor: `chore:${name}`, requestId: callId, callId, deadlineMs, now, outbox };
    await connection.withSession((session) =>
      session.withTransaction(() => work({ ...base, traceparent: undefined, session })),
    );
    outbox.wake();
  };
}

/** Takes chores and what they run with; gives what stops them, after the one that runs. */
export function runChores(chores: readonly Chore[], place: ChoresPlace): () => Promise<void> {
  const { clock, log } = place;
  let isStopped = false;
  const stops = chores.map((chore) => {
    const transact = transactOf(place, chore.name);
    let running = Promise.resolve();
    let cancel = (): void => undefined;
    const plan = (): void => {
      if (isStopped) return;
      cancel = clock.after(chore.everyMs, () => {
        running = chore
          .run(transact, clock.now())
          .catch((error: unknown) => log.warn({ err: error, chore: chore.name }, 'a chore failed; it is done again'))
          .finally(plan);
      });
    };
    plan();
    return async (): Promise<void> => {
      cancel();
      await running;
    };
  });
  return async () => {
    isStopped = true;
    await Promise.all(stops.map((stop) => stop()));
  };
}
