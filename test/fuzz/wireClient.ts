// Sends bytes over TCP and waits for what comes back. Connections that stay whole are used again.
import { connect, type Socket } from 'node:net';
import type { BadInput } from './badInput.ts';
import { readAnswers, type ReadAnswers } from './readAnswers.ts';

/** What came back. */
export interface Exchange extends ReadAnswers {
  /** Whether a whole request was neither answered nor its connection closed in time. */
  readonly hangs: boolean;
}

/** After this long without a byte nothing more is to come for what is no whole request. */
const QUIET_MS = 40;
/** Beyond the gateway's own deadline for a request. */
const HANGS_MS = 15_000;

/** One connection at a time. */
export class WireClient {
  private readonly port: number;
  private readonly host: string;
  private socket: Socket | undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = Number(port);
  }

  /** Sends an input; gives all that is answered. */
  send(input: BadInput): Promise<Exchange> {
    const isWhole = input.answers !== undefined;
    const socket = (isWhole ? this.socket : undefined) ?? connect({ host: this.host, port: this.port, noDelay: true });
    this.socket = undefined;
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const read = (): ReadAnswers => readAnswers(Buffer.concat(chunks), input.isHead);
      const settle = (hangs: boolean, isOver: boolean): void => {
        clearTimeout(timer);
        socket.removeAllListeners().on('error', () => undefined);
        const answered = read();
        const closes = answered.answers.some(({ headers }) => headers.get('connection') === 'close');
        // A reset leaves no port waiting: there are only so many.
        if (isWhole && !isOver && !hangs && !closes && answered.fault === undefined) this.socket = socket;
        else socket.resetAndDestroy();
        resolve({ ...answered, hangs });
      };
      const onTime = (): void => settle(isWhole, false);
      let timer = setTimeout(onTime, HANGS_MS);
      const onQuiet = (): void => {
        if (isWhole) return;
        clearTimeout(timer);
        timer = setTimeout(onTime, QUIET_MS);
      };
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        onQuiet();
        const { answers, fault } = read();
        if (fault !== undefined || answers.length === input.answers) settle(false, false);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => settle(false, true));
      socket.write(input.bytes, onQuiet);
    });
  }

  close(): void {
    this.socket?.destroy();
  }
}
