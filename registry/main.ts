// The registry's command line: `node registry/main.ts <command>`, one file of `commands/` each; `crm-graph schema` and
// `crm-graph registry` run it.
// Exit codes: 0 done, 1 refused, 2 could not try, 3 wrong usage.
import { Command, CommanderError } from 'commander';
import { approvalCommand } from './commands/approval.ts';
import { checkCommand } from './commands/check.ts';
import { composeCommand } from './commands/compose.ts';
import { serveCommand } from './commands/serve.ts';
import { EXIT, type Exit } from './commands/exit.ts';
import { diffCommand } from './commands/diff.ts';
import { fetchCommand } from './commands/fetch.ts';
import { historyCommand } from './commands/history.ts';
import { publishCommand } from './commands/publish.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { showCommand } from './commands/show.ts';
import { RegistryError } from './readSupergraphFile.ts';

/** In the order of the help. Each tells its exit code and leaves what it throws to `main`. */
const COMMANDS = [
  approvalCommand,
  checkCommand,
  composeCommand,
  publishCommand,
  historyCommand,
  showCommand,
  diffCommand,
  fetchCommand,
  rollbackCommand,
  serveCommand,
];

/** Takes the words after the script's name; gives the exit code. */
async function main(words: readonly string[]): Promise<Exit> {
  let code: Exit = EXIT.done;
  // As it was typed: `crm-graph schema`, `crm-graph registry`, or this file itself.
  const { argv0 } = process;
  const program = new Command(argv0.startsWith('crm-graph') ? argv0 : 'node registry/main.ts').exitOverride();
  for (const command of COMMANDS) {
    program.addCommand(command((told) => (code = told)).copyInheritedSettings(program));
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    process.stderr.write(`${error instanceof RegistryError ? error.faults.join('\n') : String(error)}\n`);
    return EXIT.couldNot;
  }
}

// Whoever reads the output may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
