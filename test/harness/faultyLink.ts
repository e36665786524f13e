// One connection through the fault proxy: requests go up, answers come down through the fault of the moment. Bytes keep
// their order whatever happens to them; the fault can be switched while they wait.
import type { Socket } from 'node:net';

/** What a link does. Faults that name bytes count those of the answer, on each connection since the switch. */
export type Fault =
  | { readonly kind: 'none' }
  /** Nobody listens: open connections are reset, new ones refused. */
  | { readonly kind: 'refuse' }
  /** Connections are taken and not a byte moves either way until the fault is switched: a process that was stopped. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The answer is reset after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Reset as soon as a byte of a request comes; the server never sees it. */
  | { readonly kind: 'reset' }
  /** The first request of a connection made from now on is served, the next byte resets it; older ones are reset. */
  | { readonly kind: 'stale' }
  /** The sending side is ended after so many bytes, while requests are still read. */
  | { readonly kind: 'half-close'; readonly afterBytes: number }
  /** Every byte of the answer travels alone. */
  | { readonly kind: 'slices' }
  /** One byte in so many is flipped, the first one after that many. */
  | { readonly kind: 'corrupt'; readonly everyBytes: number }
  /** Stops after so many bytes and keeps the connection open. */
  | { readonly kind: 'stall'; readonly afterBytes: number };

/** The fault at the start, and where chances come from. */
export interface LinkSettings {
  readonly fault: Fault;
  readonly random: () => number;
}

/** So many bytes may wait for their turn before the sender is paused. */
const WAITING_BYTES_MAX = 262_144;

/** Carries chunks one after the other; `carry` may take its time. */
class Lane {
  private tail: Promise<void> = Promise.resolve();
  private waitingBytes = 0;
  private readonly from: Socket;
  private readonly carry: (chunk: Buffer, cameMs: number) => Promise<void>;

  constructor(
    from: Socket,
    carry: (chunk: Buffer, cameMs: number) => Promise<void>,
    end: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.from = from;
    this.carry = carry;
    from.on('data', (chunk: Buffer) => this.push(chunk));
    from.once('end', () => {
      this.tail = this.tail.then(end);
    });
  }

  private push(chunk: Buffer): void {
    const cameMs = performance.now();
    this.waitingBytes += chunk.length;
    if (this.waitingBytes > WAITING_BYTES_MAX) this.from.pause();
    this.tail = this.tail.then(async () => {
      await this.carry(chunk, cameMs);
      this.waitingBytes -= chunk.length;
      if (this.waitingBytes <= WAITING_BYTES_MAX) this.from.resume();
    });
  }
}

function wait(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

/** Two sockets and the fault between them. */
export class FaultyLink {
  private readonly client: Socket;
  private readonly upstream: Socket;
  private readonly random: () => number;
  private fault: Fault;
  /** Bytes of the answer since the fault was switched on, and whether an answer went down at all. */
  private answeredBytes = 0;
  private served = false;
  private wake: () => void = () => undefined;
  private switched: Promise<void> = Promise.resolve();

  constructor(client: Socket, upstream: Socket, settings: LinkSettings) {
    this.client = client;
    this.upstream = upstream;
    this.random = settings.random;
    this.fault = settings.fault;
    this.renew();
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.once('close', () => this.end(other));
    }
    // Who asks and ends is gone, as HTTP clients are: nobody ends the sending side alone and waits for an answer.
    client.once('end', () => client.destroy());
    new Lane(client, (chunk) => this.carryUp(chunk));
    new Lane(
      upstream,
      (chunk, cameMs) => this.carryDown(chunk, cameMs),
      () => this.endClient(),
    );
  }

  /** Changes the fault; what waits goes on under the new one. */
  switchTo(fault: Fault): void {
    this.fault = fault;
    this.answeredBytes = 0;
    if (fault.kind === 'stale') this.reset();
    const { wake } = this;
    this.renew();
    wake();
  }

  /** Breaks both sides with a reset. */
  reset(): void {
    this.client.resetAndDestroy();
    this.upstream.destroy();
    this.wake();
  }

  private renew(): void {
    this.switched = new Promise((resolve) => (this.wake = resolve));
  }

  private end(other: Socket): void {
    // What was written before the other side closed still arrives; a stopped link tells nobody.
    if (this.fault.kind !== 'silence') other.destroySoon();
    else if (other === this.upstream) other.destroy();
    this.wake();
  }

  private async endClient(): Promise<void> {
    while (this.holds()) await this.switched;
    this.client.end();
  }

  /** Whether nothing may pass now. */
  private holds(): boolean {
    const stalls = this.fault.kind === 'stall' && this.answeredBytes >= this.fault.afterBytes;
    return (this.fault.kind === 'silence' || stalls) && !this.client.destroyed;
  }

  private async carryUp(chunk: Buffer): Promise<void> {
    while (this.fault.kind === 'silence' && !this.client.destroyed) await this.switched;
    if (this.fault.kind === 'reset' || (this.fault.kind === 'stale' && this.served)) this.reset();
    else if (this.upstream.writable) await this.write(this.upstream, chunk);
  }

  private async carryDown(chunk: Buffer, cameMs: number): Promise<void> {
    let rest = chunk;
    while (rest.length > 0 && !this.client.destroyed) {
      while (this.holds()) await this.switched;
      rest = rest.subarray(await this.carryPiece(rest, cameMs));
    }
  }

  /** Sends as much as the fault lets pass at once; gives how many bytes that were. */
  private async carryPiece(rest: Buffer, cameMs: number): Promise<number> {
    const { fault } = this;
    let piece = rest;
    if (fault.kind === 'latency') {
      const ms = fault.ms + (fault.jitterMs ?? 0) * (2 * this.random() - 1);
      await wait(cameMs + ms - performance.now());
    } else if (fault.kind === 'bandwidth') {
      piece = rest.subarray(0, Math.max(1, Math.ceil(fault.bytesPerSecond / 50)));
      await wait((piece.length / fault.bytesPerSecond) * 1_000);
    } else if (fault.kind === 'slices') {
      piece = rest.subarray(0, 1);
    } else if ('afterBytes' in fault) {
      piece = rest.subarray(0, Math.max(0, fault.afterBytes - this.answeredBytes));
    } else if (fault.kind === 'corrupt') {
      piece = this.flip(rest, fault.everyBytes);
    }
    await this.write(this.client, piece);
    this.answeredBytes += piece.length;
    this.served = true;
    if (fault === this.fault && 'afterBytes' in fault && this.answeredBytes >= fault.afterBytes) {
      if (fault.kind === 'cut') this.reset();
      if (fault.kind === 'half-close') this.client.end();
      return fault.kind === 'stall' ? piece.length : rest.length;
    }
    return piece.length;
  }

  private flip(bytes: Buffer, everyBytes: number): Buffer {
    const flipped = Buffer.from(bytes);
    const first = everyBytes - 1 - (this.answeredBytes % everyBytes);
    for (let at = first; at < flipped.length; at += everyBytes) flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    return flipped;
  }

  private async write(to: Socket, piece: Buffer): Promise<void> {
    if (piece.length === 0 || !to.writable) return;
    await new Promise<void>((written) => to.write(piece, () => written()));
  }
}
