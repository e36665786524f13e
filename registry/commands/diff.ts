// `schema diff`: what changed for clients between two releases.
import type { Command } from 'commander';
import { compareReleases, type ReleaseChange } from '../compareReleases.ts';
import { VERDICTS } from '../finding.ts';
import { openReleaseState } from '../load/published.ts';
import { plainLine } from '../outputs/plainLine.ts';
import { GRAPH_VIEW } from '../snapshot.ts';
import { EXIT, type Exit } from './exit.ts';
import {
  describeRelease,
  findRelease,
  printJson,
  say,
  storeCommand,
  withPublished,
  type StoreOptions,
} from './storeOptions.ts';

function print(changes: readonly ReleaseChange[]): void {
  if (changes.length === 0) process.stdout.write('nothing changed that clients could see\n');
  for (const verdict of VERDICTS) {
    const some = changes.filter((change) => change.verdict === verdict);
    if (some.length === 0) continue;
    const lines = some.map(({ what, views }) => {
      const seenBy = views.includes(GRAPH_VIEW) || views.length === 0 ? '' : ` (${views.join(', ')})`;
      return `  ${plainLine(`${what}${seenBy}`)}\n`;
    });
    process.stdout.write(`${verdict}\n${lines.join('')}`);
  }
}

function run(from: string, to: string | undefined, options: StoreOptions): Promise<Exit> {
  return withPublished(options, async ({ published }) => {
    const before = await findRelease(published, from);
    if (typeof before === 'string') return say(before, EXIT.wrongUsage);
    const after = await findRelease(published, to);
    if (typeof after === 'string') return say(after, EXIT.wrongUsage);
    const changes = await compareReleases({
      base: await openReleaseState(published, before.release),
      head: await openReleaseState(published, after.release),
    });
    if (options.json === true) printJson({ from: before, to: after, changes });
    else {
      process.stdout.write(`from  ${describeRelease(before)}\nto    ${describeRelease(after)}\n\n`);
      print(changes);
    }
    return EXIT.done;
  });
}

/** Takes what is told the exit code; gives the command. */
export function diffCommand(exit: (code: Exit) => void): Command {
  return storeCommand('diff', 'say what changed for clients between two releases')
    .argument('<from>', 'the first digits of a hash, or #number')
    .argument('[to]', 'the same of the later one; the newest by default')
    .action(async (from: string, to: string | undefined, options: StoreOptions) => exit(await run(from, to, options)));
}
