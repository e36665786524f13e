// Publishing as a team does it, by the commands: two publish at once, somebody dies over it, somebody goes back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckReport } from '../../../registry/finding.ts';
import type { ReleaseChange } from '../../../registry/compareReleases.ts';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { seededRandom } from '../../../platform/random.ts';
import { openFolderReader } from '../../../store/folderReader.ts';
import type { SignedRelease } from '../../../store/release.ts';
import { PublishedSchemas } from '../../../store/storeReader.ts';

const MAIN = fileURLToPath(new URL('../../../registry/main.ts', import.meta.url));
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@tag"])\n';
const bookOf = (scope: string, more = ''): string =>
  `${LINK}"A book."\ntype Book @key(fields: "id") { "Its id." id: ID! "Its title." title: String @requiresScopes(scopes: [["${scope}"]]) "Its year." year: Int @tag(name: "inner") }
"What to ask for."\ntype Query { "One book." book(id: ID!): Book ${more} }\n`;
const LIST = `federation_version: =2.9.0\nsubgraphs:\n  books:\n    routing_url: http://localhost:4001\n    schema: { file: books.graphql }\n`;
const LONG_TEST_MS = 180_000;
const KILLS = 12;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let storePath: string;

function start(words: readonly string[], secret?: string) {
  const own = Object.entries(inheritedEnvironment()).filter(([name]) => !name.startsWith('CRM_'));
  const env = { ...Object.fromEntries(own), SUPERGRAPH_SOURCE: `file:${storePath}` };
  const signing = secret === undefined ? {} : { CRM_REGISTRY_SECRET: secret };
  return spawn(process.execPath, [MAIN, ...words], { cwd: folder, env: { ...env, ...signing } });
}

async function schema(...words: string[]): Promise<Ended> {
  return runSigned(undefined, ...words);
}

async function runSigned(secret: string | undefined, ...words: string[]): Promise<Ended> {
  const child = start(words, secret);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: out.join(''), stderr: err.join('') };
}

const write = (text: string): Promise<void> => writeFile(join(folder, 'books.graphql'), text);
const published = (): PublishedSchemas =>
  new PublishedSchemas(openFolderReader(storePath), { secret: undefined, previous: undefined });
