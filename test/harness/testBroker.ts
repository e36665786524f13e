// The local broker for a test, as the process that `npm start` runs: on a port of its own, with a secret of its own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawSecret } from '../../platform/random.ts';
import { startProcess, type StartedProcess } from './startProcess.ts';

/** A running broker. */
export interface TestBroker {
  readonly process: StartedProcess;
  /** What CRM_BROKER_URL is to be. */
  readonly url: string;
  /** Ends it without warning and starts it again, where it was. */
  killAndRevive(): Promise<void>;
  /** What lies on its disk, as text. */
  readLog(): Promise<string>;
  stop(): Promise<void>;
}

/** Takes a folder for its log; gives it running. */
export async function startTestBroker(folder: string): Promise<TestBroker> {
  const secret = drawSecret(32);
  const start = (port: string): Promise<StartedProcess> =>
    startProcess(['sync/brokers/local/main.ts'], {
      ...{ CRM_BROKER_PORT: port, CRM_BROKER_SECRET: secret, CRM_DATA_PATH: folder },
    });
  let running = await start('0');
  return {
    get process() {
      return running;
    },
    url: running.ready.replace('//', `//crm:${secret}@`),
    async killAndRevive() {
      await running.stop('SIGKILL');
      running = await start(new URL(running.ready).port);
    },
    async readLog() {
      const files = ['log.sqlite', 'log.sqlite-wal'].map((name) => readFile(join(folder, 'broker', name), 'utf8'));
      return (await Promise.all(files)).join('\n');
    },
    async stop() {
      await running.stop();
    },
  };
}
