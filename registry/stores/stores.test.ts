// The conformance test of the stores: the same promises of the folder and of MongoDB.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { artifactFile, releaseFile } from '../../store/folderReader.ts';
import { hashOf, printRelease, releaseHash, type SignedRelease } from '../../store/release.ts';
import type { Signing } from '../../store/signature.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { openTestDatabase } from '../../test/harness/testDatabase.ts';
import { publish, type Publication, type PublishOutcome } from '../publish.ts';
import { openFolderStore } from './folderStore.ts';
import { openMongoStore } from './mongoStore.ts';
import type { SchemaStore } from './schemaStore.ts';

const UNSIGNED: Signing = { secret: undefined, previous: undefined };
const SECRET = 'a secret of at least thirty-two characters';

/** A store that is empty, opened as often as there are publishers, and a hand that damages what lies in it. */
interface Bench {
  open(): SchemaStore;
  damageArtifact(hash: string, bytes: Buffer | undefined): Promise<void>;
  damageRelease(number: number, text: string): Promise<void>;
  end(): Promise<void>;
}

async function folderBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-store-'));
  return {
    open: () => openFolderStore(folder),
    damageArtifact: (hash, bytes) => {
      const path = join(folder, artifactFile(hash, 'graphql'));
      return bytes === undefined ? rm(path) : writeFile(path, bytes);
    },
    damageRelease: (number, text) => writeFile(join(folder, releaseFile(number)), text),
    end: () => rm(folder, { recursive: true }),
  };
}

async function mongoBench(): Promise<Bench> {
  const server = await openTestDatabase();
  const database = `stores_${drawId()}`;
  const client = await new mongoose.mongo.MongoClient(server.uri).connect();
  const db = client.db(database);
  const artifacts = db.collection<{ _id: string }>('schemaArtifacts');
  const releases = db.collection<{ _id: number }>('schemaReleases');
  return {
    open: () => openMongoStore({ uri: server.uri, database }),
    async damageArtifact(_id, bytes) {
      if (bytes === undefined) await artifacts.deleteOne({ _id });
      else await artifacts.updateOne({ _id }, { $set: { bytes: new mongoose.mongo.Binary(bytes) } });
    },
    async damageRelease(_id, text) {
      await releases.updateOne({ _id }, { $set: { text } });
    },
    async end() {
      await db.dropDatabase();
      await client.close();
      await server.stop();
    },
  };
}

const publicationOf = (supergraph: string): Publication => ({
  supergraph,
  contracts: new Map([['partner', `# partner\n${supergraph}`]]),
  report: undefined,
  author: 'ann',
  commit: 'c0ffee',
  message: `publishes ${supergraph}`,
});

const contractsOf = (count: number): Map<string, string> =>
  new Map(Array.from({ length: count }, (_, at) => [`contract${at}`, 'type Query { one: Int }']));

