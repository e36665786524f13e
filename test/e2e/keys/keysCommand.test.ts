// `crm-graph keys` as people call it: processes of their own on a real database, in both lanes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { parseApiKey, printApiKey, drawApiKey } from '../../../gateway/identify/apiKey.ts';
import { drawId } from '../../../platform/random.ts';
import { PEPPERS_TEXT } from '../../harness/keyWish.ts';
import { runProcess } from '../../harness/startProcess.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const SUPERGRAPH = `schema @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }
type Query { a: Int @requiresScopes(scopes: [["orders:read"]]) b: Int @requiresScopes(scopes: [["orders:read:totals"]]) }`;
const WHO = ['--owner', 'Acme', '--purpose', 'order status'];

describe('crm-graph keys', () => {
  const prefix = `t${drawId().slice(0, 8)}`;
  let server: Awaited<ReturnType<typeof openTestDatabase>>;
  let folder: string;
  const keys = (...words: string[]) =>
    runProcess(['cli/main.ts', 'keys', ...words], {
      MONGODB_URI: server.uri,
      CRM_DATABASE_PREFIX: prefix,
      CRM_KEY_PEPPERS: PEPPERS_TEXT,
    });
  const jsonOf = (output: string) => JSON.parse(output.split('\n')[0] ?? '') as Record<string, unknown>;
  const create = async (...words: string[]) => jsonOf((await keys('create', '--json', ...WHO, ...words)).output);

  beforeAll(async () => {
    server = await openTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'crm-keys-'));
    await writeFile(join(folder, 'supergraph.graphql'), SUPERGRAPH);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    const connection = await mongoose.createConnection(server.uri, { dbName: `${prefix}_gateway` }).asPromise();
    await connection.dropDatabase();
    await connection.close();
    await server.stop();
  });

  it('makes a key, prints it once, lists, shows, sets, rotates and revokes it, and verifies the log of that', async () => {
    const made = await create('--scope', 'orders:*', '--supergraph', join(folder, 'supergraph.graphql'));
    expect(made).toMatchObject({ status: 'active', scopes: ['orders:read'], registeredOnly: true, version: 1 });
    const id = String(made['id']);
    const { secret } = parseApiKey(String(made['key'])) ?? { secret: 'none' };
    const list = await keys('list');
    expect(list.output).toMatch(new RegExp(`^ID .*SCOPES\n${id} +live +active +Acme `));
    const set = await keys('set', id, '--network', '192.0.2.0/24', '--daily', '9', '--json');
    expect(jsonOf(set.output)).toMatchObject({ networks: ['192.0.2.0/24'], limits: { pointsPerDay: 9 }, version: 2 });
    const rotated = jsonOf((await keys('rotate', id, '--overlap', '1h', '--json')).output);
    expect(parseApiKey(String(rotated['key']))?.id).toBe(id);
    expect(await keys('rotate', id)).toMatchObject({
      code: 1,
      output: expect.stringContaining('two secrets until') as string,
    });
    expect(await keys('revoke', id, '--reason', 'the end')).toMatchObject({ code: 0 });
    expect(await keys('revoke', id, '--reason', 'again')).toMatchObject({
      code: 1,
      output: expect.stringContaining('final') as string,
    });
    const shown = await keys('show', id);
    expect(shown.output).toContain('the end');
    const audit = await keys('audit');
    for (const { output } of [list, set, shown, audit]) expect(output).not.toContain(secret);
    const verified = await keys('audit', '--verify', '--json');
    expect([verified.code, jsonOf(verified.output)]).toEqual([0, expect.objectContaining({ entries: 5, faults: [] })]);
    const head = String(jsonOf(verified.output)['head']);
    expect((await keys('audit', '--verify', '--head', head)).code).toBe(0);
    expect((await keys('audit', '--verify', '--head', `5:${'0'.repeat(64)}`)).code).toBe(1);
  });

  it('ends with 1 for what is refused, 2 for what it cannot do, 3 for wrong words, each with a line that says why', async () => {
    const refused = [
      ['create', '--owner', 'Acme'],
      ['create', ...WHO, '--scope', 'orders:*'],
      ['create', ...WHO, '--expires', '367d'],
      ['create', ...WHO, '--network', 'home'],
      ['show', '000000000000'],
    ];
    for (const words of refused) {
      const { code, output } = await keys(...words);
      expect({ words, code, lines: output.trimEnd().split('\n').length }).toEqual({ words, code: 1, lines: 1 });
    }
    const away = { MONGODB_URI: 'mongodb://127.0.0.1:1', CRM_KEY_PEPPERS: PEPPERS_TEXT };
    expect(await runProcess(['cli/main.ts', 'keys', 'list'], away)).toMatchObject({ code: 2 });
    const unpeppered = await runProcess(['cli/main.ts', 'keys', 'create', ...WHO], { MONGODB_URI: server.uri });
    expect(unpeppered).toMatchObject({
      code: 2,
      output: expect.stringContaining('CRM_KEY_PEPPERS_FILE is missing') as string,
    });
    for (const words of [['revoke', 'x'], ['create', '--expires', 'soon'], ['nothing']]) {
      expect({ words, code: (await keys(...words)).code }).toEqual({ words, code: 3 });
    }
  });

  it('finds leaked keys in files by line, without printing them, and takes a mistyped one for none', async () => {
    const key = drawApiKey('live');
    const mistyped = printApiKey(key).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const file = join(folder, 'settings.env');
    // The key lies over the border of two pieces of the file as it is read.
    await writeFile(file, `${'x\n'.repeat(32_750)}${mistyped}\nKEY=${printApiKey(key)}\n`);
    const found = await keys('scan', folder);
    expect(found.code).toBe(1);
    expect(found.output).toContain(`${file}:32752: crm_live_${key.id}_…${key.secret.slice(-4)}\n`);
    expect(found.output).not.toContain(key.secret);
    expect(found.output).toContain('1 found');
    await rm(file);
    expect(await keys('scan', folder)).toMatchObject({ code: 0, output: '' });
    expect((await keys('scan', join(folder, 'nowhere'))).code).toBe(2);
  });
});
