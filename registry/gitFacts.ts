// Who publishes, and from which commit: by git, where there is one.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

async function askGit(...words: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', words);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}

/** Gives a name for a release: git's, or the system's. */
export async function guessAuthor(): Promise<string> {
  return (await askGit('config', 'user.name')) ?? userInfo().username;
}

/** Gives the commit of a folder; undefined where it has none. */
export function guessCommit(folder: string): Promise<string | undefined> {
  return askGit('-C', folder, 'rev-parse', 'HEAD');
}
