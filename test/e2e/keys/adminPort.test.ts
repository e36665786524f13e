// The admin port over real HTTP and a real database, in both lanes: who is let in, what is done, what is never said.
import mongoose from 'mongoose';
import { openAdmin, type Admin } from '../../../gateway/admin/openAdmin.ts';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { openMongoKeys, type MongoKeys } from '../../../gateway/identify/mongoKeys.ts';
import { systemClock } from '../../../platform/clock.ts';
import { openLog } from '../../../platform/log.ts';
import { drawId, drawSecret } from '../../../platform/random.ts';
import { TEST_PEPPERS } from '../../harness/keyWish.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const CREATE = `mutation($scopes: [String!]!, $expiresAt: String!) { createKey(input: { owner: "Acme", purpose: "p",
  scopes: $scopes, expiresAt: $expiresAt, limits: { pointsPerSecond: 1, pointsBurst: 2, requestsPerSecond: 3,
  concurrentRequestsMax: 4 } }) { text key { id status scopes secrets { shown } } } }`;

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly data: Record<string, Record<string, unknown> | null> | undefined;
}

describe('the admin port', () => {
  const database = `t${drawId().slice(0, 8)}_gateway`;
  const token = drawSecret(24);
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const announced: string[] = [];
  let server: Awaited<ReturnType<typeof openTestDatabase>>;
  let keys: MongoKeys;
  let admin: Admin;

  async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const response = await fetch(admin.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const { data } = JSON.parse(text) as Pick<Answered, 'data'>;
    return { status: response.status, text, data };
  }
  const ask = (query: string, variables: object = {}) => post('/graphql', { query, variables });
  const create = async () => {
    const made = (await ask(CREATE, { scopes: ['orders:*'], expiresAt })).data?.['createKey'];
    return { text: String(made?.['text']), id: parseApiKey(String(made?.['text']))?.id ?? '' };
  };

  beforeAll(async () => {
    server = await openTestDatabase();
    keys = await openMongoKeys({ uri: server.uri, database, clock: systemClock });
    const { store, audit } = keys;
    admin = await openAdmin({
      store,
      audit,
      peppers: TEST_PEPPERS,
      clock: systemClock,
      log: openLog('admin', 'silent'),
      announce: (id, version) => Promise.resolve(void announced.push(`${id} ${version}`)),
      granting: () => ({ known: ['orders:read', 'customers:read'], held: new Set(['orders:read']) }),
      token,
      page: () => Promise.resolve({ status: 200, body: '{}' }),
      host: '127.0.0.1',
      port: 0,
    });
  });
  afterAll(async () => {
    await admin.stop();
    const connection = await mongoose.createConnection(server.uri, { dbName: database }).asPromise();
    await connection.dropDatabase();
    await connection.close();
    await keys.stop();
    await server.stop();
  });

  it('lets in nobody without its credential, no browser, nothing but JSON, nothing large', async () => {
    const query = { query: '{ keys { id } }' };
    expect((await post('/graphql', query)).status).toBe(200);
    for (const wrong of ['', 'Bearer', `Bearer ${token}x`, `bearer ${token}`, token]) {
      expect((await post('/graphql', query, { authorization: wrong })).status).toBe(401);
    }
    expect((await post('/graphql', query, { origin: admin.url })).status).toBe(403);
    expect((await post('/graphql', query, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/graphql', '{')).status).toBe(400);
    expect((await post('/graphql', { query: ' '.repeat(300_000) })).status).toBe(413);
    expect((await post('/elsewhere', query)).status).toBe(404);
    expect((await fetch(`${admin.url}/graphql`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(405);
  });

  it('makes, changes, rotates and revokes a key, tells the gateways, and shows its text once', async () => {
    const { id, text } = await create();
    const set = await ask(`mutation($id: ID!) { setKey(id: $id, change: { owner: "Other" }) { owner scopes } }`, {
      id,
    });
    expect(set.data?.['setKey']).toEqual({ owner: 'Other', scopes: ['orders:read'] });
    const rotated = await ask(`mutation($id: ID!) { rotateKey(id: $id) { text } }`, { id });
    expect(parseApiKey(String(rotated.data?.['rotateKey']?.['text']))?.id).toBe(id);
    await ask(`mutation($id: ID!) { revokeKey(id: $id, reason: "over") { status } }`, { id });
    expect(announced.filter((line) => line.startsWith(id))).toEqual([2, 3, 4].map((version) => `${id} ${version}`));
    const later = await ask(
      `query($id: ID!) { key(id: $id) { status revokedReason secrets { shown } } audit(keyId: $id) { action actor change } }`,
      { id },
    );
    expect(later.data?.['key']).toMatchObject({ status: 'revoked', revokedReason: 'over' });
    expect(later.text).not.toContain(text.split('_')[3]);
  });

  it('refuses to grant more than its credential holds, and says which', async () => {
    const answer = await ask(CREATE, { scopes: ['*:read'], expiresAt });
    expect(answer.text).toContain('nobody grants more than they hold: customers:read');
    expect(answer.text).toContain('KEY_REFUSED');
  });

  it('revokes keys that are reported as leaked, repeats none, and tells strangers’ tokens apart', async () => {
    const { id, text } = await create();
    const report = (reported: string) => ({
      token: reported,
      type: 'crm_key',
      url: 'https://example.com/x',
      source: 'content',
    });
    const answer = await post('/keys/leaked', [report(text), report('crm_live_nonsense')]);
    expect((JSON.parse(answer.text) as { label: string }[]).map(({ label }) => label)).toEqual([
      'true_positive',
      'false_positive',
    ]);
    expect(answer.text).not.toContain(text.split('_')[3]);
    expect((await keys.store.find(id))?.revokedReason).toBe('reported as leaked');
    expect((await post('/keys/leaked', { token: text })).status).toBe(400);
    expect((await post('/keys/leaked', [{}])).status).toBe(400);
  });
});
