// A channel that comes again: what is begun on it is begun anew when it breaks, until it is closed for good.
import type { AsyncMessage, Channel, Connection } from 'rabbitmq-client';
import type { BrokerMessage, Reading } from '../broker.ts';
import type { Connecting } from '../connecting.ts';
import { KEY_HEADER, TOPIC_HEADER } from './rabbitTopology.ts';

/** What the parts of the adapter share. */
export interface RabbitContext extends Connecting {
  /** For everything that reads; publishing has a connection of its own, since the server may block that one. */
  readonly reading: Connection;
  /** What is beginning, so that closing the broker ends it. */
  readonly closers: Set<Reading>;
  /** Groups that a member of this connection is setting up. */
  readonly settingUp: Map<string, Promise<boolean>>;
}

/** What runs on a channel that comes again. */
export interface KeptChannel {
  /** Closes the channel of now; it comes again after `pauseMs`. */
  renew(pauseMs: number): void;
  close(): Promise<void>;
}

const RETRY_AFTER_MS = 300;
/** What fails so often in a row is no server that starts anew: somebody should hear of it, once. */
const TOLD_AFTER = 100;

/** Waits by the process's clock. */
export function pause({ clock }: Pick<Connecting, 'clock'>, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** Opens a channel whose errors end nothing but itself. */
export async function acquireChannel({ reading }: Pick<RabbitContext, 'reading'>): Promise<Channel> {
  const channel = await reading.acquire({ emitErrorsFromChannel: true });
  channel.on('error', () => undefined);
  return channel;
}

/** Closes a channel, however it is. */
export async function closeChannel(channel: Channel): Promise<void> {
  await channel.close().catch(() => undefined);
}

/**
 * Runs `begin` on a channel, and again whenever that channel is gone. `begin` gives what is to be done when it is gone;
 * 'over' ends it all.
 */
export function keepChannel(
  context: RabbitContext,
  begin: (channel: Channel) => Promise<(() => void) | 'over'>,
): KeptChannel {
  let isClosed = false;
  let pauseMs = RETRY_AFTER_MS;
  let current: Channel | undefined;
  let failures = 0;
  const isWanted = (): boolean => !isClosed;
  const live = async (): Promise<void> => {
    let end: (() => void) | 'over' = () => undefined;
    try {
      const channel = await acquireChannel(context);
      current = channel;
      const gone = new Promise<void>((resolve) => {
        channel.once('close', resolve);
        channel.once('basic.cancel', () => void closeChannel(channel).then(resolve));
      });
      try {
        end = isWanted() ? await begin(channel) : 'over';
        failures = 0;
        if (end !== 'over' && isWanted()) await gone;
      } finally {
        await closeChannel(channel);
      }
    } catch (error) {
      failures += 1;
      const level = failures === TOLD_AFTER ? 'warn' : 'debug';
      context.log[level]({ error: String(error) }, 'a channel to RabbitMQ could not be used; trying again');
    }
    if (end === 'over') isClosed = true;
    else end();
  };
  const run = async (): Promise<void> => {
    while (isWanted()) {
      await live();
      if (isWanted()) await pause(context, pauseMs);
      pauseMs = RETRY_AFTER_MS;
    }
  };
  const running = run();
  return {
    renew(ms) {
      pauseMs = ms;
      if (current !== undefined) void closeChannel(current);
    },
    async close() {
      isClosed = true;
      if (current !== undefined) await closeChannel(current);
      await running;
    },
  };
}

/** Takes what came from RabbitMQ; gives it as it was published. */
export function toMessage({ headers, body }: AsyncMessage): BrokerMessage {
  const { [KEY_HEADER]: key, [TOPIC_HEADER]: topic } = (headers ?? {}) as Record<string, string | undefined>;
  return { topic: topic ?? '', key: key ?? '', value: String(body) };
}
