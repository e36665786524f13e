// `schema rollback`: an earlier supergraph is published again, as a release on top of the newest. It has to pass what
// publishing has to pass of a supergraph, and must not ask less of callers than the one that it takes the place of.
import { Option, type Command } from 'commander';
import { shortHash } from '../../store/release.ts';
import { guessAuthor } from '../gitFacts.ts';
import { findLoosened } from '../loosened.ts';
import { readPublicSchema } from '../publicSchema.ts';
import { addRelease } from '../publish.ts';
import { RegistryError } from '../readSupergraphFile.ts';
import { EXIT, type Exit } from './exit.ts';
import { findRelease, printJson, say, storeCommand, tellOutcome, withDesk, type StoreOptions } from './storeOptions.ts';

interface RollbackOptions extends StoreOptions {
  readonly message?: string;
  readonly author?: string;
  readonly acceptLoosened?: string;
}

const TOLD_MAX = 20;

/** Why a supergraph must not be served in place of another; an empty list where it may. */
function findFaults(
  current: string,
  target: string,
): { readonly faults: readonly string[]; readonly loosened: readonly string[] } {
  try {
    readPublicSchema(target);
    return { faults: [], loosened: findLoosened(current, target) };
  } catch (error) {
    return { faults: error instanceof RegistryError ? error.faults : [String(error)], loosened: [] };
  }
}

function tellRefused(faults: readonly string[], loosened: readonly string[], { json }: RollbackOptions): Exit {
  if (json === true) printJson({ outcome: 'refused', faults, loosened });
  else if (faults.length > 0)
    process.stderr.write(`not rolled back: it could not be served\n  ${faults.join('\n  ')}\n`);
  else {
    const told = loosened.slice(0, TOLD_MAX).map((coordinate) => `  ${coordinate}\n`);
    const more = loosened.length > TOLD_MAX ? `  and ${loosened.length - TOLD_MAX} more\n` : '';
    process.stderr.write(
      `not rolled back: callers would see with less than now\n${told.join('')}${more}Mend the schemas and publish them, or say why it may be so: --accept-loosened REASON\n`,
    );
  }
  return EXIT.refused;
}

function run(wanted: string, options: RollbackOptions): Promise<Exit> {
  return withDesk(options, async (desk, { published }) => {
    const base = await published.current();
    const target = await findRelease(published, wanted);
    if (typeof target === 'string') return say(target, EXIT.wrongUsage);
    if (base === undefined) return say('nothing was published yet', EXIT.wrongUsage);
    const { supergraph, contracts, report, commit, number } = target.release;
    const sdl = await published.text(supergraph);
    for (const hash of Object.values(contracts)) await published.text(hash);
    const { faults, loosened } = findFaults(await published.text(base.release.supergraph), sdl);
    const isAccepted = loosened.length === 0 || options.acceptLoosened !== undefined;
    if (faults.length > 0 || !isAccepted) return tellRefused(faults, loosened, options);
    const outcome = await addRelease(desk, base, {
      ...{ action: 'rollback', supergraph, contracts, report, commit },
      author: options.author ?? (await guessAuthor()),
      message: options.message ?? `back to #${number}, ${shortHash(supergraph)}`,
      loosenedBecause: loosened.length === 0 ? null : (options.acceptLoosened ?? null),
    });
    return tellOutcome(outcome, options);
  });
}

/** Takes what is told the exit code; gives the command. */
export function rollbackCommand(exit: (code: Exit) => void): Command {
  return storeCommand('rollback', 'publish an earlier supergraph again')
    .argument('<hash>', 'the first digits of its hash, or #number')
    .option('--message <text>', 'why')
    .option('--author <name>', 'who does it; by git or the system by default')
    .addOption(new Option('--accept-loosened <reason>', 'take it although it asks less of callers than what is served'))
    .action(async (wanted: string, options: RollbackOptions) => exit(await run(wanted, options)));
}
