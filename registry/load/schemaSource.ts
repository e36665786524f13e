// Where schema files are read from: a folder, or a commit of its git repository. Paths are relative to the folder of
// supergraph.yaml, so that both name the same file alike.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { RegistryError } from '../readSupergraphFile.ts';

/** Larger files are no schemas. */
const FILE_BYTES_MAX = 1_048_576;
/** Names of the branch that changes go to, the likeliest first. */
const MAIN_BRANCHES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'];

const run = promisify(execFile);

/** Files of one state of a folder. */
export interface SchemaSource {
  /** What it is, in words. */
  readonly name: string;
  /** Gives a file's text, undefined where it does not exist. Throws RegistryError where it cannot be read. */
  read(path: string): Promise<string | undefined>;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function tooLarge(path: string): RegistryError {
  return new RegistryError([`${path}: has more than ${FILE_BYTES_MAX} bytes, which no schema has`]);
}

/** Opens a folder as it is now. */
export function openFolder(root: string, name: string): SchemaSource {
  return {
    name,
    async read(path) {
      const whole = resolve(root, path);
      try {
        if ((await stat(whole)).size > FILE_BYTES_MAX) throw tooLarge(path);
        return await readFile(whole, 'utf8');
      } catch (error) {
        if (error instanceof RegistryError) throw error;
        if (codeOf(error) === 'ENOENT') return undefined;
        throw new RegistryError([`${path}: cannot be read: ${String(error)}`]);
      }
    },
  };
}

async function git(root: string, ...words: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', root, ...words], { maxBuffer: FILE_BYTES_MAX * 2 });
  return stdout;
}

/** What git said when it refused. */
function said(error: unknown): string {
  const text = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
  if (codeOf(error) === 'ENOENT') return 'git is not installed';
  return text.trim().split('\n').at(-1) ?? '';
}

/** Asked by the exit code: what git says is in the language of whoever calls it. */
async function isInCommit(root: string, commit: string, path: string): Promise<boolean> {
  try {
    await git(root, 'rev-parse', '--verify', '--quiet', `${commit}:./${path}`);
    return true;
  } catch (error) {
    return codeOf(error) !== 1;
  }
}

/** Opens a commit of the repository that the folder is in. Throws RegistryError where there is none. */
export async function openGitRef(root: string, ref: string): Promise<SchemaSource> {
  let commit: string;
  try {
    commit = (await git(root, 'rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)).trim();
  } catch (error) {
    throw new RegistryError([
      `--base ${ref}: is no commit of this repository (${said(error)}); in CI fetch it first, as with fetch-depth: 0`,
    ]);
  }
  return {
    name: `${ref} (${commit.slice(0, 12)})`,
    async read(path) {
      try {
        return await git(root, 'show', `${commit}:./${path}`);
      } catch (error) {
        if (codeOf(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw tooLarge(path);
        if (!(await isInCommit(root, commit, path))) return undefined;
        throw new RegistryError([`${path}: cannot be read from ${ref}: ${said(error)}`]);
      }
    },
  };
}

/**
 * Opens what the current branch began on: the merge base of HEAD with the main branch. Throws RegistryError that says
 * what to name instead.
 */
export async function openMergeBase(root: string): Promise<SchemaSource> {
  for (const branch of MAIN_BRANCHES) {
    const known = await git(root, 'rev-parse', '--verify', '--quiet', `${branch}^{commit}`).catch(() => undefined);
    if (known === undefined) continue;
    try {
      const commit = (await git(root, 'merge-base', 'HEAD', branch)).trim();
      const source = await openGitRef(root, commit);
      const head = (await git(root, 'rev-parse', 'HEAD')).trim();
      // On the main branch itself there is nothing before HEAD to find.
      const itself = commit === head ? ', which is HEAD itself: what is committed is not compared' : '';
      const name = `the merge base with ${branch} (${commit.slice(0, 12)}${itself})`;
      return { name, read: (path) => source.read(path) };
    } catch {
      throw new RegistryError([
        `there is no common commit with ${branch}: in CI fetch the whole history (fetch-depth: 0), or name one with --base`,
      ]);
    }
  }
  throw new RegistryError([
    'there is nothing to compare with: no git repository with a main branch is here; name a commit with --base, a folder with --base-dir, or --published',
  ]);
}
