// Guarantee: at a running gateway, both secrets of a rotated key work under one id until the overlap ends; without an
//   overlap the old one is refused as soon as the gateway hears of it, and the new one works at once.
// Attack: use both secrets without a pause while the key is rotated, with an overlap and without.
// Learned from: rotations that cut a partner off between the new key's making and its arrival in every cache.
import { parseApiKey } from '../../gateway/identify/apiKey.ts';
import { startGuardedGraph, type GuardedGraph } from '../harness/guardedGraph.ts';
import { waitUntil } from '../harness/startProcess.ts';

const ASKER = { actor: 'test:attack', reason: 'a test' };
const HOUR_MS = 3_600_000;

let graph: GuardedGraph;
beforeAll(async () => {
  graph = await startGuardedGraph();
});
afterAll(() => graph.stop());

const codeOf = async (key: string): Promise<string> => {
  const { status, codes } = await graph.ask(key, '{ open }');
  return codes[0] ?? String(status);
};

describe('K21: rotation at a running gateway', () => {
  it('answers both secrets in the overlap, the new one though the key was cached before', async () => {
    const old = await graph.keys.create({ scopes: graph.scopes });
    expect(await codeOf(old)).toBe('200');
    const { text } = await graph.keys.office.rotate(parseApiKey(old)?.id ?? '', HOUR_MS, ASKER);
    await waitUntil(async () => (await codeOf(text)) === '200');
    expect([await codeOf(old), await codeOf(text)]).toEqual(['200', '200']);
  });

  it('ends the old secret without an overlap, for good, and never mixes the two', async () => {
    const old = await graph.keys.create({ scopes: graph.scopes });
    expect(await codeOf(old)).toBe('200');
    const { text } = await graph.keys.office.rotate(parseApiKey(old)?.id ?? '', 0, ASKER);
    await waitUntil(async () => (await codeOf(old)) === 'API_KEY_EXPIRED');
    const codes = await Promise.all([old, text, old, text].map(codeOf));
    expect(codes).toEqual(['API_KEY_EXPIRED', '200', 'API_KEY_EXPIRED', '200']);
  });

  it('refuses both after a revocation', async () => {
    const old = await graph.keys.create({ scopes: graph.scopes });
    const id = parseApiKey(old)?.id ?? '';
    const { text } = await graph.keys.office.rotate(id, HOUR_MS, ASKER);
    expect([await codeOf(old), await codeOf(text)]).toEqual(['200', '200']);
    await graph.keys.office.revoke(id, ASKER);
    await waitUntil(async () => (await codeOf(text)) === 'API_KEY_REVOKED');
    expect([await codeOf(old), await codeOf(text)]).toEqual(['API_KEY_REVOKED', 'API_KEY_REVOKED']);
  });
});
