// action.yml and the template for GitLab: valid, and every shell line in them runs as it stands, on a shallow clone as
// a pipeline has it. Only `npm` is left out: what it would install is here.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { inheritedEnvironment } from '../../../platform/config.ts';

const TOP = fileURLToPath(new URL('../../../', import.meta.url));
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const SCHEMA = `${LINK}"A book."\ntype Book @key(fields: "id") { id: ID! title: String year: Int }\ntype Query { book(id: ID!): Book }\n`;
const SUPERGRAPH = `federation_version: =2.9.0
subgraphs:
  books:
    routing_url: http://localhost:4001
    schema: { file: books.graphql }
`;
const INSTALL = 'npm ci --omit=dev --ignore-scripts --no-audit --no-fund';

const run = promisify(execFile);

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
interface Template {
  readonly 'schema-check': {
    readonly variables: Readonly<Record<string, string>>;
    readonly script: readonly string[];
    readonly artifacts: { readonly paths: readonly string[]; readonly reports: { readonly junit: string } };
  };
}

interface Outcome {
  readonly code: number;
  readonly said: string;
}

let folder = '';
let commits: { readonly first: string; readonly last: string };

async function git(where: string, ...words: string[]): Promise<string> {
  const { stdout } = await run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...words], {
    cwd: where,
  });
  return stdout.trim();
}

/** Makes a repository with a state and a change of it, and a clone of it that has the last commit alone. */
async function prepare(changed: string): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'crm-pipeline-'));
  const origin = join(folder, 'origin');
  await mkdir(origin);
  await git(origin, 'init', '--quiet', '--initial-branch=main');
  await git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  await writeFile(join(origin, 'supergraph.yaml'), SUPERGRAPH);
  await writeFile(join(origin, 'books.graphql'), SCHEMA);
  await git(origin, 'add', '.');
  await git(origin, 'commit', '--quiet', '-m', 'first');
  const first = await git(origin, 'rev-parse', 'HEAD');
  await writeFile(join(origin, 'books.graphql'), changed);
  await git(origin, 'commit', '--quiet', '--all', '--allow-empty', '-m', 'change');
  commits = { first, last: await git(origin, 'rev-parse', 'HEAD') };
  await git(folder, 'clone', '--quiet', '--depth=1', `file://${origin}`, 'work');
  // A pipeline has Node 24 as `node`; npm only writes down what it was asked for.
  await mkdir(join(folder, 'bin'));
  await symlink(join(TOP, 'node_modules/.bin/node'), join(folder, 'bin/node'));
  await writeFile(join(folder, 'bin/npm'), `#!/bin/sh\necho "npm $*" >> "${folder}/npm.log"\n`);
  await chmod(join(folder, 'bin/npm'), 0o755);
  return join(folder, 'work');
}

async function runShell(script: string, cwd: string, variables: Readonly<Record<string, string>>): Promise<Outcome> {
  const inherited = inheritedEnvironment();
  const env = { ...inherited, PATH: `${join(folder, 'bin')}:${inherited['PATH'] ?? ''}`, ...variables };
  try {
    // As both services start it: it ends with the first command that fails.
    const { stdout, stderr } = await run('bash', ['-eo', 'pipefail', '-c', script], { cwd, env });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, said: failed.stdout + failed.stderr };
  }
}

afterEach(async () => {
  if (folder !== '') await rm(folder, { recursive: true });
  folder = '';
});

