// Finds programs on the PATH and, as root where there is apt-get, installs the system's packages that hold them. No
// service is started by us, and nothing but the system's own package source is asked.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inheritedEnvironment } from '../platform/config.ts';

const APT_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findProgram(name: string, folders?: readonly string[]): string | undefined {
  const onPath = (inheritedEnvironment()['PATH'] ?? '').split(delimiter);
  return (folders ?? [...onPath, '/usr/bin', '/usr/sbin']).map((folder) => join(folder, name)).find(canRun);
}

function apt(...words: readonly string[]): void {
  execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...words], {
    cwd: tmpdir(),
    // A package that wants to start its service as it is installed is told no; where that fails the program is there.
    env: { ...inheritedEnvironment(), DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: APT_TIMEOUT_MS,
  });
}

/** What is needed, and how a person can provide it. */
export interface Wanted {
  readonly program: string;
  /** Where to look instead of the PATH. */
  readonly folders?: readonly string[];
  readonly packages: readonly string[];
  readonly howToHelp: string;
}

/** Gives the path of a program, after installing its packages where it is missing; throws with what to do. */
export function obtainProgram({ program, folders, packages, howToHelp }: Wanted): string {
  const found = findProgram(program, folders);
  if (found !== undefined) return found;
  let reason = 'this is not root, or there is no apt-get here';
  if (process.getuid?.() === 0 && findProgram('apt-get') !== undefined) {
    reason = `the packages hold no ${program}`;
    try {
      apt('update');
      apt('install', '-y', '--no-install-recommends', ...packages);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  const installed = findProgram(program, folders);
  if (installed === undefined) throw new Error(`${howToHelp}\n(${reason})`);
  return installed;
}
