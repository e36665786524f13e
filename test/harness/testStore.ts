// A store of published schemas under test: in a folder, in MongoDB, or a folder behind a web server; published into like
// the command does it, and damaged by hand.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { publish } from '../../registry/publish.ts';
import { openFolderStore } from '../../registry/stores/folderStore.ts';
import { openMongoStore } from '../../registry/stores/mongoStore.ts';
import type { SchemaStore } from '../../registry/stores/schemaStore.ts';
import { artifactFile, releaseFile } from '../../store/folderReader.ts';
import { hashOf, shortHash, type SignedRelease } from '../../store/release.ts';
import type { Signing } from '../../store/signature.ts';
import { PublishedSchemas } from '../../store/storeReader.ts';
import { openTestDatabase } from './testDatabase.ts';

const UNSIGNED: Signing = { secret: undefined, previous: undefined };

/** A store under test. */
export interface TestStore {
  /** What SUPERGRAPH_SOURCE is to be. */
  readonly place: string;
  readonly env: Readonly<Record<string, string>>;
  /** Publishes a supergraph on top of the newest release, without a check; gives what people are shown of its hash. */
  publish(supergraph: string, signing?: Signing): Promise<string>;
  /** Publishes a supergraph whose artifact is something else from the beginning. */
  publishDamaged(supergraph: string, bytes: string): Promise<string>;
  current(): Promise<SignedRelease | undefined>;
  /** Takes the store away until what it gives is called. */
  takeAway(): Promise<() => Promise<void>>;
  /** Takes the newest release out, as somebody does who can write the store and wants an older one served. */
  dropNewest(): Promise<void>;
  stop(): Promise<void>;
}

interface Hands {
  readonly place: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly store: SchemaStore;
  putBytes(hash: string, bytes: string): Promise<void>;
  takeAway(): Promise<() => Promise<void>>;
  drop(number: number): Promise<void>;
  stop(): Promise<void>;
}

function openTestStore(hands: Hands): TestStore {
  const { place, env = {}, store } = hands;
  const current = () => new PublishedSchemas(store.reader, UNSIGNED).current();
  const publishAs = async (publishing: SchemaStore, supergraph: string, signing: Signing): Promise<string> => {
    const publication = { supergraph, contracts: new Map(), report: undefined, author: 'a test', commit: undefined };
    const desk = { store: publishing, signing, clock: systemClock };
    const outcome = await publish(desk, await current(), { ...publication, message: 'a change' });
    if (outcome.kind === 'overtaken') throw new Error('somebody else published');
    return shortHash(outcome.signed.release.supergraph);
  };
  return {
    place,
    env,
    current,
    takeAway: () => hands.takeAway(),
    stop: () => hands.stop(),
    async dropNewest() {
      await hands.drop((await current())?.release.number ?? 0);
      await store.settle();
    },
    publish: (supergraph, signing = UNSIGNED) => publishAs(store, supergraph, signing),
    publishDamaged(supergraph, bytes) {
      const damaging: SchemaStore = {
        reader: store.reader,
        putArtifact: (hash, form, text) =>
          hash === hashOf(supergraph) ? hands.putBytes(hash, bytes) : store.putArtifact(hash, form, text),
        append: (signed) => store.append(signed),
        settle: () => store.settle(),
        close: () => Promise.resolve(),
      };
      return publishAs(damaging, supergraph, UNSIGNED);
    },
  };
}

async function folderHands(): Promise<Hands & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-store-'));
  const away = `${folder}.away`;
  return {
    folder,
    place: `file:${folder}`,
    store: openFolderStore(folder),
    async putBytes(hash, bytes) {
      await mkdir(join(folder, 'artifacts'), { recursive: true });
      await writeFile(join(folder, artifactFile(hash, 'graphql')), bytes);
    },
    async takeAway() {
      await rename(folder, away);
      return () => rename(away, folder);
    },
    drop: (number) => rm(join(folder, releaseFile(number))),
    stop: () => rm(folder, { recursive: true }),
  };
}

/** A store in a folder. */
export async function openTestFolder(): Promise<TestStore> {
  return openTestStore(await folderHands());
}

/** A store in MongoDB; it is taken away by hiding its releases, as a server that is away cannot be brought back here. */
export async function openTestMongo(): Promise<TestStore> {
  const server = await openTestDatabase();
  const database = `store_${drawId()}`;
  const client = await new mongoose.mongo.MongoClient(server.uri).connect();
  const db = client.db(database);
  const artifacts = db.collection<{ _id: string }>('schemaArtifacts');
  const store = openMongoStore({ uri: server.uri, database });
  const url = new URL(server.uri);
  url.pathname = database;
  return openTestStore({
    place: url.href,
    store,
    async putBytes(_id, bytes) {
      const document = { form: 'graphql', bytes: new mongoose.mongo.Binary(Buffer.from(bytes)) };
      await artifacts.replaceOne({ _id }, document, { upsert: true });
    },
    async takeAway() {
      const kept = await db.collection('schemaReleases').find().toArray();
      await db.collection('schemaReleases').deleteMany({});
      return async () => {
        await db.collection('schemaReleases').insertMany(kept);
      };
    },
    async drop(_id) {
      await db.collection<{ _id: number }>('schemaReleases').deleteOne({ _id });
    },
    async stop() {
      await store.close();
      await db.dropDatabase();
      await client.close();
      await server.stop();
    },
  });
}

/** A folder behind a web server that knows ETags and asks for a token. */
export async function openTestWebStore(): Promise<TestStore> {
  const hands = await folderHands();
  const token = drawId();
  const statusOf = async (path: string, headers: Readonly<Record<string, unknown>>) => {
    if (headers['authorization'] !== `Bearer ${token}`) return { status: 401 };
    const bytes = await readFile(join(hands.folder, path)).catch(() => undefined);
    if (bytes === undefined) return { status: 404 };
    const etag = `"${hashOf(bytes)}"`;
    return headers['if-none-match'] === etag ? { status: 304 } : { status: 200, etag, bytes };
  };
  const server = createServer((request, response) => {
    void statusOf((request.url ?? '').replace(/^\/store/, ''), request.headers).then(({ status, etag, bytes }) => {
      response.writeHead(status, etag === undefined ? {} : { etag }).end(bytes);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return openTestStore({
    ...hands,
    place: `http://127.0.0.1:${port}/store/`,
    env: { CRM_REGISTRY_TOKEN: token },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await hands.stop();
    },
  });
}
