// Stands between a client and its MongoDB server and notes every command that passes, as it is on the wire. What a test
// counts or explains here is what was really sent. Only whole OP_MSG frames of clients are read; bytes pass unchanged.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { deserialize } from 'bson';

const HEADER_BYTES = 16;
const OP_MSG = 2013;

/** A command as a client sent it, with the documents of its sequences (`documents`, `updates`, `deletes`) in place. */
export type TappedCommand = Readonly<Record<string, unknown>>;

/** A running tap. */
export interface WireTap {
  /** Where clients connect instead of to the server. */
  readonly uri: string;
  /** All commands so far, in order. */
  readonly commands: readonly TappedCommand[];
  stop(): Promise<void>;
}

/** Reads the sections of an OP_MSG frame: one body, and sequences of documents that belong into it. */
function readCommand(frame: Buffer): TappedCommand {
  let command: Record<string, unknown> = {};
  const sequences: Record<string, unknown[]> = {};
  for (let at = HEADER_BYTES + 4; at < frame.length;) {
    const kind = frame[at];
    const bytes = frame.readInt32LE(at + 1);
    const section = frame.subarray(at + 1, at + 1 + bytes);
    if (kind === 0) command = deserialize(section);
    else {
      const nameEnd = section.indexOf(0, 4);
      const documents: unknown[] = [];
      for (let from = nameEnd + 1; from < bytes; from += section.readInt32LE(from)) {
        documents.push(deserialize(section.subarray(from, from + section.readInt32LE(from))));
      }
      sequences[section.toString('utf8', 4, nameEnd)] = documents;
    }
    at += 1 + bytes;
  }
  return { ...command, ...sequences };
}

function note(client: Socket, commands: TappedCommand[]): void {
  let rest = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const frame = rest.subarray(0, rest.readInt32LE(0));
      if (frame.readInt32LE(12) === OP_MSG) commands.push(readCommand(frame));
      rest = rest.subarray(frame.length);
    }
  });
}

/** Takes the URI of a server with one host; gives a tap in front of it. */
export async function startWireTap(serverUri: string): Promise<WireTap> {
  const { hostname, port } = new URL(serverUri.replace(/^mongodb:/, 'http:'));
  const commands: TappedCommand[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port || 27017), hostname);
    note(client, commands);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const own = (server.address() as AddressInfo).port;
  return {
    // A replica set would lead its clients past the tap, to the address that it knows itself by.
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    commands,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