describe('action.yml', () => {
  let action: Action;
  beforeAll(async () => {
    action = parse(await readFile(join(TOP, 'action.yml'), 'utf8')) as Action;
  });

  async function runAction(work: string, variables: Readonly<Record<string, string>>): Promise<Outcome> {
    const given = { GITHUB_SHA: commits.last, ...variables };
    const script = action.runs.steps.map((step) => (step.run === undefined ? '' : `${step.run}\n`));
    const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const inputs = { CONFIG: 'supergraph.yaml', OUT: 'schema-report' };
    const empty = Object.fromEntries(
      action.runs.steps.flatMap(({ env }) => Object.keys(env ?? {})).map((key) => [key, '']),
    );
    const environment = { ...empty, ...inputs, ...given, ...files, GITHUB_ACTION_PATH: TOP };
    const outcomes: Outcome[] = [];
    for (const text of script.filter((each) => each !== '')) outcomes.push(await runShell(text, work, environment));
    return { code: outcomes.at(-1)?.code ?? -1, said: outcomes.map(({ said }) => said).join('') };
  }

  it('fits the published schema of actions', async () => {
    const schema = JSON.parse(await readFile(join(TOP, 'test/schemas/github-action.json'), 'utf8')) as object;
    const validate = new Ajv({ strict: false, logger: false }).compile(schema);
    validate(action);
    expect(validate.errors).toBeNull();
  });

  it('uses every input, says what each is for, and puts none of them into a shell line', () => {
    const { steps } = action.runs;
    const used = JSON.stringify(steps);
    for (const [name, { description }] of Object.entries(action.inputs)) {
      expect(description).toMatch(/\.$/);
      expect(used).toContain(`inputs.${name}`);
    }
    for (const step of steps) expect(step.run ?? '').not.toContain('${{');
  });

  it('installs what runs, passes what is safe, and shows the comment and the folder of reports', async () => {
    const work = await prepare(SCHEMA.replace('year: Int', 'year: Int pages: Int'));
    const { code, said } = await runAction(work, { PULL_REQUEST_BASE: commits.first });
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringContaining('::notice title=Schema check::') as unknown,
    });
    expect(await readFile(join(folder, 'npm.log'), 'utf8')).toBe(`${INSTALL}\n`);
    expect(await readFile(join(folder, 'output'), 'utf8')).toBe('exit-code=0\n');
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('### ✅ Schema check passed: 1 change');
    expect(await readdir(join(work, 'schema-report'))).toHaveLength(6);
  });

  it.each([
    ['a pull request whose merge is checked out', () => ({ PULL_REQUEST_BASE: '0'.repeat(39) + '1' })],
    [
      'a pull request whose branch is checked out',
      () => ({ PULL_REQUEST_BASE: commits.first, GITHUB_SHA: 'f'.repeat(40) }),
    ],
    ['a push', () => ({ EARLIER: commits.first })],
    ['a named commit', () => ({ BASE: commits.first, EARLIER: commits.last })],
  ])('annotates the line that breaks and fails with 1: %s', async (_name, variables) => {
    const work = await prepare(SCHEMA.replace('title: String ', ''));
    const { code, said } = await runAction(work, variables());
    expect(said).toMatch(/^::error file=books\.graphql,line=3,title=breaking FIELD_REMOVED Book\.title::/m);
    expect(code).toBe(1);
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('### ❌ Schema check failed: 1 breaking');
  });

  it('passes options and manifests on, word by word', async () => {
    const work = await prepare(SCHEMA);
    const named = await runAction(work, {
      BASE: commits.first,
      ARGUMENTS: '--strict --verbose',
      OPERATIONS: 'a b.json\n',
    });
    expect(named.said).toContain('a b.json');
    expect(named.code).toBeGreaterThan(1);
    const wrong = await runAction(work, { BASE: commits.first, ARGUMENTS: '--no-such' });
    expect(wrong.code).toBe(3);
  });
});

describe('examples/gitlab-schema-check.yml', () => {
  it.each([
    ['passes what is safe', SCHEMA.replace('year: Int', 'year: Int pages: Int'), 0],
    ['fails with 1 for what breaks', SCHEMA.replace('title: String ', ''), 1],
  ])('%s, and leaves the reports that it names', async (_name, changed, code) => {
    const text = await readFile(join(TOP, 'examples/gitlab-schema-check.yml'), 'utf8');
    const job = (parse(text) as Template)['schema-check'];
    const work = await prepare(changed);
    const given = { CI_MERGE_REQUEST_DIFF_BASE_SHA: commits.first, CRM_GRAPH: TOP };
    const outcome = await runShell(job.script.join('\n'), work, { ...job.variables, ...given });
    expect(outcome).toMatchObject({ code });
    expect(await readFile(join(folder, 'npm.log'), 'utf8')).toBe(`${INSTALL}\n`);
    for (const path of job.artifacts.paths) expect(await readdir(join(work, path))).toContain('report.md');
    expect(await readFile(join(work, job.artifacts.reports.junit), 'utf8')).toContain(
      code === 0 ? 'failures="0"' : 'failures="1"',
    );
  });
});
