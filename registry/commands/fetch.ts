// `schema fetch`: a published supergraph, or the public schema of a contract, as a file.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shortHash } from '../../store/release.ts';
import { writeSupergraph } from '../watch.ts';
import { EXIT, type Exit } from './exit.ts';
import { findRelease, printJson, say, storeCommand, withPublished, type StoreOptions } from './storeOptions.ts';

interface FetchOptions extends StoreOptions {
  readonly out?: string;
  readonly contract?: string;
}

function run(wanted: string | undefined, options: FetchOptions): Promise<Exit> {
  return withPublished(options, async ({ published }) => {
    const signed = await findRelease(published, wanted);
    if (typeof signed === 'string') return say(signed, EXIT.wrongUsage);
    const { supergraph, contracts, number } = signed.release;
    const hash = options.contract === undefined ? supergraph : contracts[options.contract];
    if (hash === undefined) {
      const known = Object.keys(contracts).join(', ') || 'none';
      return say(`release #${number} has no contract ${options.contract ?? ''}; it has ${known}`, EXIT.wrongUsage);
    }
    const sdl = await published.text(hash);
    if (options.out === undefined) process.stdout.write(sdl);
    else {
      const path = resolve(options.out);
      await writeSupergraph(path, sdl);
      if (options.json === true) printJson({ hash, release: number, path });
      else process.stdout.write(`${shortHash(hash)} of release #${number} is in ${options.out}\n`);
    }
    return EXIT.done;
  });
}

/** Takes what is told the exit code; gives the command. */
export function fetchCommand(exit: (code: Exit) => void): Command {
  return storeCommand('fetch', 'get a published supergraph as a file')
    .argument('[hash]', 'the first digits of the hash, or #number; the newest by default')
    .option('--out <file>', 'where to write it; standard output by default')
    .option('--contract <name>', 'the public schema of a contract in place of the supergraph')
    .action(async (wanted: string | undefined, options: FetchOptions) => exit(await run(wanted, options)));
}
