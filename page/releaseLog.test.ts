import { hashOf, printRelease, releaseHash, type Release, type SignedRelease } from '../store/release.ts';
import type { StoreReader } from '../store/storeReader.ts';
import { PublishedSchemas } from '../store/storeReader.ts';
import { tellHistory } from './changelog.ts';
import { ReleaseLog } from './releaseLog.ts';

const REPORT = JSON.stringify({ passed: true, compared: {}, findings: [] });

/** A store in memory that counts what is read of it. */
class CountedStore {
  readonly releases: SignedRelease[] = [];
  reads = 0;

  publish(supergraph: string, given: Partial<Release> = {}): void {
    const release: Release = {
      ...{ formatVersion: 1, number: this.releases.length + 1, action: 'publish', supergraph: hashOf(supergraph) },
      ...{ contracts: {}, report: hashOf(REPORT), author: 'Ana', commit: null, message: 'a change' },
      ...{ publishedAt: '2026-10-01T00:00:00.000Z', parent: this.releases.at(-1)?.hash ?? null },
      loosenedBecause: null,
      ...given,
    };
    this.releases.push({ release, hash: releaseHash(release), signature: null });
  }

  open(): ReleaseLog {
    const give = (signed: SignedRelease | undefined): Promise<string | undefined> => {
      this.reads += 1;
      return Promise.resolve(signed && printRelease(signed));
    };
    const reader: StoreReader = {
      kind: 'file',
      newest: () => give(this.releases.at(-1)),
      release: (number) => give(this.releases[number - 1]),
      artifact: () => Promise.resolve(Buffer.from(REPORT)),
      close: () => Promise.resolve(),
    };
    return new ReleaseLog(new PublishedSchemas(reader, { secret: undefined, previous: undefined }));
  }
}

describe('the log of releases', () => {
  it('reads each release once, and what was published since', async () => {
    const store = new CountedStore();
    for (let at = 0; at < 40; at += 1) store.publish(`graph ${at}`);
    const log = store.open();
    expect((await log.newest())?.release.number).toBe(40);
    store.publish('another');
    store.reads = 0;
    expect((await log.newest())?.release.number).toBe(41);
    // The newest, and the one before, which is known.
    expect(store.reads).toBe(2);
    expect((await log.find(7))?.release.supergraph).toBe(hashOf('graph 6'));
  });

  it('is told in pages from the newest backwards, without a gap', async () => {
    const store = new CountedStore();
    for (let at = 0; at < 25; at += 1) store.publish(`graph ${at}`);
    const log = store.open();
    const numbers: number[] = [];
    let before: number | undefined = Number.MAX_SAFE_INTEGER;
    while (before !== undefined) {
      const { entries, next } = await tellHistory(log, before, 10);
      numbers.push(...entries.map(({ number }) => number));
      before = next;
    }
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, at) => 25 - at));
  });

  it('says what a rollback put back, and tells none of its old report as its own', async () => {
    const store = new CountedStore();
    for (const graph of ['a', 'b', 'c']) store.publish(graph);
    store.publish('b', { action: 'rollback', message: 'too slow' });
    const { entries } = await tellHistory(store.open(), 100, 10);
    expect(entries[0]).toMatchObject({ action: 'rollback', restores: 2, message: 'too slow', changes: [] });
    expect(entries[0]?.report).toBeUndefined();
    expect(entries[1]).toMatchObject({ report: { sentence: 'Nothing changed for clients.' } });
    expect(entries[3]).toMatchObject({ report: { sentence: expect.stringContaining('The first release') as string } });
  });

  it('says that the history cannot be read where a release is missing', async () => {
    const store = new CountedStore();
    for (const graph of ['a', 'b', 'c']) store.publish(graph);
    store.releases[1] = { ...(store.releases[0] as SignedRelease) };
    await expect(store.open().newest()).rejects.toThrow('release 2 is not the one that release 3 names');
  });
});
