// A TCP proxy that stands on one link and misbehaves on demand (reliability.md, section 8): one listener a link, its
// fault switched while connections are open. What a fault does to the bytes of one connection stands in faultyLink.ts.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { seededRandom } from '../../platform/random.ts';
import { FaultyLink, type Fault } from './faultyLink.ts';

export type { Fault } from './faultyLink.ts';

/** Where a proxy listens, and what repeats its chances. */
export interface FaultProxyOptions {
  readonly host?: string;
  readonly port?: number;
  readonly seed?: number;
}

/** A proxy that runs. */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** The address behind it as clients reach it through the proxy. */
  readonly url: string;
  readonly fault: Fault;
  /** Connections that it took so far, and the requests' bytes that came over them. */
  readonly taken: { readonly connections: number; readonly bytes: number };
  /** How many connections are open now. */
  open(): number;
  /** Switches the fault, for open connections too. */
  set(fault: Fault): Promise<void>;
  stop(): Promise<void>;
}

const NO_FAULT: Fault = { kind: 'none' };

class RunningProxy implements FaultProxy {
  readonly host: string;
  port: number;
  fault: Fault = NO_FAULT;
  readonly taken = { connections: 0, bytes: 0 };
  private readonly target: URL;
  private readonly random: () => number;
  private readonly links = new Set<FaultyLink>();
  private server: Server | undefined;

  constructor(target: URL, options: FaultProxyOptions) {
    this.target = target;
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    this.random = seededRandom(options.seed ?? 1);
  }

  get url(): string {
    return `${this.target.protocol}//${this.host}:${this.port}${this.target.pathname}`;
  }

  open(): number {
    return this.links.size;
  }

  async set(fault: Fault): Promise<void> {
    this.fault = fault;
    for (const link of this.links) link.switchTo(fault);
    if (fault.kind === 'refuse') await this.close();
    else if (this.server === undefined) await this.listen();
  }

  async stop(): Promise<void> {
    await this.close();
  }

  async listen(): Promise<void> {
    // Half-open, so that a half-closed side does not end the other.
    const server = createServer({ allowHalfOpen: true }, (client) => this.take(client));
    this.server = server;
    await new Promise<void>((ready, fail) => {
      server.once('error', fail);
      server.listen(this.port, this.host, ready);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  private async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const link of this.links) link.reset();
    if (server !== undefined) await new Promise((closed) => server.close(closed));
  }

  private take(client: Socket): void {
    const upstream = connect({ host: this.target.hostname, port: Number(this.target.port), allowHalfOpen: true });
    const link = new FaultyLink(client, upstream, { fault: this.fault, random: this.random });
    this.taken.connections++;
    this.links.add(link);
    client.on('data', (chunk: Buffer) => (this.taken.bytes += chunk.length));
    client.once('close', () => this.links.delete(link));
  }
}

/** Takes the address of a server; gives a proxy in front of it that does nothing wrong yet. */
export async function startFaultProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const proxy = new RunningProxy(new URL(target), options);
  await proxy.listen();
  return proxy;
}
