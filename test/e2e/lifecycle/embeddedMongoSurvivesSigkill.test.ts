// Every write that was acknowledged is there after the process was killed, and every index agrees with the documents.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';

const KILLS = 20;
const WRITES_A_LIFE = 100;
const MAIN = join(import.meta.dirname, '../../../embedded-mongo/main.ts');

interface Running {
  readonly child: ChildProcess;
  readonly uri: string;
}

async function start(folder: string): Promise<Running> {
  const child = fork(MAIN, ['--port', '0', '--data', folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = (await once(child, 'message')) as [{ ready: string }];
  return { child, uri: message.ready };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

type Client = InstanceType<typeof mongoose.mongo.MongoClient>;

/** Writes from several clients at once until `kill` ends the server; gives the keys that were acknowledged. */
async function writeUntilKilled(client: Client, life: number, running: Running): Promise<number[]> {
  const docs = client.db('crash').collection('docs');
  const acknowledged: number[] = [];
  let next = life * 1_000_000;
  let killed: Promise<void> | undefined;
  const writer = async (): Promise<void> => {
    while (!killed) {
      next += 1;
      const key = next;
      try {
        await docs.insertOne({ key, group: key % 7, version: 0 });
        await docs.updateOne({ key }, { $set: { version: 1, group: key % 5 } });
        acknowledged.push(key);
      } catch {
        return;
      }
      if (acknowledged.length >= WRITES_A_LIFE) killed ??= kill(running.child);
    }
  };
  await Promise.all([writer(), writer(), writer(), writer()]);
  await killed;
  return acknowledged;
}

function connect(uri: string): Promise<Client> {
  const options = { retryWrites: false, retryReads: false, serverSelectionTimeoutMS: 2_000 };
  return mongoose.mongo.MongoClient.connect(uri, options);
}

test(`loses none of ${KILLS * WRITES_A_LIFE} acknowledged writes in ${KILLS} kills, and its indexes agree`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-crash-'));
  try {
    const acknowledged: number[] = [];
    for (let life = 0; life < KILLS; life += 1) {
      const running = await start(folder);
      const client = await connect(running.uri);
      if (life === 0) {
        await client
          .db('crash')
          .collection('docs')
          .createIndexes([{ key: { key: 1 }, unique: true }, { key: { group: 1, key: -1 } }]);
      }
      acknowledged.push(...(await writeUntilKilled(client, life + 1, running)));
      await client.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS * WRITES_A_LIFE);
    const running = await start(folder);
    const client = await connect(running.uri);
    const docs = client.db('crash').collection('docs');
    const all = await docs.find({}, { hint: { $natural: 1 } }).toArray();
    const written = new Map(all.map((doc) => [doc['key'] as number, doc]));
    const lost = acknowledged.filter((key) => written.get(key)?.['version'] !== 1);
    expect(lost).toEqual([]);
    expect(written.size).toBe(all.length);
    for (const group of [0, 1, 2, 3, 4, 5, 6]) {
      const byIndex = await docs.find({ group }).hint({ group: 1, key: -1 }).toArray();
      const byScan = all.filter((doc) => doc['group'] === group);
      expect(new Set(byIndex.map((doc) => doc['key'] as number))).toEqual(
        new Set(byScan.map((doc) => doc['key'] as number)),
      );
    }
    const [first] = acknowledged;
    await expect(docs.insertOne({ key: first })).rejects.toMatchObject({ code: 11_000 });
    expect(await docs.countDocuments({ key: { $in: acknowledged } })).toBe(acknowledged.length);
    await client.close();
    await kill(running.child);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);
