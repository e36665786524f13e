// The command line that the scripts of both brokers share: start on a fixed port and print the URL, or `--stop`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startInBackground, stopInBackground, type ServerRecipe } from './serverProcess.ts';

/** Which broker, and how it is prepared on a port with its data in a folder. */
export interface BrokerCommand {
  readonly name: string;
  readonly defaultPort: number;
  readonly prepare: (port: number, folder: string) => ServerRecipe;
  /** Ends what the broker on that port leaves behind. */
  readonly cleanUp?: (port: number) => void;
}

/** Reads `--port` and `--stop` from the command line, does it, and prints the URL or why it could not be. */
export async function runBrokerCommand({ name, defaultPort, prepare, cleanUp }: BrokerCommand): Promise<void> {
  try {
    const options = { port: { type: 'string', default: String(defaultPort) }, stop: { type: 'boolean' } } as const;
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    const folder = join(tmpdir(), `crm-${name}-${port}`);
    if (values.stop === true) await stopInBackground(folder, () => cleanUp?.(port));
    else console.log(await startInBackground(folder, () => prepare(port, folder)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
