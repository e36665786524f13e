// The test runner: `unit` (beside the code), `e2e` (real processes under test/), and of these two that are run by
// themselves where there are few processors: `faults`, which compares times, and `brokers`, which start large servers.
import { readdirSync } from 'node:fs';
import type { Config } from 'jest';

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
} satisfies Config;

/** The folders of a folder but for some: projects are told apart by these, and patterns stay free for the command line. */
function foldersOf(folder: string, left: readonly string[]): string[] {
  const found = readdirSync(new URL(`${folder}/`, import.meta.url), { withFileTypes: true });
  return found
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !left.includes(entry.name))
    .map(({ name }) => `<rootDir>/${folder}/${name}`);
}

const config: Config = {
  projects: [
    { ...shared, displayName: 'unit', roots: foldersOf('.', ['node_modules', 'test']) },
    { ...shared, displayName: 'e2e', roots: foldersOf('test', ['faults', 'brokers']) },
    { ...shared, displayName: 'faults', roots: ['<rootDir>/test/faults'] },
    { ...shared, displayName: 'brokers', roots: ['<rootDir>/test/brokers'] },
  ],
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
