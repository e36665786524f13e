// Runs one folder of registry/cases/: lays its two states side by side, checks the one against the other at a fixed time, and
// gives the page that a user would see.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { checkCommand } from '../../registry/commands/check.ts';
import { RegistryError } from '../../registry/readSupergraphFile.ts';

/** The folder of all cases. */
export const CASES = new URL('../../registry/cases/', import.meta.url).pathname;
const NOW = new Date('2026-12-01T12:00:00Z');
const FILES: readonly (readonly [flag: string, file: string])[] = [
  ['--operations', 'operations.json'],
  ['--usage', 'usage.json'],
];

/** A schema too large to keep is kept as what to repeat: `NAME.graphql.times` has a number, and then a text with `$`. */
function expandTimes(folder: string, file: string): void {
  const [times = '', ...text] = readFileSync(join(folder, file), 'utf8').split('\n');
  const repeated = Array.from({ length: Number(times) }, (_, at) => text.join('\n').replaceAll('$', String(at)));
  writeFileSync(join(folder, basename(file, '.times')), repeated.join(''));
  rmSync(join(folder, file));
}

/** Adds the list of all schema files, where a state has none of its own. */
function listSchemas(folder: string): void {
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.times'))) expandTimes(folder, file);
  const names = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
  const list = join(folder, 'supergraph.yaml');
  if (existsSync(list) || names.length === 0) return;
  const entries = names
    .sort()
    .map((file) => basename(file, '.graphql'))
    .map((name) => `  ${name}:\n    routing_url: http://${name}:4000/graphql\n    schema: {file: ${name}.graphql}\n`);
  writeFileSync(list, `federation_version: =2.9.0\nsubgraphs:\n${entries.join('')}`);
}

/** Copies a case into an empty folder, with the lists that it leaves out. */
export function layCase(name: string, folder: string): void {
  for (const state of ['before', 'after']) {
    if (!existsSync(join(CASES, name, state))) continue;
    cpSync(join(CASES, name, state), join(folder, state), { recursive: true });
    listSchemas(join(folder, state));
  }
}

/** The words of a case's command line, as in the folder that it was laid in. */
export function wordsOfCase(name: string): string[] {
  const given = join(CASES, name, 'words');
  const own = existsSync(given) ? readFileSync(given, 'utf8').trim().split(/\s+/) : [];
  const files = FILES.flatMap(([flag, file]) =>
    existsSync(join(CASES, name, 'after', file)) ? [flag, `after/${file}`] : [],
  );
  return ['--config', 'after/supergraph.yaml', '--base-dir', 'before', '--verbose', ...files, ...own];
}

/** Runs a case that was laid in a folder; gives its page. */
export async function runCase(name: string, folder: string): Promise<string> {
  let page = '';
  let exit = 0;
  const write = (text: string): void => void (page += text);
  const clock = { now: () => NOW, steadyMs: () => 0 };
  const command = checkCommand((code) => (exit = code), { clock, write }).exitOverride();
  command.configureOutput({ writeErr: write });
  const words = wordsOfCase(name).map((word) => word.replace(/^(?=(before|after)(\/|$))/, `${folder}/`));
  try {
    await new Command('schema').addCommand(command).parseAsync(['check', ...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof CommanderError)) throw error;
    if (error instanceof RegistryError) page += `${error.faults.join('\n')}\n`;
    exit = error instanceof RegistryError ? 2 : 3;
  }
  return `${page.replaceAll(`${folder}/`, '').replace(/ \(\d+ ms\)$/m, '')}exit ${exit}\n`;
}
