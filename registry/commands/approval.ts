// `approval add` and `approval list`: the reviewed file of changes that may break what they break.
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { addApproval } from '../approvals/addApproval.ts';
import { readApprovals, type Approvals } from '../approvals/readApprovals.ts';
import { plainLine } from '../outputs/plainLine.ts';
import { EXIT, type Exit } from './exit.ts';

const FILE = 'schema-approvals.yaml';

interface AddOptions {
  readonly reason: string;
  readonly approver: readonly string[];
  readonly until: string;
  readonly change?: string;
  readonly file: string;
}

/** Gives a file's text; an empty one where there is no file. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function today(): string {
  return systemClock.now().toISOString().slice(0, 10);
}

function tellFaults({ file, faults }: Approvals): Exit {
  process.stderr.write(`${faults.map(({ line, text }) => `${file}:${line}: ${text}`).join('\n')}\n`);
  return EXIT.wrongUsage;
}

async function add(fingerprint: string, options: AddOptions): Promise<Exit> {
  const { file, reason, approver, until, change } = options;
  const text = await readText(file);
  const before = readApprovals(text, file);
  if (before.faults.length > 0) return tellFaults(before);
  const known = before.entries.find((entry) => entry.fingerprint === fingerprint);
  if (known !== undefined) {
    process.stderr.write(`${file}:${known.line}: ${fingerprint} has an entry already: change that one\n`);
    return EXIT.wrongUsage;
  }
  const entry = { fingerprint, reason, approvers: approver, until, change };
  const added = addApproval(text, entry);
  // What was given is held to the same rules as what is written by hand.
  const after = readApprovals(added, file);
  if (after.faults.length > 0) {
    const said = after.faults.map((fault) => fault.text.replace(/^\d+\./, ''));
    process.stderr.write(`nothing was added: ${said.join('; ')}\n`);
    return EXIT.wrongUsage;
  }
  if (until < today()) {
    process.stderr.write(`nothing was added: until ${until} is over already\n`);
    return EXIT.wrongUsage;
  }
  await writeFile(file, added);
  process.stdout.write(`${file}: approved ${fingerprint} until ${until}\n`);
  return EXIT.done;
}

async function list({ file }: { readonly file: string }): Promise<Exit> {
  const approvals = readApprovals(await readText(file), file);
  if (approvals.faults.length > 0) return tellFaults(approvals);
  const day = today();
  const lines = approvals.entries.map(({ fingerprint, until, approvers, reason, change }) => {
    const state = until < day ? 'expired' : 'until';
    const about = change === undefined ? reason : `${change}: ${reason}`;
    return plainLine(`${fingerprint}  ${state} ${until}  ${approvers.join(', ')}  ${about}`);
  });
  process.stdout.write(lines.length === 0 ? `${file} approves nothing\n` : `${lines.join('\n')}\n`);
  return EXIT.done;
}

/** Takes what is told the exit code; gives the command. */
export function approvalCommand(exit: (code: Exit) => void): Command {
  // The settings of the program come only after the verbs were made: they must throw on wrong usage too.
  const command = new Command('approval').exitOverride().description('changes that were reviewed and may break');
  command
    .command('add')
    .description('approve a change by the fingerprint that a check shows')
    .argument('<fingerprint>', '16 hexadecimal digits')
    .requiredOption('--reason <text>', 'why it has to be')
    .requiredOption('--approver <name...>', 'who approves it; an unsafe change takes two')
    .requiredOption('--until <day>', 'the last day on which it holds, as 2026-12-31')
    .option('--change <text>', 'what the change is, for who reads the file')
    .option('--file <file>', 'the file of approvals', FILE)
    .action(async (fingerprint: string, options: AddOptions) => exit(await add(fingerprint, options)));
  command
    .command('list')
    .description('what is approved, by whom and until when')
    .option('--file <file>', 'the file of approvals', FILE)
    .action(async (options: { readonly file: string }) => exit(await list(options)));
  return command;
}
