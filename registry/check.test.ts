import fc from 'fast-check';
import { openRandomGraph, randomGraph, type RandomGraph } from '../test/harness/randomGraph.ts';
import { applyApprovals } from './approvals/applyApprovals.ts';
import { runCheck } from './check.ts';
import type { CheckReport, Finding } from './finding.ts';
import type { Snapshot } from './snapshot.ts';

const TODAY = '2026-12-01';
const RUNS = { numRuns: 25 };

/** Checks one state against another; `approved` are fingerprints that two reviewers agreed to. */
function check(base: Snapshot, head: Snapshot, approved: readonly string[] = []) {
  const approvers = ['ana', 'ben'];
  const entries = approved.map((fingerprint, at) => {
    return { fingerprint, reason: 'It has to be.', approvers, until: TODAY, change: undefined, line: at + 1 };
  });
  const approvals = { file: 'schema-approvals.yaml', entries, faults: [] };
  return runCheck({
    ...{ head, base, baseName: 'before', operations: [], usage: undefined, contract: undefined, allLint: false },
    thresholds: { days: 30, countMax: 0, percentMax: 0, excluded: [] },
    strictness: { dangerousAsBreaking: false, enumAsBreaking: false, unionAsBreaking: false, strict: false },
    now: new Date(`${TODAY}T12:00:00Z`),
    approve: (findings) => applyApprovals(findings, approvals, { today: TODAY, isStrict: false }),
  });
}

/** Every way to take one thing away from a graph: the code and the coordinate that must be told. */
function removals(graph: RandomGraph): { code: string; coordinate: string; graph: RandomGraph }[] {
  const without = <T>(all: Readonly<Record<string, T>>, name: string): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([each]) => each !== name));
  const of = (kind: 'objects' | 'inputs', code: string) =>
    Object.entries(graph[kind]).flatMap(([owner, all]) =>
      Object.keys(all).map((name) => {
        const changed = { ...graph, [kind]: { ...graph[kind], [owner]: without(all, name) } };
        return { code, coordinate: `${owner}.${name}`, graph: changed };
      }),
    );
  const values = Object.entries(graph.enums).flatMap(([owner, all]) =>
    all.map((name) => {
      const left = { ...graph, enums: { ...graph.enums, [owner]: all.filter((each) => each !== name) } };
      return { code: 'ENUM_VALUE_REMOVED', coordinate: `${owner}.${name}`, graph: left };
    }),
  );
  const argument = {
    code: 'FIELD_ARGUMENT_REMOVED',
    coordinate: `Query.getShop(${graph.argument}:)`,
    graph: { ...graph, argument: 'other' },
  };
  return [...of('objects', 'FIELD_REMOVED'), ...of('inputs', 'INPUT_FIELD_REMOVED'), ...values, argument];
}

const graphAndRemoval = randomGraph.chain((graph) =>
  fc.constantFrom(...removals(graph)).map((removal) => ({ graph, removal })),
);
const seed = fc.integer({ min: 1, max: 1000 });
const fingerprints = ({ findings }: Pick<CheckReport, 'findings'>): string[] =>
  findings.map(({ fingerprint }) => fingerprint).sort();
const failing = ({ findings }: Pick<CheckReport, 'findings'>): Finding[] => findings.filter(({ fails }) => fails);

describe('a check', () => {
  it('finds nothing between a graph and itself, in whatever order its files say it', () =>
    fc.assert(
      fc.asyncProperty(randomGraph, seed, async (graph, order) => {
        const report = await check(openRandomGraph(graph), openRandomGraph(graph, order));
        expect(report.findings).toEqual([]);
      }),
      RUNS,
    ));

  it('finds whatever is taken away, and fails by it', () =>
    fc.assert(
      fc.asyncProperty(graphAndRemoval, async ({ graph, removal }) => {
        const report = await check(openRandomGraph(graph), openRandomGraph(removal.graph));
        const { code, coordinate } = removal;
        expect(report.passed).toBe(false);
        expect(failing(report)).toContainEqual(expect.objectContaining({ code, coordinate, verdict: 'breaking' }));
      }),
      RUNS,
    ));

  it('names a change alike in whatever order files, types and fields stand', () =>
    fc.assert(
      fc.asyncProperty(graphAndRemoval, seed, async ({ graph, removal }, order) => {
        const [plain, shuffled] = await Promise.all([
          check(openRandomGraph(graph), openRandomGraph(removal.graph)),
          check(openRandomGraph(graph, order), openRandomGraph(removal.graph, order + 1)),
        ]);
        expect(fingerprints(shuffled)).toEqual(fingerprints(plain));
      }),
      RUNS,
    ));

  it('passes with a change that was approved, and fails once it is another one', () =>
    fc.assert(
      fc.asyncProperty(randomGraph, async (graph) => {
        const typed = (type: string): Snapshot =>
          openRandomGraph({ ...graph, objects: { ...graph.objects, Shop: { ...graph.objects['Shop'], f0: type } } });
        const [before, wanted, other] = [typed('Int!'), typed('String!'), typed('Boolean!')];
        const approved = failing(await check(before, wanted)).map(({ fingerprint }) => fingerprint);
        expect(approved).toHaveLength(1);
        expect((await check(before, wanted, approved)).passed).toBe(true);
        const changed = await check(before, other, approved);
        expect(changed.passed).toBe(false);
        expect(failing(changed)).toMatchObject([{ code: 'FIELD_TYPE_CHANGED', coordinate: 'Shop.f0' }]);
      }),
      RUNS,
    ));
});
