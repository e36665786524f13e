// Approvals as a team meets them: a check fails, its fingerprint is approved by the command, and the check passes until
// the change becomes another one.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CheckReport, Finding } from '../../../registry/finding.ts';

const MAIN = fileURLToPath(new URL('../../../registry/main.ts', import.meta.url));
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes"])\n';
const BOOK =
  '"A book."\ntype Book @key(fields: "id") { id: ID! title: String @requiresScopes(scopes: [["book:read"]]) year: Int }\n';
const QUERY = '"What to ask for."\ntype Query { book(id: ID!): Book }\n';

const run = promisify(execFile);
let folder: string;

async function write(schema: string, file = 'books.graphql'): Promise<void> {
  const list = `federation_version: =2.9.0\nsubgraphs:\n  books:\n    routing_url: http://localhost:4001\n    schema: { file: ${file} }\n`;
  await writeFile(join(folder, 'head/supergraph.yaml'), list);
  await writeFile(join(folder, 'head', file), schema);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-approve-'));
  await mkdir(join(folder, 'head'));
  await write(LINK + BOOK + QUERY);
  await rename(join(folder, 'head'), join(folder, 'base'));
  await mkdir(join(folder, 'head'));
});
afterEach(async () => rm(folder, { recursive: true }));

async function registry(...words: string[]): Promise<{ code: number; stdout: string }> {
  try {
    const { stdout } = await run(process.execPath, [MAIN, ...words], { cwd: join(folder, 'head') });
    return { code: 0, stdout };
  } catch (error) {
    return error as { code: number; stdout: string };
  }
}

async function check(): Promise<{ code: number; failing: Finding[] }> {
  const { code, stdout } = await registry('check', '--base-dir', '../base', '--format', 'json');
  const { findings } = JSON.parse(stdout) as CheckReport;
  return { code, failing: findings.filter(({ fails }) => fails) };
}

async function approve(finding: Finding | undefined, ...approvers: string[]): Promise<number> {
  const words = ['--reason', 'agreed', '--until', '2999-12-31', '--approver', ...approvers];
  return (await registry('approval', 'add', finding?.fingerprint ?? '', ...words)).code;
}

describe('approvals', () => {
  it('let an approved change pass, also when the files move and are reordered, and no other change', async () => {
    await write(LINK + BOOK.replace(' year: Int', '') + QUERY);
    const before = await check();
    expect([before.code, before.failing.map(({ code, coordinate }) => `${code} ${coordinate}`)]).toEqual([
      1,
      ['FIELD_REMOVED Book.year'],
    ]);
    expect(await approve(before.failing[0], 'ana')).toBe(0);
    expect(await check()).toEqual({ code: 0, failing: [] });
    await write(`${LINK}\n\n${QUERY}${BOOK.replace(' year: Int', '').replace('A book.', 'Printed.')}`, 'moved.graphql');
    expect(await check()).toEqual({ code: 0, failing: [] });
    await write(LINK + BOOK.replace('year: Int', 'year: String') + QUERY);
    expect((await check()).code).toBe(1);
  });

  it('take two people for a change that shows more', async () => {
    await write(LINK + BOOK.replace(' @requiresScopes(scopes: [["book:read"]])', '') + QUERY);
    const { code, failing } = await check();
    expect([code, [...new Set(failing.map(({ verdict }) => verdict))]]).toEqual([1, ['unsafe']]);
    for (const finding of failing) expect(await approve(finding, 'ana')).toBe(0);
    const again = await check();
    expect(again.failing.map((finding) => finding.code)).toContain('APPROVAL_NEEDS_TWO');
    await rm(join(folder, 'head/schema-approvals.yaml'));
    for (const finding of failing) expect(await approve(finding, 'ana', 'ben')).toBe(0);
    expect(await check()).toEqual({ code: 0, failing: [] });
  });
});
