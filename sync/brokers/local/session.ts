// The server's side of one connection to the local broker: proves who it is, then serves what it asks for. Whatever it
// had not acknowledged when it ends goes to others.
import type { Socket } from 'node:net';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { drawSecret } from '../../../platform/random.ts';
import { PositionTooOld, type BrokerMessage } from '../broker.ts';
import type { Member } from '../log/group.ts';
import type { LogDispatch } from '../log/logDispatch.ts';
import type { LogEntry, LogStore } from '../log/logStore.ts';
import { refuseFaultyMessages } from '../refuseFaultyMessages.ts';
import { FRAME_BYTES_MAX, FrameReader, sendFrame } from './frames.ts';
import { isProof, proofOf } from './prove.ts';
import { readClientWord, type ClientWord, type ServerWord, type WireEntry } from './words.ts';

const PROOF_WITHIN_MS = 5_000;
const PROOF_BYTES_MAX = 1_024;
/** A client says something every 3 s (connection.ts); one that is silent for so long stands still. */
const SILENCE_MS = 15_000;
const IN_FLIGHT_MAX = 10_000;
const READINGS_MAX = 100;
const TOPICS_MAX = 100;
/** Members get nothing while so much waits to be sent to them. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;

/** What sessions share. */
export interface SessionBase {
  readonly store: LogStore;
  readonly dispatch: LogDispatch;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Appends together with what others publish at the same time; answers when it is kept, or with the fault. */
  readonly append: (messages: readonly BrokerMessage[], answer: (fault?: unknown) => void) => void;
}

type Proving = Extract<ClientWord, { t: 'prove' }>;
type Asking = Extract<ClientWord, { t: 'subscribe' | 'follow' }>;

const toWire = ({ seq, topic, key, value }: LogEntry): WireEntry => [seq, topic, key, value];

class Session {
  readonly #base: SessionBase;
  readonly #socket: Socket;
  readonly #nonce = drawSecret(16);
  readonly #members = new Map<number, Member>();
  readonly #followers = new Map<number, { close(): void; next: (() => void) | undefined }>();
  readonly #reader: FrameReader;
  #isProven = false;
  #heardMs: number;
  #cancelWatch: () => void;

  constructor(socket: Socket, base: SessionBase) {
    this.#base = base;
    this.#socket = socket;
    this.#heardMs = base.clock.steadyMs();
    this.#reader = new FrameReader((frame) => this.#hear(readClientWord(frame)), PROOF_BYTES_MAX);
    this.#cancelWatch = base.clock.after(PROOF_WITHIN_MS, () => this.#watch());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => {
      for (const member of this.#members.values()) member.wake();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end());
    this.#say({ t: 'hello', nonce: this.#nonce });
  }

  #say(word: ServerWord): void {
    sendFrame(this.#socket, word);
  }

  #read(chunk: Buffer): void {
    this.#heardMs = this.#base.clock.steadyMs();
    try {
      this.#reader.read(chunk);
    } catch (error) {
      this.#base.log.warn({ err: error }, 'a connection to the broker is closed');
      this.#socket.destroy();
    }
  }

  #watch(): void {
    const silentMs = this.#base.clock.steadyMs() - this.#heardMs;
    if (!this.#isProven || silentMs > SILENCE_MS) this.#socket.destroy();
    else this.#cancelWatch = this.#base.clock.after(PROOF_WITHIN_MS, () => this.#watch());
  }

  #end(): void {
    this.#cancelWatch();
    for (const member of this.#members.values()) member.leave();
    for (const follower of this.#followers.values()) follower.close();
    this.#members.clear();
    this.#followers.clear();
  }

  #hear(word: ClientWord): void {
    // Frames that came in one piece with the one for which the connection was closed.
    if (this.#socket.destroyed) return;
    if (!this.#isProven) {
      this.#prove(word);
      return;
    }
    switch (word.t) {
      case 'prove':
        throw new Error('it has proven who it is already');
      case 'publish':
        this.#publish(
          word.id,
          word.messages.map(([topic, key, value]) => ({ topic, key, value })),
        );
        return;
      case 'ack':
        for (const seq of word.seqs) this.#members.get(word.id)?.ack(seq);
        return;
      case 'subscribe':
      case 'follow':
        this.#begin(word);
        return;
      case 'next':
        this.#followers.get(word.id)?.next?.();
        return;
      case 'end':
        this.#close(word.id);
        return;
      case 'ping':
        this.#say({ t: 'pong' });
    }
  }

