// A server's jars from Maven Central, by a pom of its own: fetched once into the cache, whole or not at all.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inheritedEnvironment } from '../platform/config.ts';
import { obtainProgram } from './systemPackages.ts';

const MAVEN_TIMEOUT_MS = 300_000;

/** What a server's jars are. */
export interface JarsWish {
  /** The path of the pom that names them. */
  readonly pom: string;
  /** The folder that keeps them; named by their version. */
  readonly cache: string;
  /** The system's package that has the Java they run on. */
  readonly javaPackage: string;
  /** What a person can do where Java or Maven is missing. */
  readonly howToHelp: string;
}

/** A Java program and a folder of jars. */
export interface ObtainedJars {
  readonly java: string;
  readonly jars: string;
}

/** Gives Java and the folder of the jars, fetched now where they are not in the cache; throws with what to do. */
export function obtainJars({ pom, cache, javaPackage, howToHelp }: JarsWish): ObtainedJars {
  const java = obtainProgram({ program: 'java', packages: [javaPackage], howToHelp });
  if (existsSync(cache)) return { java, jars: cache };
  const maven = obtainProgram({ program: 'mvn', packages: ['maven'], howToHelp });
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}.`);
  try {
    const words = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
    execFileSync(maven, [...words, '-DincludeScope=runtime'], {
      env: inheritedEnvironment(),
      timeout: MAVEN_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (!existsSync(cache)) renameSync(folder, cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { java, jars: cache };
}
