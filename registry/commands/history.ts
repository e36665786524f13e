// `schema history`: what was published, from the newest backwards.
import { InvalidArgumentError, type Command } from 'commander';
import type { SignedRelease } from '../../store/release.ts';
import { EXIT, type Exit } from './exit.ts';
import { describeRelease, printJson, storeCommand, withPublished, type StoreOptions } from './storeOptions.ts';

interface HistoryOptions extends StoreOptions {
  readonly limit: number;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return limit;
}

/** A line each; where some are signed, those that are not say so. */
function describeReleases(releases: readonly SignedRelease[]): string[] {
  const isSigned = releases.some(({ signature }) => signature !== null);
  return releases.map((signed) => {
    return `${describeRelease(signed)}${isSigned && signed.signature === null ? '  (not signed)' : ''}`;
  });
}

function run({ limit, ...options }: HistoryOptions): Promise<Exit> {
  return withPublished(options, async ({ published }) => {
    const releases: SignedRelease[] = [];
    for await (const signed of published.history()) {
      releases.push(signed);
      if (releases.length === limit) break;
    }
    if (options.json === true) printJson(releases);
    else if (releases.length === 0) process.stdout.write('nothing was published yet\n');
    else process.stdout.write(`${describeReleases(releases).join('\n')}\n`);
    return EXIT.done;
  });
}

/** Takes what is told the exit code; gives the command. */
export function historyCommand(exit: (code: Exit) => void): Command {
  return storeCommand('history', 'list what was published, the newest first')
    .option('--limit <n>', 'how many at the most', readLimit, 20)
    .action(async (options: HistoryOptions) => exit(await run(options)));
}
