// Who breaks, against the truth: 50 keys run random operations through a real gateway, what they used is exported, and
// each drawn change must name exactly the keys, versions and operations that fail on the schema behind it.
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { parse, print, validate } from 'graphql';
import type { UsageCaller, UsageExport } from '../../../contracts/usageExport.ts';
import { parseApiKey } from '../../../gateway/identify/apiKey.ts';
import { seededRandom } from '../../../platform/random.ts';
import { startAnsweringSubgraph } from '../../harness/answeringSubgraph.ts';
import { startKeyedGateway, type KeyedGateway } from '../../harness/keyedGateway.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { readUsageOf } from '../../harness/usageGraph.ts';
import { composeSchema } from '../../oracle/federatedSchema.ts';
import { breaksBy, build, drawChange } from '../../harness/seededChanges.ts';
import { drawDocument, USAGE_SDL, type DrawnDocument } from '../../harness/usageDocuments.ts';
import { runCheck } from '../../../registry/check.ts';
import type { LoadedState } from '../../../registry/load/loadState.ts';
import { parseSubgraph, type LoadedSubgraph } from '../../../registry/compose.ts';
import { openSnapshot } from '../../../registry/snapshot.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_123);
const CHANGES = 200;
const KEYS = 50;
const SCOPE = 'asked:read';
const OPERATIONS = 80;
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")\n';
/** What a change can make of a type that was another one. */
const TEXT = `${print(parse(USAGE_SDL))}\nscalar Other\nextend type Query { other: Other otherTaken(other: Other): Int }`;

const random = seededRandom(SEED);
const schema = build(TEXT.replace('extend type Query', 'type More'));
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

function loadedFrom(text: string): LoadedState {
  const listed = {
    name: 'one',
    url: 'http://127.0.0.1:1/graphql',
    schemaPath: 'one.graphql',
    listedAt: { file: 'supergraph.yaml', line: 1 },
  };
  const subgraph = parseSubgraph(listed, `${LINK}${text}`) as LoadedSubgraph;
  return { name: 'a state', subgraphs: [subgraph], contracts: new Map(), isWhole: true, drafts: [] };
}

function drawOperations(): DrawnDocument[] {
  const drawn: DrawnDocument[] = [];
  while (drawn.length < OPERATIONS) {
    const one = drawDocument(random);
    // The gateway takes 30 aliases at most.
    const aliases = one.text.match(/\ba\d+:/g) ?? [];
    if (aliases.length <= 30 && validate(schema, parse(one.text)).length === 0) drawn.push(one);
  }
  return drawn;
}

interface Run {
  readonly caller: UsageCaller;
  readonly key: string;
  readonly operation: DrawnDocument;
  readonly count: number;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const nameOf = ({ kind, name, version }: UsageCaller, hash: string): string =>
  `${kind} ${name} ${version ?? ''} ${hash}`;

/** Who asks for what, how often; every other key says the version of its program. */
async function drawRuns(gateway: KeyedGateway, operations: readonly DrawnDocument[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (let at = 0; at < KEYS; at++) {
    const key = await gateway.keys.create({ scopes: [SCOPE] });
    const name = parseApiKey(key)?.id ?? '';
    const caller: UsageCaller = { kind: 'key', name, version: at % 2 === 0 ? undefined : `1.${at}` };
    const own = new Set(Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(operations)));
    for (const operation of own) runs.push({ caller, key, operation, count: 1 + Math.floor(random() * 3) });
  }
  return runs;
}

async function ask(gateway: KeyedGateway, { caller, key, operation: { text, variables }, count }: Run): Promise<void> {
  const headers = { 'graphql-client-name': 'app', ...(caller.version && { 'graphql-client-version': caller.version }) };
  for (let asked = 0; asked < count; asked++) {
    const { status, text: answer } = await gateway.ask(key, text, variables, headers);
    expect([text, status, status === 200 ? '' : answer]).toEqual([text, 200, '']);
  }
}

/** What was recorded, once all of it was written. */
async function recorded(gateway: KeyedGateway, requests: number): Promise<UsageExport> {
  return waitUntil(async () => {
    const usage = await readUsageOf(gateway);
    return usage.requests === requests ? usage : undefined;
  });
}

const stops: (() => Promise<void>)[] = [];
let address = '';
beforeAll(async () => {
  const server = await startAnsweringSubgraph(`${LINK}${TEXT}`);
  stops.push(async () => {
    server.close();
    server.closeAllConnections();
    await Promise.resolve();
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

describe('who breaks', () => {
  it(`is exactly whose operations fail, in ${CHANGES} drawn changes (seed ${SEED})`, async () => {
    const operations = drawOperations();
    const { supergraph } = await composeSchema({ name: 'asked', subgraphs: { one: `${LINK}${TEXT}` } });
    const gateway = await startKeyedGateway({ supergraph, addresses: { one: address }, moreScopes: [SCOPE] });
    stops.push(() => gateway.stop());
    const runs = await drawRuns(gateway, operations);
    for (const run of runs) await ask(gateway, run);
    const requests = runs.reduce((sum, { count }) => sum + count, 0);
    // As if it had been counted for long enough.
    const usage = { ...(await recorded(gateway, requests)), from: '2026-01-01T00:00:00.000Z', gaps: [] };
    const now = new Date(usage.to);
    const base = openSnapshot(loadedFrom(TEXT));
    const kinds = new Map<string, number>();
    let broken = 0;
    for (let made = 0; made < CHANGES;) {
      const change = drawChange(TEXT, random);
      if (change === undefined) continue;
      const head = openSnapshot(loadedFrom(change.text));
      // Not every drawn schema is a valid one, as when an interface's field goes and the objects' stay without.
      if (head.state === undefined) continue;
      made++;
      kinds.set(change.kind, (kinds.get(change.kind) ?? 0) + 1);
      const report = await runCheck({
        ...{ head, base, baseName: 'before', operations: [], usage, contract: undefined, allLint: false, now },
        thresholds: { days: 30, countMax: 0, percentMax: 0, excluded: [] },
        strictness: { dangerousAsBreaking: false, enumAsBreaking: false, unionAsBreaking: false, strict: false },
        approve: (findings) => findings,
      });
      const told = report.findings
        .filter(({ verdict }) => verdict === 'breaking')
        .flatMap(({ usage: found }) => found?.affected ?? [])
        .flatMap((caller) => caller.operations.map(({ hash, count }) => `${nameOf(caller, hash)} ${count}`));
      const after = build(change.judgedBy.replace('extend type Query', 'type More'));
      const breaks = new Set(operations.filter((operation) => breaksBy(change, operation, schema, after)));
      const truth = runs
        .filter(({ operation }) => breaks.has(operation))
        .map(({ caller, operation, count }) => `${nameOf(caller, hashOf(operation.text))} ${count}`);
      if (truth.length > 0) broken++;
      const what = `${change.kind}: ${report.findings.map(({ message }) => message.what).join(' ')}`;
      const missed = truth.filter((each) => !told.includes(each));
      const wrong = told.filter((each) => !truth.includes(each));
      expect({ what, missed, wrong }).toEqual({ what, missed: [], wrong: [] });
      expect([what, report.passed]).toEqual([what, truth.length === 0]);
    }
    // Changes of every kind, and enough of them that somebody notices.
    expect(kinds.size).toBeGreaterThanOrEqual(10);
    expect(broken).toBeGreaterThan(CHANGES / 4);
  }, 300_000);
});
