// A client's connection to the local broker: proves who it is and checks the same of the other side, says now and then
// that it lives, and connects anew by itself for as long as nobody closes it.
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { drawSecret } from '../../../platform/random.ts';
import { FRAME_BYTES_MAX, FrameReader, sendFrame } from './frames.ts';
import { isProof, proofOf } from './prove.ts';
import { readServerWord, type ClientWord, type ServerWord } from './words.ts';

const BACK_OFF_MS_MIN = 20;
const BACK_OFF_MS_MAX = 2_000;
const PING_MS = 3_000;
/** So many pings without a word of the other side: it stands still. */
const SILENT_PINGS_MAX = 3;

/** What a connection is made of. */
export interface ConnectionPlan {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** Who connects, for the broker's log. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** It is proven, for the first time or anew; takes the name of the broker's log. */
  readonly onUp: (logId: string) => void;
  readonly onDown: () => void;
  readonly onWord: (word: ServerWord) => void;
}

/** A connection that mends itself. */
export class Connection {
  readonly #plan: ConnectionPlan;
  #socket: Socket | undefined;
  #isUp = false;
  #isClosed = false;
  #backOffMs = BACK_OFF_MS_MIN;
  /** Undefined until the other side has asked who we are. */
  #expectedProof: string | undefined;
  #silentPings = 0;
  #cancelTimer = (): void => undefined;
  #endFirstTry = (): void => undefined;
  /** Resolves when it is up, or could not be at the first try. */
  readonly firstTry: Promise<void>;

  constructor(plan: ConnectionPlan) {
    this.#plan = plan;
    this.firstTry = new Promise((resolve) => {
      this.#endFirstTry = resolve;
    });
    this.#connect();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Sends a word; one that is said while it is down is lost. */
  say(word: ClientWord): void {
    if (this.#isUp && this.#socket !== undefined) sendFrame(this.#socket, word);
  }

  /** Ends it; what was said before is sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const cancel = this.#plan.clock.after(PING_MS, () => socket.destroy());
    if (socket.connecting) socket.destroy();
    else socket.destroySoon();
    await closed;
    cancel();
  }

  #connect(): void {
    const { host, port, log } = this.#plan;
    const reader = new FrameReader((frame) => this.#hear(readServerWord(frame)), FRAME_BYTES_MAX);
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    this.#expectedProof = undefined;
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.read(chunk);
      } catch (error) {
        log.warn({ err: error }, 'the connection to the broker is closed');
        socket.destroy();
      }
    });
    // What went wrong is followed by `close`, which is where it is mended.
    socket.on('error', (error) => log.debug({ err: error }, 'the connection to the broker failed'));
    socket.on('close', () => this.#onClose());
    this.#silentPings = 0;
    this.#cancelTimer = this.#plan.clock.after(PING_MS, () => this.#ping());
  }

  #ping(): void {
    this.#silentPings += 1;
    if (this.#silentPings > SILENT_PINGS_MAX) this.#socket?.destroy();
    this.say({ t: 'ping' });
    this.#cancelTimer = this.#plan.clock.after(PING_MS, () => this.#ping());
  }

  #hear(word: ServerWord): void {
    this.#silentPings = 0;
    if (word.t === 'hello' && !this.#isUp) {
      this.#prove(word.nonce);
    } else if (word.t === 'proven') {
      // Whoever listens on the port must know the secret too, before it is told anything.
      const expected = this.#expectedProof;
      if (expected === undefined || !isProof(word.proof, expected))
        throw new Error('it does not know the secret of our broker');
      this.#isUp = true;
      this.#backOffMs = BACK_OFF_MS_MIN;
      this.#plan.onUp(word.log);
      this.#endFirstTry();
    } else if (this.#isUp) {
      this.#plan.onWord(word);
    }
  }

  #prove(server: string): void {
    const { secret, name } = this.#plan;
    // Fresh for each connection: an answer that somebody overheard proves nothing later.
    const nonce = drawSecret(16);
    const nonces = { client: nonce, server };
    this.#expectedProof = proofOf(secret, 'server', nonces);
    const proof = proofOf(secret, 'client', nonces);
    if (this.#socket !== undefined) sendFrame(this.#socket, { t: 'prove', nonce, proof, name });
  }

  #onClose(): void {
    this.#cancelTimer();
    this.#endFirstTry();
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (wasUp) this.#plan.onDown();
    if (this.#isClosed) return;
    if (wasUp) this.#plan.log.warn({ broker: this.#plan.name }, 'the broker is away; connecting again');
    this.#cancelTimer = this.#plan.clock.after(this.#backOffMs, () => this.#connect());
    this.#backOffMs = Math.min(this.#backOffMs * 2, BACK_OFF_MS_MAX);
  }
}
