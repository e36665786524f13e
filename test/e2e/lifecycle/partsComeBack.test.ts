// What dies under `npm start` comes back, also where it dies again because the database is not back yet.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../harness/startProcess.ts';
import { startChild } from '../../../cli/childPart.ts';
import { keepAlive } from '../../../cli/keepAlive.ts';

/** Starts well but for its second and third time, and dies by itself only the first time. */
const PART = `
import { appendFileSync, readFileSync } from 'node:fs';
const [tally] = process.argv.slice(2);
appendFileSync(tally, 'x');
const times = readFileSync(tally, 'utf8').length;
if (times === 2 || times === 3) process.exit(1);
process.send({ ready: 'here' });
if (times === 1) setImmediate(() => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 1_000);
`;

describe('a part of npm start', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-keep-'));
    await writeFile(join(folder, 'part.mjs'), PART);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is started anew until it is there again, although what it needs is still away', async () => {
    const tally = join(folder, 'tally');
    const top = fileURLToPath(new URL('../../..', import.meta.url));
    const file = relative(top, join(folder, 'part.mjs'));
    const plan = { name: 'part', file, words: [tally], env: {}, logPath: join(folder, 'part.log') };
    const stopping = new AbortController();
    const end = keepAlive(startChild(plan), plan, stopping.signal);
    await waitUntil(async () => {
      const starts = existsSync(tally) ? await readFile(tally, 'utf8') : '';
      return starts.length === 4 ? true : undefined;
    });
    stopping.abort();
    await end();
    expect(await readFile(tally, 'utf8')).toBe('xxxx');
  });
});