async function history(): Promise<SignedRelease[]> {
  const releases: SignedRelease[] = [];
  for await (const signed of published().history()) releases.push(signed);
  return releases;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-publish-'));
  storePath = join(folder, 'store');
  await writeFile(join(folder, 'supergraph.yaml'), LIST);
  await writeFile(join(folder, 'contracts.yaml'), 'partner: { exclude: [inner] }\n');
  await write(bookOf('book:read'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the commands for what is published', () => {
  it(
    'publish, list, show, compare and fetch',
    async () => {
      expect(await schema('publish', '--message', 'the first', '--author', 'ann', '--commit', 'c0ffee')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^published {2}#1 .* ann {2}the first\n$/) as string,
      });
      await write(bookOf('book:read', '"All books." books: [Book!]'));
      expect((await schema('publish', '--message', 'the second', '--author', 'bob')).code).toBe(0);
      expect((await schema('publish', '--message', 'the same')).stdout).toContain('nothing to publish');
      const [second, first] = await history();
      expect((await schema('history')).stdout.split('\n').map((line) => line.slice(0, 2))).toEqual(['#2', '#1', '']);
      const shown = JSON.parse(
        (await schema('show', String(first?.release.supergraph), '--json')).stdout,
      ) as SignedRelease;
      expect(shown).toMatchObject({ ...first, report: { formatVersion: 1, passed: true } });
      const diff = JSON.parse((await schema('diff', '#1', '--json')).stdout) as { changes: ReleaseChange[] };
      expect(diff.changes.map(({ verdict, code }) => `${verdict} ${code}`)).toContain('safe FIELD_ADDED');
      const out = join(folder, 'fetched.graphql');
      expect((await schema('fetch', '#1', '--out', out)).code).toBe(0);
      expect(await readFile(out, 'utf8')).toBe(await published().text(first?.release.supergraph ?? ''));
      const contract = (await schema('fetch', '--contract', 'partner')).stdout;
      expect([contract.includes('title'), contract.includes('year')]).toEqual([true, false]);
      expect(second?.release.parent).toBe(first?.hash);
    },
    LONG_TEST_MS,
  );

  it('refuse to publish what breaks clients or does not compose, and leave what is published', async () => {
    await schema('publish', '--message', 'the first');
    await write(
      bookOf('book:read').replace('"Its year." year: Int @tag(name: "inner")', 'other: Int @tag(name: "inner")'),
    );
    const breaking = await schema('publish', '--message', 'breaks');
    expect([breaking.code, breaking.stderr]).toEqual([1, expect.stringContaining('not published: the check failed')]);
    expect(breaking.stdout).toContain('Book.year');
    await write('type Query {');
    expect((await schema('publish', '--message', 'is no schema')).code).toBe(1);
    expect(await history()).toHaveLength(1);
  });

  it(
    'let one of two publishers at once win, and tell the other who was faster',
    async () => {
      await schema('publish', '--message', 'the first');
      await write(bookOf('book:read', '"All books." books: [Book!]'));
      const base = (await history())[0]?.hash ?? '';
      // Both were checked against the release before, whoever of the two comes first.
      const ended = await Promise.all(
        ['ann', 'bob'].map((author) =>
          schema('publish', '--message', `by ${author}`, '--author', author, '--after', base),
        ),
      );
      const losers = ended.filter(({ code }) => code === 1);
      const [newest] = await history();
      // Who reads after the other has published is told as well: --after names the release that was looked at.
      expect(ended.map(({ code }) => code).sort()).toEqual([0, 1]);
      expect(losers[0]?.stderr).toContain(`by ${newest?.release.author ?? ''}`);
      expect(newest?.release.number).toBe(2);
    },
    LONG_TEST_MS,
  );

  it(
    'go back, unless callers would see with less than now',
    async () => {
      await write(bookOf('book:read'));
      await schema('publish', '--message', 'the first');
      await write(bookOf('book:read", "book:secret', '"All books." books: [Book!]'));
      // Asking for more breaks callers who have less: the check says so, and it is approved.
      const failed = await schema('publish', '--message', 'asks for more', '--json');
      const { outcome, report } = JSON.parse(failed.stdout) as { outcome: string; report?: CheckReport };
      for (const { fingerprint, fails } of report?.findings ?? []) {
        const words = ['--reason', 'it was open', '--until', '2099-01-01', '--approver', 'ann'];
        if (fails) expect((await schema('approval', 'add', fingerprint, ...words)).code).toBe(0);
      }
      if (outcome === 'checkFailed') expect((await schema('publish', '--message', 'asks for more')).code).toBe(0);
      const refused = await schema('rollback', '#1');
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('  Book.title\n') as string });
      expect(await history()).toHaveLength(2);
      expect((await schema('rollback', '#1', '--accept-loosened', 'nobody can read', '--author', 'eve')).code).toBe(0);
      const [back, , first] = await history();
      expect(back?.release).toMatchObject({
        ...{ number: 3, action: 'rollback', author: 'eve', loosenedBecause: 'nobody can read' },
        supergraph: first?.release.supergraph,
      });
      expect((await schema('rollback', '#2')).code).toBe(0);
    },
    LONG_TEST_MS,
  );

  it(
    'begin to sign where nobody signed, and then let nobody go on without the secret',
    async () => {
      const secret = 's'.repeat(32);
      expect((await schema('publish', '--message', 'the first')).code).toBe(0);
      const refused = await runSigned(secret, 'history');
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--unsigned')]);
      expect((await runSigned(secret, 'publish', '--message', 'the second')).code).toBe(2);
      await write(bookOf('book:read', '"All books." books: [Book!]'));
      expect((await runSigned(secret, 'publish', '--message', 'the second', '--unsigned')).code).toBe(0);
      const told = await runSigned(secret, 'history');
      expect(told.stdout).toMatch(/^#2 .*the second\n#1 .*the first {2}\(not signed\)\n$/);
      await write(bookOf('book:read'));
      expect(await schema('publish', '--message', 'the third', '--strict')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('set CRM_REGISTRY_SECRET') as string,
      });
      expect(await history()).toHaveLength(2);
    },
    LONG_TEST_MS,
  );

  it('do not go back to a release whose supergraph is damaged', async () => {
    await schema('publish', '--message', 'the first');
    const hash = (await history())[0]?.release.supergraph ?? '';
    await write(bookOf('book:read', '"All books." books: [Book!]'));
    await schema('publish', '--message', 'the second');
    await writeFile(join(storePath, `artifacts/${hash}.graphql`), 'type Query {');
    expect(await schema('rollback', '#1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('damaged') as string,
    });
    expect((await history())[0]?.release.number).toBe(2);
  });

  it(
    `never point at something that is missing when a publisher is killed, ${KILLS} times`,
    async () => {
      await schema('publish', '--message', 'the first');
      const seed = Date.now() % 100_000;
      console.info(`seed ${seed}`);
      const random = seededRandom(seed);
      for (let round = 0; round < KILLS; round++) {
        await write(
          bookOf('book:read', Array.from({ length: round + 1 }, (_, at) => `"A field." f${at}: Int`).join(' ')),
        );
        const child = start(['publish', '--message', `round ${round}`]);
        const ended = once(child, 'exit');
        const names = async (): Promise<number> => (await readdir(storePath, { recursive: true })).length;
        const before = await names();
        // From the first file that it writes on it may die anywhere.
        while (child.exitCode === null && (await names()) === before) await new Promise((go) => setImmediate(go));
        const turns = Math.floor(random() * 40);
        for (let turn = 0; turn < turns; turn++) await new Promise((go) => setImmediate(go));
        child.kill('SIGKILL');
        await ended;
        const releases = await history();
        expect(releases.length).toBeGreaterThan(0);
        for (const { release } of releases) {
          expect(await published().text(release.supergraph)).toContain('@join__graph');
          for (const contract of Object.values(release.contracts)) await published().text(contract);
        }
      }
      expect((await schema('publish', '--message', 'the last')).code).toBe(0);
      const [newest] = await history();
      expect(JSON.parse(await readFile(join(storePath, 'current.json'), 'utf8'))).toEqual(newest);
    },
    LONG_TEST_MS,
  );

  it.each([
    ['no message', ['publish'], 3, /--message/],
    [
      'a store that cannot be published into',
      ['publish', '--message', 'x', '--store', 'https://example.com/x/'],
      3,
      /can be read/,
    ],
    ['a store that is none', ['history', '--store', 'ftp:x'], 3, /must begin with/],
    ['a store that is not there', ['history', '--store', 'file:/nowhere/store'], 2, /is not there/],
    ['a release that there is not', ['show', 'abcdef'], 3, /no release|nothing was published/],
  ])('say what is wrong with %s, and end with %s', async (_, words, expected, said) => {
    await schema('publish', '--message', 'the first');
    const { code, stderr } = await schema(...words);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(said)]);
  });
});
