// The local broker: a log in SQLite behind a port of this machine, for graphs without Kafka or RabbitMQ. One process,
// one disk: it survives its own end at any moment, not that of the disk.
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { BrokerMessage } from '../broker.ts';
import { openLogDispatch, type LogDispatch } from '../log/logDispatch.ts';
import { serveSession, type SessionBase } from './session.ts';
import { openSqliteLogStore, type Retention, type SqliteLogStore } from './sqliteLogStore.ts';

const CONNECTIONS_MAX = 256;
/** How often the places of groups are written: after a crash so much of their work is repeated. */
const FLUSH_MS = 100;
const TRIM_MS = 10_000;
/** How soon it goes on where there is more to drop: publishes come in between. */
const TRIM_AGAIN_MS = 20;

/** What the broker is started from. */
export interface LocalBrokerPlan {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The folder of its log; it is made where it is missing. */
  readonly dataPath: string;
  readonly secret: string;
  readonly retention: Retention;
  readonly log: Log;
  readonly clock: Clock;
}

/** A running local broker. */
export interface LocalBrokerServer {
  /** `local://host:port`. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Publish {
  readonly messages: readonly BrokerMessage[];
  readonly answer: (fault?: unknown) => void;
}

/** Gathers what is published in one turn of the event loop into one transaction: one flush of the disk for all. */
function openAppend(dispatch: LogDispatch): SessionBase['append'] {
  let waiting: Publish[] = [];
  const write = (): void => {
    const publishes = waiting;
    waiting = [];
    let fault: unknown;
    try {
      dispatch.append(publishes.flatMap(({ messages }) => messages));
    } catch (error) {
      fault = error ?? new Error('the log failed');
    }
    for (const { answer } of publishes) answer(fault);
  };
  return (messages, answer) => {
    if (waiting.length === 0) setImmediate(write);
    waiting.push({ messages, answer });
  };
}

/** Runs a task again and again; it says after how many milliseconds. Gives what ends it. */
function repeat(clock: Clock, log: Log, task: () => number): () => void {
  let cancel = (): void => undefined;
  const run = (): void => {
    let nextMs = TRIM_MS;
    try {
      nextMs = task();
    } catch (error) {
      log.error({ err: error }, 'the log of the broker failed');
    }
    cancel = clock.after(nextMs, run);
  };
  cancel = clock.after(FLUSH_MS, run);
  return () => cancel();
}

function keepStore(store: SqliteLogStore, { clock, log, retention }: LocalBrokerPlan): () => void {
  const endFlush = repeat(clock, log, () => {
    store.flush();
    return FLUSH_MS;
  });
  const endTrim = repeat(clock, log, () => (store.trim(retention) ? TRIM_AGAIN_MS : TRIM_MS));
  return () => {
    endFlush();
    endTrim();
  };
}

function listen(server: Server, { host, port }: LocalBrokerPlan): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** Starts the broker; resolves when it listens. */
export async function startLocalBroker(plan: LocalBrokerPlan): Promise<LocalBrokerServer> {
  const { clock, log, secret, dataPath, host } = plan;
  mkdirSync(dataPath, { recursive: true, mode: 0o700 });
  // Also where it was there already: the files beside the log are made with the rights of this process.
  chmodSync(dataPath, 0o700);
  const path = join(dataPath, 'log.sqlite');
  const store = openSqliteLogStore(path, () => clock.now().getTime());
  chmodSync(path, 0o600);
  const dispatch = openLogDispatch(store, clock);
  const base = { store, dispatch, secret, clock, log, append: openAppend(dispatch) };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveSession(socket, base);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, plan);
  const endKeeping = keepStore(store, plan);
  const { port } = server.address() as AddressInfo;
  return {
    url: `local://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async stop() {
      endKeeping();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      // What was published in this turn is written and answered before the log closes.
      await new Promise((resolve) => setImmediate(resolve));
      store.close();
    },
  };
}
