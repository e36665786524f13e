// `registry serve`: the page to look at, on this machine alone, until it is stopped.
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, type Exit } from './exit.ts';

interface ServeOptions {
  readonly config: string;
  readonly store?: string;
  readonly usage: readonly string[];
  readonly port: number;
}

const PORT = 4100;

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a port, 0 for a free one.');
  return port;
}

/** Waits until somebody asks to end, or the parent is gone. */
function untilStopped(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(signal, () => done());
  });
}

async function run(options: ServeOptions): Promise<Exit> {
  // None of it is needed by the other commands of this program.
  const [{ openAnswers }, { openPageFiles, PAGE_FOLDER }, { openPageServer }, { openSources }, { preparePage }] =
    await Promise.all([
      import('../../page/answerPage.ts'),
      import('../../page/pageFiles.ts'),
      import('../../page/pageServer.ts'),
      import('../serve/openSources.ts'),
      import('../web/build.ts'),
    ]);
  const missing = await preparePage();
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    return EXIT.couldNot;
  }
  const { config, store, usage } = options;
  const sources = await openSources({ config, store, usage });
  const onFault = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  let server;
  try {
    server = await openPageServer(
      { answer: openAnswers(sources), files: openPageFiles(PAGE_FOLDER), onFault },
      options.port,
    );
  } catch (error) {
    await sources.close();
    process.stderr.write(`port ${options.port} cannot be used (${String(error)}); name another with --port\n`);
    return EXIT.couldNot;
  }
  process.stdout.write(`The registry’s page: ${server.url} (Ctrl-C ends it)\n`);
  process.send?.({ ready: server.url });
  await untilStopped();
  await server.stop();
  await sources.close();
  if (process.connected) process.disconnect();
  return EXIT.done;
}

/** Takes what is told the exit code; gives the command. */
export function serveCommand(exit: (code: Exit) => void): Command {
  return new Command('serve')
    .description('show history, schema and checks as a page, on this machine alone')
    .addOption(new Option('--config <file>', 'the working tree to show').default('supergraph.yaml').conflicts('store'))
    .option('--store <place>', 'show what is published: file:FOLDER, mongodb:… or https:…')
    .option(
      '--usage <place>',
      'who used what: mongodb: for the gateway’s database by day, or files of `crm-graph usage export`; may be repeated',
      (text: string, known: readonly string[]) => [...known, text],
      [],
    )
    .option('--port <number>', 'where to listen; 0 for a free port', readPort, PORT)
    .action(async (options: ServeOptions) => exit(await run(options)));
}
