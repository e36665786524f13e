// `compose`: the subgraphs of supergraph.yaml become one supergraph, once or after every change.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../../platform/config.ts';
import { openLog } from '../../platform/log.ts';
import { composeSupergraph } from '../compose.ts';
import { watchSupergraph, writeSupergraph } from '../watch.ts';
import { EXIT, type Exit } from './exit.ts';

interface ComposeOptions {
  readonly config: string;
  readonly out?: string;
  readonly watch?: true;
}

async function composeOnce(options: ComposeOptions): Promise<Exit> {
  const composed = await composeSupergraph(resolve(options.config));
  if (!composed.ok) {
    process.stderr.write(`${composed.messages.join('\n')}\n`);
    return EXIT.refused;
  }
  for (const hint of composed.hints) process.stderr.write(`hint ${hint}\n`);
  if (options.out === undefined) process.stdout.write(composed.supergraph);
  else await writeSupergraph(resolve(options.out), composed.supergraph);
  return EXIT.done;
}

async function composeForever(options: ComposeOptions, outPath: string): Promise<Exit> {
  const log = openLog('registry', readConfig().CRM_LOG_LEVEL);
  const { first, stop } = await watchSupergraph({ configPath: resolve(options.config), outPath, log });
  process.send?.({ ready: outPath });
  // A watch has only unref'd timers, so an open handle must keep the process until a signal ends it.
  const keepAlive = setInterval(() => undefined, 60_000);
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(signal, () => done());
  });
  clearInterval(keepAlive);
  await stop();
  // Listening to the parent keeps the process alive too.
  if (process.connected) process.disconnect();
  return first.ok ? EXIT.done : EXIT.refused;
}

async function run(options: ComposeOptions): Promise<Exit> {
  if (options.watch === undefined) return composeOnce(options);
  if (options.out === undefined) {
    process.stderr.write('--watch needs --out FILE\n');
    return EXIT.wrongUsage;
  }
  return composeForever(options, resolve(options.out));
}

/** Takes what is told the exit code; gives the command. */
export function composeCommand(exit: (code: Exit) => void): Command {
  return new Command('compose')
    .description('compose the subgraphs of supergraph.yaml into one supergraph')
    .option('--config <file>', 'the list of subgraphs', 'supergraph.yaml')
    .option('--out <file>', 'where to write the supergraph; standard output by default')
    .option('--watch', 'compose again after every change')
    .action(async (options: ComposeOptions) => exit(await run(options)));
}
