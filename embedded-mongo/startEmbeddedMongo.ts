// Puts store, engine and wire together and listens. Tests start it in their own process in milliseconds.
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { systemClock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Engine } from './engine.ts';
import { reap } from './store/reaper.ts';
import { Store } from './store/store.ts';
import { Connection } from './wire/connection.ts';

const CONNECTIONS_MAX = 2_000;
const HOUSEKEEPING_MS = 2_000;
/** More often: others wait for the transactions of clients that left. */
const SESSIONS_MS = 500;

/** Where to listen (port 0: any free one) and where the data are: a folder, or `:memory:`. */
interface EmbeddedMongoOptions {
  readonly host: string;
  readonly port: number;
  readonly dataPath: string;
  readonly log: Log;
}

/** A server that listens. */
export interface EmbeddedMongo {
  readonly uri: string;
  readonly port: number;
  /** Closes the connections and the store. */
  stop(): Promise<void>;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function every(intervalMs: number, task: () => void): () => void {
  let cancel = (): void => undefined;
  const run = (): void => {
    task();
    cancel = systemClock.after(intervalMs, run);
  };
  cancel = systemClock.after(intervalMs, run);
  return () => cancel();
}

function keepHouse(store: Store, engine: Engine, log: Log): () => void {
  const stopSessions = every(SESSIONS_MS, () => engine.sessions.closeIdle());
  const stopOthers = every(HOUSEKEEPING_MS, () => {
    engine.cursors.closeIdle();
    reap(store, systemClock.now(), log);
  });
  return () => {
    stopSessions();
    stopOthers();
  };
}

/** Starts a server. Throws the system's error when the address cannot be listened on. */
export async function startEmbeddedMongo({ host, port, dataPath, log }: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const store = new Store(dataPath);
  const engine = new Engine(store, systemClock, log);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    connections += 1;
    const id = connections;
    const peer = { id, hasLeft: () => socket.destroyed };
    new Connection(
      socket,
      { answer: (request) => engine.answer(request, peer), left: () => engine.sessions.leave(id) },
      log,
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  let bound: number;
  try {
    bound = await listen(server, host, port);
  } catch (error) {
    store.close();
    throw error;
  }
  const stopHousekeeping = keepHouse(store, engine, log);
  return {
    uri: `mongodb://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    async stop() {
      stopHousekeeping();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      store.close();
    },
  };
}
