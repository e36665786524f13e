// Guarantee: what policies say of one caller decides for that caller alone, also where two callers hold the same scopes
//   and send the same text at the same time.
// Attack: two keys of equal scopes, of which a policy knows one by its id; while that one's answer is under way, the
//   other sends the same bytes.
// Learned from: sharing by scopes, when a policy reads more of the caller than those.
import { composeSchema } from '../oracle/federatedSchema.ts';
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { GUARDED_TEXTS, startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const QUERY = '{ me { name email } }';
let graph: GuardedGraph;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crm-policies-'));
  const people = GUARDED_TEXTS.people
    .replace('"@requiresScopes"', '"@requiresScopes", "@policy"')
    .replace('email: String @shareable', 'email: String @policy(policies: [["friends"]]) @shareable');
  const orders = GUARDED_TEXTS.orders
    .replace('"@requiresScopes"', '"@requiresScopes", "@policy"')
    .replace('@requires(fields: "email")', '@requires(fields: "email") @policy(policies: [["friends"]])');
  const { supergraph } = await composeSchema({ name: 'friends', subgraphs: { people, orders } });
  await writeFile(join(folder, 'friends'), '');
  const policies = `import { readFileSync } from 'node:fs';
    export default { friends: ({ id }) => readFileSync(${JSON.stringify(join(folder, 'friends'))}, 'utf8').includes(id) };`;
  graph = await startGuardedGraph({ supergraph, policies });
});
afterAll(async () => {
  await graph.stop();
  await rm(folder, { recursive: true });
});

describe('K18: policies', () => {
  it('let nobody join the answer of a caller that they know', async () => {
    const [friend, stranger] = [
      await graph.keys.create({ scopes: graph.scopes }),
      await graph.keys.create({ scopes: graph.scopes }),
    ];
    await writeFile(join(folder, 'friends'), `key:${parseApiKey(friend)?.id ?? ''}`);
    expect([(await graph.ask(friend, QUERY)).status, (await graph.ask(stranger, QUERY)).status]).toEqual([200, 403]);
    let release = (): void => undefined;
    graph.subgraphs.hold = new Promise((go) => (release = go));
    graph.subgraphs.asked.length = 0;
    const first = graph.ask(friend, QUERY);
    await waitUntil(() => graph.subgraphs.asked.length > 0);
    const second = graph.ask(stranger, QUERY);
    // The stranger's refusal needs no subgraph; an answer that is shared waits for it.
    const early = await Promise.race([second, graph.ask(friend, '{ __typename }').then(() => undefined)]);
    release();
    graph.subgraphs.hold = Promise.resolve();
    const { status, text } = early ?? (await second);
    expect([status, text.includes('~Person.email~'), (await first).status]).toEqual([403, false, 200]);
  });
});
