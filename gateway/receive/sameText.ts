// A client that keeps its connection often sends the same body again: the same operation, the same variables. It is
// given the same string then, whose hash is known already to all that look it up.
import type { Socket } from 'node:net';

/** What a waiting connection may keep, in characters. */
const KEPT_LENGTH_MAX = 2_048;

const texts = new WeakMap<Socket, string>();

/** Takes the text of a body and the connection that it came by; gives the string that was given for an equal one before. */
export function sameText(text: string, socket: Socket): string {
  const before = texts.get(socket);
  if (before === text) return before;
  if (text.length <= KEPT_LENGTH_MAX) texts.set(socket, text);
  return text;
}
