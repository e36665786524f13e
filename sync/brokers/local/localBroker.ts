// The client of the local broker: the port `Broker` over one connection. What it reads it asks for anew whenever the
// connection is up again; what it published without an answer rejects, and the relay sends it again.
import type { Clock } from '../../../platform/clock.ts';
import { StartError } from '../../../platform/lifecycle.ts';
import type { Log } from '../../../platform/log.ts';
import {
  PositionTooOld,
  type Broker,
  type BrokerMessage,
  type Following,
  type GroupSubscription,
  type Reading,
} from '../broker.ts';
import { refuseFaultyMessages } from '../refuseFaultyMessages.ts';
import { Connection } from './connection.ts';
import { FollowerReading, MemberReading, type OpenReading } from './readings.ts';
import type { ServerWord, WireMessage } from './words.ts';

const FRAME_MESSAGES_MAX = 500;
const FRAME_CHARACTERS_MAX = 512 * 1024;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (fault: Error) => void;
}

/** Cuts messages into frames that the broker takes. */
function cutFrames(messages: readonly BrokerMessage[]): WireMessage[][] {
  const frames: WireMessage[][] = [];
  let frame: WireMessage[] = [];
  let characters = 0;
  for (const { topic, key, value } of messages) {
    if (frame.length === FRAME_MESSAGES_MAX || (frame.length > 0 && characters + value.length > FRAME_CHARACTERS_MAX)) {
      frames.push(frame);
      frame = [];
      characters = 0;
    }
    frame.push([topic, key, value]);
    characters += value.length;
  }
  if (frame.length > 0) frames.push(frame);
  return frames;
}

class LocalBroker implements Broker {
  readonly kind = 'local';
  readonly #connection: Connection;
  readonly #publishes = new Map<number, Waiting>();
  readonly #readings = new Map<number, OpenReading>();
  #lastId = 0;
  #logId = '';
  #isClosed = false;

  constructor(plan: { host: string; port: number; secret: string; name: string; log: Log; clock: Clock }) {
    this.#connection = new Connection({
      ...plan,
      onUp: (logId) => {
        this.#logId = logId;
        for (const reading of this.#readings.values()) reading.begin(logId);
      },
      onDown: () => this.#onDown(),
      onWord: (word) => this.#hear(word),
    });
  }

  get firstTry(): Promise<void> {
    return this.#connection.firstTry;
  }

  async publish(messages: readonly BrokerMessage[]): Promise<void> {
    refuseFaultyMessages(messages);
    if (!this.#connection.isUp) throw new Error('the broker is away');
    await Promise.all(cutFrames(messages).map((frame) => this.#publish(frame)));
  }

  #publish(messages: readonly WireMessage[]): Promise<void> {
    const id = this.#drawId();
    return new Promise((resolve, reject) => {
      this.#publishes.set(id, { resolve, reject });
      this.#connection.say({ t: 'publish', id, messages });
    });
  }

  subscribe(subscription: GroupSubscription): Promise<Reading> {
    const id = this.#drawId();
    return this.#open(id, new MemberReading(id, subscription, (word) => this.#connection.say(word)));
  }

  follow(following: Following): Promise<Reading> {
    const id = this.#drawId();
    return this.#open(id, new FollowerReading(id, following, (word) => this.#connection.say(word)));
  }

  async #open(id: number, reading: OpenReading): Promise<Reading> {
    if (this.#isClosed) throw new Error('the connection to the broker is closed');
    this.#readings.set(id, reading);
    if (this.#connection.isUp) reading.begin(this.#logId);
    try {
      await reading.begun;
    } catch (error) {
      this.#readings.delete(id);
      throw error;
    }
    return {
      close: () => {
        this.#readings.delete(id);
        return reading.close();
      },
    };
  }

  isConnected(): boolean {
    return this.#connection.isUp;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const reading of this.#readings.values()) await reading.close();
    this.#readings.clear();
    await this.#connection.close();
    this.#onDown();
  }

  #drawId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #onDown(): void {
    for (const reading of this.#readings.values()) reading.pause();
    const fault = new Error('the connection to the broker ended before it answered');
    for (const { reject } of this.#publishes.values()) reject(fault);
    this.#publishes.clear();
  }

  #hear(word: ServerWord): void {
    if (!('id' in word)) return;
    const publish = this.#publishes.get(word.id);
    if (publish === undefined) {
      this.#readings.get(word.id)?.hear(word);
      return;
    }
    this.#publishes.delete(word.id);
    if (word.t === 'no') publish.reject(word.isTooOld ? new PositionTooOld(word.why) : new Error(word.why));
    else publish.resolve();
  }
}

/**
 * Takes `local://crm:secret@host:port`; gives the broker, connected, or connecting by itself where it is away. Throws
 * StartError for an address without a port or a secret.
 */
export async function openLocalBroker(
  url: string,
  options: { readonly name: string; readonly log: Log; readonly clock: Clock },
): Promise<Broker> {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.port === '' || parsed.password === '') {
    throw new StartError('CRM_BROKER_URL must be local://crm:secret@host:port, the secret being CRM_BROKER_SECRET');
  }
  const { hostname, port, password } = parsed;
  const broker = new LocalBroker({
    ...{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), secret: decodeURIComponent(password) },
    ...options,
  });
  await broker.firstTry;
  return broker;
}
