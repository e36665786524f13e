// What no broker takes: every adapter asks here before it sends, so that all of them refuse alike.
import { MESSAGE_BYTES_MAX, type BrokerMessage } from './broker.ts';

const TOPIC_PATTERN = /^[A-Za-z0-9._-]{1,200}$/;
const KEY_BYTES_MAX = 1_024;

/** A message that no broker takes, however often it is sent. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
}

function isLonger(text: string, bytesMax: number): boolean {
  // A UTF-16 unit is at most three bytes: most texts need not be counted.
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax;
}

/** Throws MessageRefused where a message is too large, or its topic or key has a form that some broker does not take. */
export function refuseFaultyMessages(messages: readonly BrokerMessage[]): void {
  for (const { topic, key, value } of messages) {
    if (!TOPIC_PATTERN.test(topic))
      throw new MessageRefused('a topic has 1 to 200 of the characters A-Z a-z 0-9 . _ -');
    if (key === '' || isLonger(key, KEY_BYTES_MAX)) {
      throw new MessageRefused(`a key has 1 to ${KEY_BYTES_MAX} bytes (topic ${topic})`);
    }
    if (isLonger(value, MESSAGE_BYTES_MAX)) {
      throw new MessageRefused(`a message has at most ${MESSAGE_BYTES_MAX} bytes (topic ${topic})`);
    }
  }
}