  #prove(word: ClientWord): void {
    if (word.t !== 'prove' || !this.#isRight(word)) {
      throw new Error('it does not know the secret (CRM_BROKER_SECRET)');
    }
    const nonces = { client: word.nonce, server: this.#nonce };
    this.#isProven = true;
    this.#reader.bytesMax = FRAME_BYTES_MAX;
    this.#base.log.debug({ client: word.name.slice(0, 100) }, 'connected');
    this.#say({ t: 'proven', proof: proofOf(this.#base.secret, 'server', nonces), log: this.#base.store.id });
  }

  #isRight({ nonce, proof }: Proving): boolean {
    return isProof(proof, proofOf(this.#base.secret, 'client', { client: nonce, server: this.#nonce }));
  }

  #publish(id: number, messages: readonly BrokerMessage[]): void {
    try {
      refuseFaultyMessages(messages);
    } catch (error) {
      this.#refuse(id, error);
      return;
    }
    this.#base.append(messages, (fault) => {
      if (fault === undefined) this.#say({ t: 'yes', id, seq: this.#base.store.headSeq() });
      else this.#refuse(id, fault);
    });
  }

  #refuse(id: number, fault: unknown): void {
    const why = fault instanceof Error ? fault.message : String(fault);
    this.#say({ t: 'no', id, why, isTooOld: fault instanceof PositionTooOld });
  }

  #begin(word: Asking): void {
    if (this.#members.size + this.#followers.size >= READINGS_MAX || word.topics.length > TOPICS_MAX) {
      throw new Error(`it asks for more than ${READINGS_MAX} readings or ${TOPICS_MAX} topics`);
    }
    this.#close(word.id);
    try {
      if (word.t === 'subscribe') this.#subscribe(word);
      else this.#follow(word);
    } catch (error) {
      if (!(error instanceof PositionTooOld)) throw error;
      this.#refuse(word.id, error);
    }
  }

  #subscribe({ id, group, topics, inFlightMax }: Extract<Asking, { t: 'subscribe' }>): void {
    const member = this.#base.dispatch.join(group, {
      topics,
      inFlightMax: Math.max(1, Math.min(inFlightMax, IN_FLIGHT_MAX)),
      isReady: () => this.#socket.writableLength < UNSENT_BYTES_MAX,
      deliver: (entries) => this.#say({ t: 'entries', id, entries: entries.map(toWire) }),
    });
    this.#members.set(id, member);
    this.#say({ t: 'yes', id, seq: this.#base.store.headSeq() });
  }

  #follow({ id, topics, after }: Extract<Asking, { t: 'follow' }>): void {
    const { store, dispatch } = this.#base;
    const one = { close: () => follower.close(), next: undefined as (() => void) | undefined };
    const seq = store.headSeq();
    const follower = dispatch.follow({
      topics,
      after: after === 'oldest' ? dispatch.positionOf(store.trimmedSeq()) : after,
      deliver: (entries) =>
        new Promise<void>((resolve) => {
          one.next = resolve;
          this.#say({ t: 'entries', id, entries: entries.map(toWire) });
        }),
    });
    this.#followers.set(id, one);
    this.#say({ t: 'yes', id, seq });
  }

  #close(id: number): void {
    this.#members.get(id)?.leave();
    this.#followers.get(id)?.close();
    this.#members.delete(id);
    this.#followers.delete(id);
  }
}

/** Serves a connection until it ends. */
export function serveSession(socket: Socket, base: SessionBase): void {
  new Session(socket, base);
}
