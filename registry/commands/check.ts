// `schema check`: what the working tree's schemas would do to clients, against what is there now. Changes nothing.
import { basename, dirname, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { explainCode } from '../codes/codes.ts';
import type { CheckReport } from '../finding.ts';
import { OUTPUT_FORMATS, renderReport, writeReports, type OutputFormat } from '../outputs/outputs.ts';
import { checkWorkingTree, type CheckWords } from '../checkWorkingTree.ts';
import { EXIT, type Exit } from './exit.ts';

/** Where the command reads the time and writes its page. */
export interface CheckSurroundings {
  readonly clock: Pick<Clock, 'now' | 'steadyMs'>;
  readonly write: (text: string) => void;
}

const PROCESS: CheckSurroundings = { clock: systemClock, write: (text) => void process.stdout.write(text) };

interface CheckCommandOptions {
  readonly config: string;
  readonly contracts: string;
  readonly base?: string;
  readonly baseDir?: string;
  readonly published?: string;
  readonly unsigned?: true;
  readonly contract?: string;
  readonly operations: readonly string[];
  readonly usage?: string;
  readonly usageDays: number;
  readonly usageCount: number;
  readonly usagePercent: number;
  readonly excludeCaller: readonly string[];
  readonly approvals: string;
  readonly dangerousAsBreaking?: true;
  readonly enumAsBreaking?: true;
  readonly unionAsBreaking?: true;
  readonly strict?: true;
  readonly allLint?: true;
  readonly format: OutputFormat;
  readonly out?: string;
  readonly verbose?: true;
  readonly explain?: string;
}

function readCount(text: string): number {
  const count = Number(text);
  if (text.trim() === '' || !Number.isFinite(count) || count < 0)
    throw new InvalidArgumentError('It must be a number from 0.');
  return count;
}

function readDays(text: string): number {
  const days = readCount(text);
  if (!Number.isInteger(days) || days < 1 || days > 365)
    throw new InvalidArgumentError('It must be a whole number from 1 to 365.');
  return days;
}

function collect(text: string, known: readonly string[]): readonly string[] {
  return [...known, text];
}

function explain(code: string, { write }: CheckSurroundings): Exit {
  const page = explainCode(code.toUpperCase());
  if (page === undefined) {
    process.stderr.write(
      `${code} is no code: codes are words in capitals, as FIELD_REMOVED; docs/checks.md lists them\n`,
    );
    return EXIT.wrongUsage;
  }
  write(page);
  return EXIT.done;
}

function wordsOf(options: CheckCommandOptions, now: Date): CheckWords {
  const config = resolve(options.config);
  const root = dirname(config);
  return {
    root,
    files: { config: basename(config), contracts: relative(root, resolve(root, options.contracts)) },
    base: {
      ref: options.base,
      folder: options.baseDir,
      published: options.published,
      takesUnsigned: options.unsigned === true,
    },
    contract: options.contract,
    operations: options.operations,
    usage: options.usage,
    thresholds: {
      days: options.usageDays,
      countMax: options.usageCount,
      percentMax: options.usagePercent,
      excluded: options.excludeCaller,
    },
    approvals: options.approvals,
    strictness: {
      dangerousAsBreaking: options.dangerousAsBreaking === true,
      enumAsBreaking: options.enumAsBreaking === true,
      unionAsBreaking: options.unionAsBreaking === true,
      strict: options.strict === true,
    },
    allLint: options.allLint === true,
    now,
  };
}

async function show(report: CheckReport, options: CheckCommandOptions, { write }: CheckSurroundings): Promise<void> {
  const isColoured = process.stdout.isTTY && !('NO_COLOR' in process.env);
  const folder = relative(process.cwd(), dirname(resolve(options.config)));
  const output = { isColoured, isVerbose: options.verbose === true, folder };
  if (options.out !== undefined) await writeReports(report, resolve(options.out), output);
  write(renderReport(report, options.format, output));
}

async function run(options: CheckCommandOptions, surroundings: CheckSurroundings): Promise<Exit> {
  if (options.explain !== undefined) return explain(options.explain, surroundings);
  const given = [options.base, options.baseDir, options.published].filter((each) => each !== undefined);
  if (given.length > 1) {
    process.stderr.write('name one of --base, --base-dir and --published: a check compares with one state\n');
    return EXIT.wrongUsage;
  }
  const { clock } = surroundings;
  const startMs = clock.steadyMs();
  const { report } = await checkWorkingTree(wordsOf(options, clock.now()));
  await show({ ...report, durationMs: Math.round(clock.steadyMs() - startMs) }, options, surroundings);
  return report.passed ? EXIT.done : EXIT.refused;
}

/** Takes what is told the exit code, and for tests what is not the process itself; gives the command. */
export function checkCommand(exit: (code: Exit) => void, surroundings = PROCESS): Command {
  return new Command('check')
    .description('say what a change of the schemas does to clients, and who would break')
    .option('--config <file>', 'the list of subgraphs', 'supergraph.yaml')
    .option('--contracts <file>', 'the contracts, seen from the folder of the list', 'contracts.yaml')
    .option('--base <ref>', 'compare with a git commit; the merge base with the main branch by default')
    .option('--base-dir <folder>', 'compare with another folder that has a list of subgraphs')
    .option('--published <store>', 'compare with what is published: file:FOLDER, mongodb:… or https:…')
    .option('--unsigned', 'with --published: compare with a release that nobody signed, too')
    .option('--contract <name>', 'only what clients of this contract see')
    .option('--operations <file>', 'a manifest of registered operations; may be repeated', collect, [])
    .option('--usage <file>', 'recorded usage, as `crm-graph usage export` writes it; mongodb: for the database itself')
    .addOption(new Option('--usage-days <n>', 'how far back use counts').argParser(readDays).default(30))
    .addOption(new Option('--usage-count <n>', 'requests that may break').argParser(readCount).default(0))
    .addOption(new Option('--usage-percent <n>', 'share of requests that may break').argParser(readCount).default(0))
    .option(
      '--exclude-caller <name>',
      'a key’s id or a client’s name that does not count; may be repeated',
      collect,
      [],
    )
    .option('--approvals <file>', 'reviewed exceptions, or REF:PATH of a commit', 'schema-approvals.yaml')
    .option('--dangerous-as-breaking', 'what is dangerous fails the check')
    .option('--enum-as-breaking', 'new enum values fail the check')
    .option('--union-as-breaking', 'new union members fail the check')
    .option('--strict', 'warnings fail the check')
    .option('--all-lint', 'tell what lint finds in what has not changed too')
    .addOption(new Option('--format <name>', 'how it is told').choices(OUTPUT_FORMATS).default('text'))
    .option('--out <folder>', 'write it in every format into a folder too')
    .option('--verbose', 'list what is safe too')
    .option('--explain <code>', 'print the page of a code, and check nothing')
    .action(async (options: CheckCommandOptions) => exit(await run(options, surroundings)));
}
