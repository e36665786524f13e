// Who breaks, against the truth: 50 callers run random operations, what they use is recorded as the gateway records it,
// and each drawn change must name exactly the callers and operations that fail on the schema behind it.
import { createHash } from 'node:crypto';
import { parse, print, validate, Kind, type OperationDefinitionNode } from 'graphql';
import type { UsageCaller, UsageExport, UsageRow } from '../../contracts/usageExport.ts';
import { openUseReader } from '../../gateway/usage/operationUse.ts';
import { seededRandom } from '../../platform/random.ts';
import { breaksBy, build, drawChange } from '../../test/harness/seededChanges.ts';
import { drawDocument, USAGE_SDL, type DrawnDocument } from '../../test/harness/usageDocuments.ts';
import { runCheck } from '../check.ts';
import type { LoadedState } from '../load/loadState.ts';
import { parseSubgraph, type LoadedSubgraph } from '../compose.ts';
import { openSnapshot } from '../snapshot.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_123);
const CHANGES = 200;
const CALLERS = 50;
const OPERATIONS = 80;
const NOW = new Date('2026-12-01T12:00:00Z');
const DAY = '2026-11-30T12:00:00Z';
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
    if (validate(schema, parse(one.text)).length === 0) drawn.push(one);
  }
  return drawn;
}

interface Run {
  readonly caller: UsageCaller;
  readonly operation: DrawnDocument;
  readonly count: number;
}

function drawRuns(operations: readonly DrawnDocument[]): Run[] {
  return Array.from({ length: CALLERS }, (_, at): UsageCaller => {
    return at % 2 === 0
      ? { kind: 'key', name: `key${at}`, version: undefined }
      : { kind: 'client', name: `app${Math.floor(at / 4)}`, version: `1.${at % 4}` };
  }).flatMap((caller) => {
    const own = new Set(Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(operations)));
    return [...own].map((operation) => ({ caller, operation, count: 1 + Math.floor(random() * 100) }));
  });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function record(runs: readonly Run[]): UsageExport {
  const read = openUseReader(schema);
  const rows = runs.flatMap(({ caller, operation: { text, variables }, count }): UsageRow[] => {
    const document = parse(text);
    const operation = document.definitions.find(
      (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
    ) as OperationDefinitionNode;
    const use = read(document, operation);
    const coordinates = new Set([...use.coordinates, ...(use.readVariables?.(variables) ?? [])]);
    return [...coordinates].map((coordinate) => ({
      coordinate,
      caller,
      operation: { hash: use.hash, name: use.name },
      contract: undefined,
      count,
      firstSeen: DAY,
      lastSeen: DAY,
    }));
  });
  const requests = runs.reduce((sum, { count }) => sum + count, 0);
  return { formatVersion: 1, from: '2026-10-01T00:00:00Z', to: NOW.toISOString(), gaps: [], requests, rows };
}

const nameOf = ({ kind, name, version }: UsageCaller, hash: string): string =>
  `${kind} ${name} ${version ?? ''} ${hash}`;

describe('who breaks', () => {
  it(`is exactly whose operations fail, in ${CHANGES} drawn changes (seed ${SEED})`, async () => {
    const operations = drawOperations();
    const runs = drawRuns(operations);
    const usage = record(runs);
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
        ...{ head, base, baseName: 'before', operations: [], usage, contract: undefined, allLint: false, now: NOW },
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
  }, 120_000);
});
