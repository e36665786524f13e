// What client and server of the local broker say to each other, one word a frame, and the check of what came in.
// First each proves to the other that it knows the secret (prove.ts); nothing else is heard before.

/** A message on the wire: topic, key, value. */
export type WireMessage = readonly [topic: string, key: string, value: string];
/** An entry of the log on the wire. */
export type WireEntry = readonly [seq: number, topic: string, key: string, value: string];

/** What a client says. `id` is the client's own number of what it asks for. */
export type ClientWord =
  | { readonly t: 'prove'; readonly nonce: string; readonly proof: string; readonly name: string }
  | { readonly t: 'publish'; readonly id: number; readonly messages: readonly WireMessage[] }
  | {
      readonly t: 'subscribe';
      readonly id: number;
      readonly group: string;
      readonly topics: readonly string[];
      readonly inFlightMax: number;
    }
  | { readonly t: 'ack'; readonly id: number; readonly seqs: readonly number[] }
  /** `after` is `now`, a position, or `oldest`: what is still kept. */
  | { readonly t: 'follow'; readonly id: number; readonly topics: readonly string[]; readonly after: string }
  /** The follower `id` has taken its batch. */
  | { readonly t: 'next'; readonly id: number }
  | { readonly t: 'end'; readonly id: number }
  | { readonly t: 'ping' };

/** What the server says. */
export type ServerWord =
  | { readonly t: 'hello'; readonly nonce: string }
  | { readonly t: 'proven'; readonly proof: string; readonly log: string }
  /** Yes to `id`: published, following from `seq` on, ended. */
  | { readonly t: 'yes'; readonly id: number; readonly seq: number }
  | { readonly t: 'no'; readonly id: number; readonly why: string; readonly isTooOld: boolean }
  | { readonly t: 'entries'; readonly id: number; readonly entries: readonly WireEntry[] }
  | { readonly t: 'pong' };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isListOf =
  (isOne: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isOne);
const isMessage = (value: unknown): boolean => Array.isArray(value) && value.length === 3 && value.every(isText);
const isEntry = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 4 && isCount(value[0]) && value.slice(1).every(isText);

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const CLIENT_SHAPES: Readonly<Record<ClientWord['t'], Shape>> = {
  prove: { nonce: isText, proof: isText, name: isText },
  publish: { id: isCount, messages: isListOf(isMessage) },
  subscribe: { id: isCount, group: isText, topics: isListOf(isText), inFlightMax: isCount },
  ack: { id: isCount, seqs: isListOf(isCount) },
  follow: { id: isCount, topics: isListOf(isText), after: isText },
  next: { id: isCount },
  end: { id: isCount },
  ping: {},
};
const SERVER_SHAPES: Readonly<Record<ServerWord['t'], Shape>> = {
  hello: { nonce: isText },
  proven: { proof: isText, log: isText },
  yes: { id: isCount, seq: isCount },
  no: { id: isCount, why: isText, isTooOld: (value) => typeof value === 'boolean' },
  entries: { id: isCount, entries: isListOf(isEntry) },
  pong: {},
};

function fits(frame: unknown, shapes: Readonly<Record<string, Shape>>): boolean {
  if (!isRecord(frame) || typeof frame['t'] !== 'string' || !Object.hasOwn(shapes, frame['t'])) return false;
  return Object.entries(shapes[frame['t']] ?? {}).every(([name, isFit]) => isFit(frame[name]));
}

/** Takes a frame from a client; gives it as a word. Throws where it is none. */
export function readClientWord(frame: unknown): ClientWord {
  if (!fits(frame, CLIENT_SHAPES)) throw new Error('the frame is no word of a client');
  return frame as ClientWord;
}

/** Takes a frame from the server; gives it as a word. Throws where it is none. */
export function readServerWord(frame: unknown): ServerWord {
  if (!fits(frame, SERVER_SHAPES)) throw new Error('the frame is no word of the broker');
  return frame as ServerWord;
}
