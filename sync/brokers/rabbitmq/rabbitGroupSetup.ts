// Sets a group up when its first member comes: its queues, bound to its topics from now on, and a queue with all that the
// stream still has from before. One member does it; the others wait until it is done.
import type { Channel } from 'rabbitmq-client';
import { drawId } from '../../../platform/random.ts';
import { acquireChannel, closeChannel, pause, toMessage, type RabbitContext } from './rabbitChannel.ts';
import { envelopeOf } from './rabbitPublisher.ts';
import { PREFETCH, publishMarker, readStream } from './rabbitStream.ts';
import {
  bindTopics,
  declareGroup,
  declareGroupQueue,
  declareMark,
  declareShared,
  LOG_STREAM,
  MARKER_TOPIC,
  WRITTEN_DOWN_MS,
  type GroupNames,
} from './rabbitTopology.ts';

const LOOK_AGAIN_MS = 300;
/** After so many messages of the stream, copied or passed over, more are asked for once the copies are confirmed. */
const COPY_WINDOW = PREFETCH / 2;

async function withChannel<Result>(
  context: RabbitContext,
  use: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await acquireChannel(context);
  try {
    return await use(channel);
  } finally {
    await closeChannel(channel);
  }
}

/** Whether something is there; asking for what is not closes the channel. */
function isThere(context: RabbitContext, ask: (channel: Channel) => Promise<unknown>): Promise<boolean> {
  return withChannel(context, async (channel) => {
    try {
      await ask(channel);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  });
}

function hasMark(context: RabbitContext, exchange: string): Promise<boolean> {
  return isThere(context, (channel) => channel.exchangeDeclare({ exchange, passive: true }));
}

/** Resolves when the stream that keeps everything is there, and would be after a crash. */
export async function ensureLog(context: RabbitContext): Promise<void> {
  if (await isThere(context, (channel) => channel.queueDeclare({ queue: LOG_STREAM, passive: true }))) return;
  await withChannel(context, declareShared);
  await pause(context, WRITTEN_DOWN_MS);
}

/** Copies the stream, as far as it reaches now, into the group's queue of old messages. */
async function copyOld(context: RabbitContext, names: GroupNames, topics: ReadonlySet<string>): Promise<void> {
  await withChannel(context, (target) =>
    withChannel(context, async (source) => {
      await declareGroupQueue(target, names.old);
      await target.confirmSelect();
      const [firstMarker, lastMarker] = [drawId(), drawId()];
      let copying: Promise<unknown> = Promise.resolve();
      let read = 0;
      let isDone = (): void => undefined;
      let fail: (error: unknown) => void = () => undefined;
      const done = new Promise<void>((resolve, reject) => ([isDone, fail] = [resolve, reject]));
      target.on('basic.return', () => fail(new Error('the queue of old messages is gone')));
      for (const channel of [source, target]) channel.once('close', () => fail(new Error('the connection broke')));
      const reading = readStream(source, 'first', (message) => {
        const { raw } = message;
        const copy = toMessage(raw);
        if (topics.has(copy.topic)) {
          const envelope = {
            ...envelopeOf(copy),
            routingKey: names.old,
            timestamp: raw.timestamp ?? 0,
            mandatory: true,
          };
          const copied = target.basicPublish(envelope, raw.body as Buffer);
          // Of the whole chain its end alone is kept.
          copying = Promise.all([copying, copied]).then(() => undefined);
          copying.catch(fail);
        }
        read += 1;
        if (read % COPY_WINDOW === 0) copying.then(() => message.take(), fail);
        // The second marker is written when the first is read: what was on its way beside it is in the stream by then.
        if (raw.messageId === firstMarker) publishMarker(target, lastMarker).catch(fail);
        if (raw.messageId === lastMarker) copying.then(isDone, fail);
      });
      // All at once: a connection that breaks ends it wherever it is, also while the reading is still to begin.
      await Promise.all([done, reading.then(() => publishMarker(target, firstMarker))]);
      // The last one: who has it knows that there is nothing behind it.
      const end = { topic: MARKER_TOPIC, key: MARKER_TOPIC, value: '' };
      await target.basicPublish({ ...envelopeOf(end), routingKey: names.old }, Buffer.alloc(0));
    }),
  );
}

async function setUp(
  context: RabbitContext,
  lock: Channel,
  names: GroupNames,
  topics: readonly string[],
): Promise<void> {
  await withChannel(context, async (channel) => {
    // A setup that broke off left queues that nobody has read; a group that was deleted by hand, what it had read.
    await channel.exchangeDelete({ exchange: names.done });
    for (const queue of [names.old, ...names.queues]) await channel.queueDelete({ queue });
    await declareShared(channel);
    await declareGroup(channel, names);
    await bindTopics(channel, names.exchange, topics);
  });
  await copyOld(context, names, new Set(topics));
  await pause(context, WRITTEN_DOWN_MS);
  // On the channel of the lock: where the server was killed meanwhile, this fails, and all of it is done again.
  await declareMark(lock, names.ready);
}

/** Whether the group's old messages have all been read. */
export function isOldDone(context: RabbitContext, { done }: GroupNames): Promise<boolean> {
  return hasMark(context, done);
}

/** Whether the queue of old messages is there. */
export function hasOld(context: RabbitContext, { old }: GroupNames): Promise<boolean> {
  return isThere(context, (channel) => channel.queueDeclare({ queue: old, passive: true }));
}

/** Says that the old messages have all been read, for good. */
export function markOldDone(context: RabbitContext, { done }: GroupNames): Promise<void> {
  return withChannel(context, (channel) => declareMark(channel, done));
}

/**
 * Deletes the queue of old messages when the mark that they are read is on disk. Without that, a server killed in those
 * seconds lists the queue for good, without what it held or anybody who could read it. Rejects where the channel breaks.
 */
export async function deleteOld(context: RabbitContext, channel: Channel, { old }: GroupNames): Promise<void> {
  await pause(context, WRITTEN_DOWN_MS);
  await channel.queueDelete({ queue: old });
}

async function trySetUp(context: RabbitContext, names: GroupNames, topics: readonly string[]): Promise<boolean> {
  if (await hasMark(context, names.ready)) {
    await withChannel(context, (channel) => bindTopics(channel, names.exchange, topics));
    return true;
  }
  const lock = await acquireChannel(context);
  try {
    // Another connection's exclusive queue cannot be declared; it goes with that connection.
    await lock.queueDeclare({ queue: names.lock, exclusive: true });
  } catch {
    await closeChannel(lock);
    return false;
  }
  try {
    if (!(await hasMark(context, names.ready))) await setUp(context, lock, names, topics);
    return true;
  } finally {
    await lock.queueDelete({ queue: names.lock }).catch(() => undefined);
    await closeChannel(lock);
  }
}

/** Resolves when the group is set up, by us or by another member; tries until `isWanted` says no. */
export async function ensureGroup(
  context: RabbitContext,
  names: GroupNames,
  topics: readonly string[],
  isWanted: () => boolean,
): Promise<void> {
  // Members on one connection share its lock: they come one after the other.
  const { settingUp } = context;
  while (isWanted()) {
    const before = settingUp.get(names.exchange);
    if (before !== undefined) {
      await before;
      continue;
    }
    const trying = trySetUp(context, names, topics).catch((error: unknown) => {
      context.log.debug({ error: String(error) }, 'a group of RabbitMQ could not be set up; trying again');
      return false;
    });
    settingUp.set(names.exchange, trying);
    const isDone = await trying;
    settingUp.delete(names.exchange);
    if (isDone) return;
    await pause(context, LOOK_AGAIN_MS);
  }
}
