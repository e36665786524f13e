import { CommanderError } from 'commander';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalCommand } from './approval.ts';
import { EXIT, type Exit } from './exit.ts';

describe('the approval command', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-approvals-'));
    file = join(folder, 'schema-approvals.yaml');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  async function run(...words: string[]): Promise<Exit> {
    let told: Exit = EXIT.couldNot;
    try {
      await approvalCommand((code) => (told = code)).parseAsync([...words, '--file', file], { from: 'user' });
      return told;
    } catch (error) {
      if (error instanceof CommanderError) return EXIT.wrongUsage;
      throw error;
    }
  }

  const ADD = ['add', '45190b2a23efb843', '--reason', 'agreed', '--until', '2999-12-31', '--approver', 'ana', 'ben'];

  it('makes the file, adds to it, and lists it', async () => {
    expect(await run('list')).toBe(EXIT.done);
    expect(await run(...ADD)).toBe(EXIT.done);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(/^# .*docs\/schema-approvals\.md\n/);
    expect(text).toContain("- fingerprint: '45190b2a23efb843'\n  reason: agreed\n  approvers: [ana, ben]\n");
    expect(await run('list')).toBe(EXIT.done);
  });

  it.each([
    ['a fingerprint that is none', ['add', 'phone', ...ADD.slice(2)]],
    ['a day that is over', ADD.map((word) => (word === '2999-12-31' ? '2020-12-31' : word))],
    ['a day that is none', ADD.map((word) => (word === '2999-12-31' ? 'tomorrow' : word))],
    ['nobody who approves', ADD.slice(0, 6)],
    ['an unknown verb', ['remove', '45190b2a23efb843']],
  ])('refuses %s with exit code 3, and writes nothing', async (_name, words) => {
    expect(await run(...words)).toBe(EXIT.wrongUsage);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses a second entry for one change, and a file with a fault', async () => {
    await run(...ADD);
    const text = await readFile(file, 'utf8');
    expect(await run(...ADD)).toBe(EXIT.wrongUsage);
    expect(await readFile(file, 'utf8')).toBe(text);
    await writeFile(file, `${text}- reason: x\n`);
    expect(await run('list')).toBe(EXIT.wrongUsage);
    expect(await run('add', 'f'.repeat(16), ...ADD.slice(2))).toBe(EXIT.wrongUsage);
    expect(await readFile(file, 'utf8')).toBe(`${text}- reason: x\n`);
  });
});
