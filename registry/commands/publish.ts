// `schema publish`: check and publish in one step. What is published was checked against the very release that it takes
// the place of: who was overtaken in between is refused.
import { basename, dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import type { SignedRelease } from '../../store/release.ts';
import { checkWorkingTree } from '../checkWorkingTree.ts';
import type { CheckReport } from '../finding.ts';
import { guessAuthor, guessCommit } from '../gitFacts.ts';
import { renderReport } from '../outputs/outputs.ts';
import { printContracts, readPublicSchema } from '../publicSchema.ts';
import { publish } from '../publish.ts';
import type { Snapshot } from '../snapshot.ts';
import { EXIT, type Exit } from './exit.ts';
import { findRelease, printJson, say, storeCommand, tellOutcome, withDesk, type StoreOptions } from './storeOptions.ts';

interface PublishOptions extends StoreOptions {
  readonly message: string;
  readonly author?: string;
  readonly commit?: string;
  readonly after?: string;
  readonly config: string;
  readonly contracts: string;
  readonly operations: readonly string[];
  readonly usage?: string;
  readonly approvals: string;
  readonly strict?: true;
}

/** Gives what a check of what is to be published finds, and what was checked. */
type Check = (publishedIn: string) => Promise<{ readonly report: CheckReport; readonly head: Snapshot }>;

function openCheck(options: PublishOptions): Check {
  const config = resolve(options.config);
  const root = dirname(config);
  return async (publishedIn) => {
    const startMs = systemClock.steadyMs();
    const { report, head } = await checkWorkingTree({
      root,
      files: { config: basename(config), contracts: relative(root, resolve(root, options.contracts)) },
      base: { ref: undefined, folder: undefined, published: publishedIn, takesUnsigned: options.unsigned === true },
      contract: undefined,
      operations: options.operations,
      usage: options.usage,
      thresholds: { days: 30, countMax: 0, percentMax: 0, excluded: [] },
      approvals: options.approvals,
      strictness: {
        ...{ dangerousAsBreaking: false, enumAsBreaking: false, unionAsBreaking: false },
        strict: options.strict === true,
      },
      allLint: false,
      now: systemClock.now(),
    });
    return { report: { ...report, durationMs: Math.round(systemClock.steadyMs() - startMs) }, head };
  };
}

function tellFailed(report: CheckReport, options: PublishOptions): Exit {
  if (options.json === true) printJson({ outcome: 'checkFailed', report });
  else {
    const folder = relative(process.cwd(), dirname(resolve(options.config)));
    process.stdout.write(renderReport(report, 'text', { isColoured: false, isVerbose: false, folder }));
    process.stderr.write('not published: the check failed\n');
  }
  return EXIT.refused;
}

/** Says whether the newest release is the one that somebody checked against before. */
function isAfter(base: SignedRelease | undefined, wanted: string): boolean {
  return base !== undefined && [base.hash, base.release.supergraph].some((hash) => hash.startsWith(wanted));
}

function run(options: PublishOptions, openedCheck: Check): Promise<Exit> {
  return withDesk(options, async (desk, { published, name }) => {
    const base = await published.current();
    if (options.after !== undefined && !isAfter(base, options.after)) {
      const newest = await findRelease(published, undefined);
      if (typeof newest === 'string') return say(newest, EXIT.refused);
      return tellOutcome({ kind: 'overtaken', by: newest }, options);
    }
    const { report, head } = await openedCheck(name);
    if (!report.passed) return tellFailed(report, options);
    // What was checked is published, whatever became of the files meanwhile.
    const { composition, state } = head;
    if (composition?.ok !== true || state === undefined) return tellFailed(report, options);
    readPublicSchema(composition.supergraph);
    const outcome = await publish(desk, base, {
      supergraph: composition.supergraph,
      contracts: printContracts(composition.supergraph, state.contracts),
      report,
      author: options.author ?? (await guessAuthor()),
      commit: options.commit ?? (await guessCommit(dirname(resolve(options.config)))),
      message: options.message,
    });
    return tellOutcome(outcome, options);
  });
}

function collect(text: string, known: readonly string[]): readonly string[] {
  return [...known, text];
}

/** Takes what is told the exit code; gives the command. */
export function publishCommand(exit: (code: Exit) => void): Command {
  return storeCommand('publish', 'check the schemas against what is published, and publish them')
    .requiredOption('--message <text>', 'what changes, in words')
    .option('--author <name>', 'who publishes; by git or the system by default')
    .option('--commit <id>', 'the commit that is published; by git by default')
    .option('--after <hash>', 'only if this is the newest release: the one that an earlier check was against')
    .option('--config <file>', 'the list of subgraphs', 'supergraph.yaml')
    .option('--contracts <file>', 'the contracts, seen from the folder of the list', 'contracts.yaml')
    .option('--operations <file>', 'a manifest of registered operations; may be repeated', collect, [])
    .option('--usage <file>', 'recorded usage, as for `schema check`')
    .option('--approvals <file>', 'reviewed exceptions', 'schema-approvals.yaml')
    .option('--strict', 'warnings fail the check')
    .action(async (options: PublishOptions) => exit(await run(options, openCheck(options))));
}
