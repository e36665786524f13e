import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../platform/clock.ts';
import { openFolderReader, releaseFile } from '../../store/folderReader.ts';
import { hashOf } from '../../store/release.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { publish, type Publication } from '../publish.ts';
import { openFolderStore } from './folderStore.ts';

const UNSIGNED = { secret: undefined, previous: undefined };

const publicationOf = (supergraph: string): Publication => ({
  ...{ supergraph, contracts: new Map(), report: undefined, author: 'ann', commit: undefined, message: 'says' },
});

describe('a store in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-store-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('tells a folder that is not there from one into which nothing was published yet', async () => {
    await expect(openFolderReader(join(folder, 'nowhere')).newest()).rejects.toThrow('is not there');
    expect(await openFolderReader(folder).newest()).toBeUndefined();
  });

  it('reads as it did when it comes out of git', async () => {
    const store = openFolderStore(join(folder, 'store'));
    const outcome = await publish({ store, signing: UNSIGNED, clock: systemClock }, undefined, publicationOf('one\n'));
    const git = (...words: string[]) =>
      promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', join(folder, 'store'), ...words]);
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'one');
    await promisify(execFile)('git', ['clone', '--quiet', join(folder, 'store'), join(folder, 'clone')]);
    const clone = new PublishedSchemas(openFolderReader(join(folder, 'clone')), UNSIGNED);
    expect(outcome).toEqual({ kind: 'published', signed: await clone.current() });
    expect(await clone.text(hashOf('one\n'))).toBe('one\n');
  });

  it('brings current.json up to the newest release when a publisher died before it did', async () => {
    const store = openFolderStore(folder);
    const desk = { store, signing: UNSIGNED, clock: systemClock };
    await publish(desk, undefined, publicationOf('one'));
    const currentPath = join(folder, 'current.json');
    await truncate(currentPath);
    const base = await new PublishedSchemas(store.reader, UNSIGNED).current();
    expect(await publish(desk, base, publicationOf('one'))).toMatchObject({ kind: 'unchanged' });
    expect(await readFile(currentPath, 'utf8')).toBe(await readFile(join(folder, releaseFile(1)), 'utf8'));
  });

  it('leaves no draft behind', async () => {
    const store = openFolderStore(folder);
    const desk = { store, signing: UNSIGNED, clock: systemClock };
    await Promise.all(['one', 'two', 'three'].map((text) => publish(desk, undefined, publicationOf(text))));
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('draft'))).toEqual([]);
    expect(names.filter((name) => name.startsWith('history/'))).toEqual(['history/000001.json']);
  });
});
