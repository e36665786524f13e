// A UDP name server on loopback that is slow, silent, wrong or changing, as a test tells it; it knows addresses of IPv4.
import { createSocket, type RemoteInfo } from 'node:dgram';

/** How names are answered. */
export interface NameAnswers {
  /** What every name resolves to; none: there is no such name. */
  addresses: readonly string[];
  delayMs: number;
  /** Says nothing at all. */
  silent: boolean;
}

/** A name server that listens. */
export interface NameServer extends NameAnswers {
  readonly port: number;
  /** The names that were asked for, one entry a query. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const HEADER_BYTES = 12;
const NO_SUCH_NAME = 3;
const TYPE_A = 1;

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** Builds the answer: the question again, and an address record for each address, good for no time at all. */
function answerTo(query: Buffer, questionEnd: number, addresses: readonly string[]): Buffer {
  const isAddressQuery = query.readUInt16BE(questionEnd) === TYPE_A;
  const given = isAddressQuery ? addresses : [];
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8580 | (addresses.length === 0 ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(given.length, 6);
  header.writeUInt32BE(0, 8);
  const records = given.map((address) =>
    Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, query.subarray(HEADER_BYTES, questionEnd + 4), ...records]);
}

/** Starts a name server; names resolve to `addresses` at once until it is told otherwise. */
export async function startNameServer(addresses: readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const answers: NameAnswers = { addresses, delayMs: 0, silent: false };
  const timers = new Set<NodeJS.Timeout>();
  await new Promise<void>((ready) => socket.bind(0, '127.0.0.1', ready));
  const server: NameServer = Object.assign(answers, {
    port: socket.address().port,
    asked,
    stop() {
      for (const timer of timers) clearTimeout(timer);
      return new Promise<void>((closed) => socket.close(() => closed()));
    },
  });
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, end } = readName(query);
    if (query.readUInt16BE(end) === TYPE_A) asked.push(name);
    if (server.silent) return;
    const answer = answerTo(query, end, server.addresses);
    timers.add(setTimeout(() => socket.send(answer, from.port, from.address), server.delayMs));
  });
  return server;
}
