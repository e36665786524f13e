import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIde } from './ide.ts';

describe('the page’s files', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-ide-'));
    await mkdir(join(folder, 'dist/assets'), { recursive: true });
    await writeFile(join(folder, 'dist/index.html'), '<p>page</p>');
    await writeFile(join(folder, 'dist/assets/a.js'), '1');
    await writeFile(join(folder, 'secret.js'), 'secret');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('come with a policy that allows nothing from elsewhere', async () => {
    const page = await openIde(join(folder, 'dist'))('/');
    expect(page?.body.toString()).toBe('<p>page</p>');
    const policy = page?.headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    expect((await openIde(join(folder, 'dist'))('/ide/assets/a.js'))?.headers['content-type']).toMatch(/javascript/);
  });

  it('are read once, however their address is written', async () => {
    const ide = openIde(join(folder, 'dist'));
    const file = await ide('/ide/assets/a.js');
    expect(file?.body.toString()).toBe('1');
    for (const path of ['/ide/1/../assets/a.js', '/ide/assets/./a.js', '/ide//assets/b/../a.js']) {
      expect(await ide(path)).toBe(file);
    }
  });

  it.each(['/ide/../secret.js', '/ide/assets/../../secret.js', '/ide/nothing.js', '/ide/.sources', '/ide/a\0.js'])(
    'do not include %s',
    async (path) => {
      expect(await openIde(join(folder, 'dist'))(path)).toBeUndefined();
    },
  );
});
