// A follower's place in Kafka as text: for each topic the next offset of each of its partitions. Offsets are written
// to the base of 36, `.` between partitions, `:` between topics; nothing is 0 and `_` is "the oldest kept".
import { createHash } from 'node:crypto';
import { PositionTooOld } from '../broker.ts';

/** The oldest message kept, whichever offset it has. */
export const OLDEST = -1;

const BASE = 36;
const POSITION_PATTERN = /^k([0-9a-f]{6}):([0-9a-z_.:]*)$/;

function fingerprint(topics: readonly string[]): string {
  return createHash('sha256').update(topics.join(' ')).digest('hex').slice(0, 6);
}

function writeOffsets(offsets: readonly number[]): string {
  const texts = offsets.map((offset) => (offset === OLDEST ? '_' : offset === 0 ? '' : offset.toString(BASE)));
  return texts.join('.').replace(/\.+$/, '');
}

/** The places of one reader in its topics, and their text, which is kept as they move. */
export class KafkaPosition {
  readonly topics: readonly string[];
  private readonly prefix: string;
  private readonly offsets: number[][];
  private readonly texts: string[];

  /** Takes the topics, which the text does not name, in any order. */
  constructor(topics: readonly string[]) {
    this.topics = [...new Set(topics)].sort();
    this.prefix = `k${fingerprint(this.topics)}:`;
    this.offsets = this.topics.map(() => []);
    this.texts = this.topics.map(() => '');
  }

  /** The next offset to read; 0 for a partition that the text does not name. */
  get(topic: string, partition: number): number {
    return this.offsets[this.topics.indexOf(topic)]?.[partition] ?? 0;
  }

  /** Moves on in one partition. */
  set(topic: string, partition: number, offset: number): void {
    const at = this.topics.indexOf(topic);
    const offsets = this.offsets[at];
    if (offsets === undefined) return;
    while (offsets.length < partition) offsets.push(0);
    offsets[partition] = offset;
    this.texts[at] = writeOffsets(offsets);
  }

  /** The position as text. */
  get text(): string {
    return this.prefix + this.texts.join(':');
  }
}

/** Takes a position's text and the topics; throws PositionTooOld where the text is not one of these topics. */
export function readKafkaPosition(text: string, topics: readonly string[]): KafkaPosition {
  const position = new KafkaPosition(topics);
  const [, print, body = ''] = POSITION_PATTERN.exec(text) ?? [];
  const parts = body.split(':');
  if (print !== fingerprint(position.topics) || parts.length !== position.topics.length) {
    throw new PositionTooOld('the position is not one of these topics on this broker');
  }
  for (const [at, topic] of position.topics.entries()) {
    for (const [partition, word] of (parts[at] ?? '').split('.').entries()) {
      const offset = word === '_' ? OLDEST : word === '' ? 0 : Number.parseInt(word, BASE);
      if (!Number.isSafeInteger(offset)) throw new PositionTooOld('the position names an offset that cannot be');
      position.set(topic, partition, offset);
    }
  }
  return position;
}
