// A place in RabbitMQ as text. A follower's: the offset in the stream, and a print of the message there, which shows that
// it is still the same stream. A group's queues know no offsets: their place is the time of publishing.
import { createHash } from 'node:crypto';
import { BROKER_KEPT_MS, PositionTooOld } from '../broker.ts';

const BASE = 36;
const PRINT_DIGITS = 8;
const OFFSET_PATTERN = /^r([0-9a-z]{1,11})\.([0-9a-f]{8})$/;
const TIME_PATTERN = /^t([0-9a-z]{1,11})$/;
/** Clocks of publishers and servers may differ by so much; what lies within is read twice. */
const SKEW_MS = 60_000;

/** Where to read from: behind a message that is known by its print, from a message on, or from a moment on. */
export type RabbitPlace =
  { readonly offset: number; readonly print: string } | { readonly fromOffset: number } | { readonly fromMs: number };

/** Takes a message's body; gives its print. */
export function printOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, PRINT_DIGITS);
}

/** Gives the position behind the message at an offset. */
export function writeOffset(offset: number, print: string): string {
  return `r${offset.toString(BASE)}.${print}`;
}

/** Gives the position of a message of a group, published at that moment. */
export function writeTime(publishedMs: number): string {
  return `t${Math.max(0, publishedMs).toString(BASE)}`;
}

/** Takes a position's text; throws PositionTooOld where it is none of RabbitMQ's, or from before what is kept. */
export function readRabbitPosition(text: string, nowMs: number): RabbitPlace {
  const [, offset, print] = OFFSET_PATTERN.exec(text) ?? [];
  if (offset !== undefined && print !== undefined) return { offset: Number.parseInt(offset, BASE), print };
  const [, time] = TIME_PATTERN.exec(text) ?? [];
  if (time === undefined) throw new PositionTooOld('the position is not one of this broker');
  const fromMs = Number.parseInt(time, BASE) - SKEW_MS;
  if (fromMs < nowMs - BROKER_KEPT_MS) throw new PositionTooOld('the position is older than what is kept');
  return { fromMs };
}
