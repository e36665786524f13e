#!/usr/bin/env node
// The `crm-graph` command: a noun's work lies in its own part, here are only the words that start it.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../platform/config.ts';
import { eventsCommand } from './events/eventsCommand.ts';
import { explainCommand } from './explain.ts';
import { keysCommand } from './keys/keysCommand.ts';
import { startEverything } from './start.ts';
import { syncCommand } from './sync/syncCommand.ts';
import { usageCommand } from './usage/usageCommand.ts';

const WRONG_USAGE = 3;
/** As many as the seed takes. */
const CUSTOMERS_MAX = 5_000_000;

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0 || count > CUSTOMERS_MAX)
    throw new InvalidArgumentError('It must be a whole number from 0 to 5000000.');
  return count;
}

/** Runs a part's own main in the foreground, with the rest of the words; gives its exit code. */
function runMain(file: string, words: readonly string[], name = 'crm-graph'): Promise<number> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...words], { stdio: 'inherit', argv0: name });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function findSubgraph(name: string): string {
  const file = `subgraphs/${name}/main.ts`;
  if (/^[a-z]+$/.test(name) && existsSync(new URL(`../${file}`, import.meta.url))) return file;
  throw new InvalidArgumentError('there are customers, orders and marketing.');
}

function makeProgram(finish: (code: number) => void): Command {
  const program = new Command('crm-graph')
    .description('one customer graph over the CRM data of a company')
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)');
  program
    .command('start')
    .description('start everything: database, sample data, subgraphs, gateway')
    .addOption(
      new Option(
        '--customers <n>',
        'customers with sample data; 500 in the embedded database, none in one of yours',
      ).argParser(readCount),
    )
    .action(async (options: { customers?: number }) => finish(await startEverything(options)));
  program
    .command('seed')
    .description('fill a database with believable customers, orders and campaigns')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[words...]')
    .action(async (words: string[]) => finish(await runMain('seed/main.ts', words)));
  program
    .command('subgraph')
    .description('start one subgraph: customers, orders or marketing')
    .argument('<name>', 'which one', findSubgraph)
    .action(async (file: string) => finish(await runMain(file, [])));
  program
    .command('schema')
    .description('work on schemas: `crm-graph schema --help`')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[words...]')
    .action(async (words: string[]) => finish(await runMain('registry/main.ts', words, 'crm-graph schema')));
  program
    .command('registry')
    .description('look at schemas, their history and their use: `crm-graph registry serve --help`')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[words...]')
    .action(async (words: string[]) => finish(await runMain('registry/main.ts', words, 'crm-graph registry')));
  program.addCommand(explainCommand.copyInheritedSettings(program));
  program.addCommand(keysCommand(finish));
  program.addCommand(eventsCommand(finish));
  program.addCommand(usageCommand(finish));
  program.addCommand(syncCommand(finish));
  return program;
}

let code = 0;
try {
  await makeProgram((finished) => (code = finished)).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : WRONG_USAGE;
  else if (error instanceof ConfigError) {
    process.stderr.write(`${error.faults.join('\n')}\n`);
    code = 1;
  } else throw error;
}
if (code !== 0) process.exitCode = code;
