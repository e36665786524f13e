// The registry's command line: `node registry/main.ts compose [--config supergraph.yaml] [--out FILE] [--watch]`.
// Exit codes: 0 composed, 1 does not compose, 2 could not try, 3 wrong usage.
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { readConfig } from '../platform/config.ts';
import { openLog } from '../platform/log.ts';
import { composeSupergraph } from './compose.ts';
import { RegistryError } from './readSupergraphFile.ts';
import { watchSupergraph, writeSupergraph } from './watch.ts';

interface ComposeOptions {
  readonly config: string;
  readonly out?: string;
  readonly watch?: true;
}

async function composeOnce(options: ComposeOptions): Promise<number> {
  const composed = await composeSupergraph(resolve(options.config));
  if (!composed.ok) {
    process.stderr.write(`${composed.messages.join('\n')}\n`);
    return 1;
  }
  for (const hint of composed.hints) process.stderr.write(`hint ${hint}\n`);
  if (options.out === undefined) process.stdout.write(composed.supergraph);
  else await writeSupergraph(resolve(options.out), composed.supergraph);
  return 0;
}

async function composeForever(options: ComposeOptions, outPath: string): Promise<number> {
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
  return first.ok ? 0 : 1;
}

async function run(options: ComposeOptions): Promise<number> {
  if (options.watch === undefined) return composeOnce(options);
  if (options.out === undefined) {
    process.stderr.write('--watch needs --out FILE\n');
    return 3;
  }
  return composeForever(options, resolve(options.out));
}

/** Takes the words after the script's name; gives the exit code. */
async function main(words: readonly string[]): Promise<number> {
  const program = new Command('registry').exitOverride();
  let code = 0;
  program
    .command('compose')
    .description('compose the subgraphs of supergraph.yaml into one supergraph')
    .option('--config <file>', 'the list of subgraphs', 'supergraph.yaml')
    .option('--out <file>', 'where to write the supergraph; standard output by default')
    .option('--watch', 'compose again after every change')
    .action(async (options: ComposeOptions) => {
      code = await run(options);
    });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
    process.stderr.write(`${error instanceof RegistryError ? error.faults.join('\n') : String(error)}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