describe.each([
  ['a folder', folderBench],
  ['MongoDB', mongoBench],
])('a store in %s', (_, openBench) => {
  let bench: Bench;
  let opened: SchemaStore[];
  const open = (): SchemaStore => {
    const store = bench.open();
    opened.push(store);
    return store;
  };
  const read = (store: SchemaStore, signing = UNSIGNED): PublishedSchemas =>
    new PublishedSchemas(store.reader, signing);
  const publishInto = (
    store: SchemaStore,
    base: SignedRelease | undefined,
    text: string,
    signing = UNSIGNED,
  ): Promise<PublishOutcome> => publish({ store, signing, clock: systemClock }, base, publicationOf(text));
  const published = async (store: SchemaStore, base: SignedRelease | undefined, text: string, signing = UNSIGNED) => {
    const outcome = await publishInto(store, base, text, signing);
    if (outcome.kind !== 'published') throw new Error(`it was ${outcome.kind}`);
    return outcome.signed;
  };

  beforeEach(async () => {
    bench = await openBench();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await bench.end();
  });

  it('gives back what was published, by its hash, with who published it', async () => {
    const store = open();
    const first = await published(store, undefined, 'type Query { a: Int } # ä\u{1f600}');
    const current = await read(open()).current();
    expect(current).toEqual(first);
    expect(current?.release).toMatchObject({
      number: 1,
      action: 'publish',
      parent: null,
      author: 'ann',
      commit: 'c0ffee',
    });
    expect(await read(store).text(first.release.supergraph)).toBe('type Query { a: Int } # ä\u{1f600}');
    expect(await read(store).text(first.release.contracts['partner'] ?? '')).toMatch(/^# partner/);
  });

  it('gives its releases from the newest backwards, each naming the one before', async () => {
    const store = open();
    let base: SignedRelease | undefined;
    for (const text of ['one', 'two', 'three']) base = await published(store, base, text);
    const releases: SignedRelease[] = [];
    for await (const signed of read(store).history()) releases.push(signed);
    expect(releases.map(({ release }) => [release.number, release.message])).toEqual([
      [3, 'publishes three'],
      [2, 'publishes two'],
      [1, 'publishes one'],
    ]);
    expect(releases[0]?.release.parent).toBe(releases[1]?.hash);
  });

  it('keeps one artifact for equal texts, and adds no release for schemas that are published already', async () => {
    const store = open();
    const first = await published(store, undefined, 'one');
    expect(await publishInto(store, first, 'one')).toEqual({ kind: 'unchanged', signed: first });
    expect((await read(store).current())?.release.number).toBe(1);
  });

  it.each([
    ['a message that no reader takes', { message: 'm'.repeat(5_001) }, /message has more than 5000 characters/],
    ['more contracts than a release holds', { contracts: contractsOf(1_500) }, /the release has \d+ bytes/],
    ['a supergraph that no reader takes', { supergraph: 'a'.repeat(12_000_001) }, /an artifact has 12000001 bytes/],
  ])('refuses %s, and stays as it was', async (__, other, said) => {
    const store = open();
    const first = await published(store, undefined, 'one');
    const desk = { store, signing: UNSIGNED, clock: systemClock };
    await expect(publish(desk, first, { ...publicationOf('two'), ...other })).rejects.toThrow(said);
    expect(await read(store).current()).toEqual(first);
  });

  it('lets one of two publishers win and tells the other what was published', async () => {
    const base = await published(open(), undefined, 'base');
    for (let round = 0; round < 10; round++) {
      const from = round === 0 ? base : await read(open()).current();
      const outcomes = await Promise.all(
        ['left', 'right'].map((side) => publishInto(open(), from, `${side} ${round}`)),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['overtaken', 'published']);
      const current = await read(open()).current();
      for (const outcome of outcomes) expect('by' in outcome ? outcome.by : outcome.signed).toEqual(current);
    }
  });

  it('lets one of ten first publishers win', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (__, index) => publishInto(open(), undefined, `publisher ${index}`)),
    );
    expect(outcomes.filter(({ kind }) => kind === 'published')).toHaveLength(1);
    expect((await read(open()).current())?.release.number).toBe(1);
  });

  it('points at the old release after a crash between artifacts and pointer, and takes the same publish again', async () => {
    const store = open();
    const first = await published(store, undefined, 'one');
    const dying: SchemaStore = {
      ...store,
      reader: store.reader,
      putArtifact: store.putArtifact.bind(store),
      append: () => Promise.reject(new Error('the power is gone')),
      settle: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    await expect(publishInto(dying, first, 'two')).rejects.toThrow('the power is gone');
    expect(await read(open()).current()).toEqual(first);
    const second = await published(open(), first, 'two');
    expect(await read(open()).text(second.release.supergraph)).toBe('two');
  });

  it.each([
    ['is missing', undefined, /is missing/],
    ['is empty', Buffer.alloc(0), /is empty/],
    ['was cut off', Buffer.from('type Query { on'), /is damaged/],
    ['has another content', Buffer.from('type Query { two: Int }'), /is damaged/],
    ['is larger than any may be', Buffer.alloc(12_000_001, 97), /more than 12000000 bytes/],
  ])('refuses an artifact that %s', async (__, bytes, said) => {
    const store = open();
    const { release } = await published(store, undefined, 'type Query { one: Int }');
    await bench.damageArtifact(release.supergraph, bytes);
    await expect(read(store).text(release.supergraph)).rejects.toThrow(said);
  });

  it('puts a damaged artifact right when it is published again', async () => {
    const store = open();
    const { release } = await published(store, undefined, 'one');
    await bench.damageArtifact(release.supergraph, Buffer.from('on'));
    await store.putArtifact(release.supergraph, 'graphql', 'one');
    expect(await read(store).text(release.supergraph)).toBe('one');
  });

  it.each([
    ['is empty', () => '', /it is empty/],
    ['was cut off', (text: string) => text.slice(0, -20), /it is no JSON/],
    [
      'names another supergraph',
      (text: string) => text.replace(hashOf('two'), hashOf('evil')),
      /its hash does not fit/,
    ],
    ['has another author', (text: string) => text.replace('"ann"', '"bob"'), /its hash does not fit/],
    ['is of a format to come', (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'), /format/],
    ['is something else', () => '[1, 2]', /it has no release/],
  ])('refuses a newest release that %s', async (__, damage, said) => {
    const store = open();
    const second = await published(store, await published(store, undefined, 'one'), 'two');
    await bench.damageRelease(2, damage(printRelease(second)));
    await expect(read(store).current()).rejects.toThrow(said);
  });

  it('refuses a release of the past that is not the one that was published', async () => {
    const store = open();
    const first = await published(store, undefined, 'one');
    await published(store, first, 'two');
    const other = { ...first.release, author: 'bob' };
    await bench.damageRelease(1, printRelease({ release: other, hash: releaseHash(other), signature: null }));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const { release } of read(store).history()) seen.push(release.number);
      })(),
    ).rejects.toThrow('release 1 is not the one that release 2 names');
    expect(seen).toEqual([2]);
  });

  it('takes with a secret what was signed with it or the one before, and nothing else', async () => {
    const store = open();
    const signing = { secret: SECRET, previous: undefined };
    const first = await published(store, undefined, 'one');
    await expect(read(store, signing).current()).rejects.toThrow('is not signed');
    const second = await published(store, first, 'two', signing);
    expect(await read(store, signing).current()).toEqual(second);
    expect(await read(store, { secret: `new ${SECRET}`, previous: SECRET }).current()).toEqual(second);
    await expect(read(store, { secret: `new ${SECRET}`, previous: undefined }).current()).rejects.toThrow(
      'signed with another secret',
    );
    expect(await read(store).current()).toEqual(second);
  });
});
