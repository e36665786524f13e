// A check of the files of a folder: opens the two states and all that they are judged by, then runs `check.ts`.
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { ManifestError, MANIFEST_BYTES_MAX, readManifests } from '../contracts/operationManifest.ts';
import { applyApprovals } from './approvals/applyApprovals.ts';
import { readApprovals, type Approvals } from './approvals/readApprovals.ts';
import { runCheck } from './check.ts';
import type { CheckReport } from './finding.ts';
import type { Strictness } from './judge/judge.ts';
import type { UsageThresholds } from './judge/judgeByUsage.ts';
import { loadState, type LoadedState, type SnapshotFiles } from './load/loadState.ts';
import { openFolder, openGitRef, openMergeBase, type SchemaSource } from './load/schemaSource.ts';
import type { RegisteredFile } from './operations.ts';
import { openUsage } from './load/usage.ts';
import { readNamedFile, RegistryError } from './readSupergraphFile.ts';
import { openSnapshot, openSnapshots, type Snapshot } from './snapshot.ts';

/** What a check is told. */
export interface CheckWords {
  /** The folder of supergraph.yaml. */
  readonly root: string;
  readonly files: SnapshotFiles;
  /** At most one of them; the merge base with the main branch without any. */
  readonly base: {
    readonly ref: string | undefined;
    readonly folder: string | undefined;
    readonly published: string | undefined;
    /** Whether a published release counts although nobody signed it. */
    readonly takesUnsigned?: boolean;
  };
  readonly contract: string | undefined;
  readonly operations: readonly string[];
  readonly usage: string | undefined;
  readonly thresholds: UsageThresholds;
  readonly approvals: string;
  readonly strictness: Strictness;
  readonly allLint: boolean;
  readonly now: Date;
}

async function openBaseSource({ root, base }: CheckWords): Promise<SchemaSource> {
  if (base.folder !== undefined) {
    const folder = resolve(base.folder);
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) throw new RegistryError([`--base-dir ${base.folder}: is no folder`]);
    return openFolder(folder, base.folder);
  }
  return base.ref === undefined ? openMergeBase(root) : openGitRef(root, base.ref);
}

/** The two states of the graph. */
interface States {
  readonly head: Snapshot;
  readonly base: Snapshot | undefined;
  readonly baseName: string;
}

async function openStates(words: CheckWords): Promise<States> {
  const { root, files, base } = words;
  const head = await loadState(openFolder(root, 'the working tree'), files);
  if (head === undefined) throw new RegistryError([`${files.config}: the list of subgraphs does not exist`]);
  if (base.published !== undefined) {
    const { openPublished } = await import('./load/published.ts');
    const published = await openPublished(base.published, base.takesUnsigned === true);
    return { head: openSnapshot(head), base: published.snapshot, baseName: published.name };
  }
  const source = await openBaseSource(words);
  const before = await loadBase(source, files);
  if (before === undefined) return { head: openSnapshot(head), base: undefined, baseName: source.name };
  return { ...(await openSnapshots(head, before)), baseName: source.name };
}

/** A base with a fault is one that says nothing, and no fault of the change. */
async function loadBase(source: SchemaSource, files: SnapshotFiles): Promise<LoadedState | undefined> {
  try {
    return await loadState(source, files);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const drafts = error.faults.map((what) => ({ code: 'BASE_INVALID', what }));
    return { name: source.name, subgraphs: [], contracts: new Map(), isWhole: false, drafts };
  }
}

async function readOperations({ root, operations }: CheckWords): Promise<RegisteredFile[]> {
  return Promise.all(
    operations.map(async (file) => {
      const found = await stat(file).catch(() => undefined);
      if (found !== undefined && found.size > MANIFEST_BYTES_MAX)
        throw new RegistryError([`${file}: is too large for a manifest`]);
      const text = await readNamedFile(file, 'the manifest of operations');
      try {
        return { file: relative(root, resolve(file)), text, operations: readManifests(new Map([[file, text]])) };
      } catch (error) {
        if (error instanceof ManifestError) throw new RegistryError(error.message.split('\n'));
        throw error;
      }
    }),
  );
}

/** A file of the working tree, or `REF:PATH` of a commit: that of a merge queue's base. None is no approval. */
async function openApprovals(root: string, named: string): Promise<Approvals> {
  const [, ref, path] = /^([^:]+):(.+)$/.exec(named) ?? [];
  const source = ref === undefined ? openFolder(root, root) : await openGitRef(root, ref);
  const text = await source.read(path ?? named);
  return text === undefined ? { file: named, entries: [], faults: [] } : readApprovals(text, named);
}

/** A check, and the very state of the graph that was checked. */
export interface CheckedTree {
  readonly report: Omit<CheckReport, 'durationMs'>;
  readonly head: Snapshot;
}

/** Opens everything that a check needs, and checks. Throws RegistryError where it can not be tried. */
export async function checkWorkingTree(words: CheckWords): Promise<CheckedTree> {
  const { usage: named, contract } = words;
  const [operations, approvals, usage] = await Promise.all([
    readOperations(words),
    openApprovals(words.root, words.approvals),
    named === undefined ? undefined : openUsage(named, words.thresholds.days, words.now),
  ]);
  const terms = { today: words.now.toISOString().slice(0, 10), isStrict: words.strictness.strict };
  const states = await openStates(words);
  if (contract !== undefined && states.head.state?.contracts.has(contract) === false) {
    throw new RegistryError([`--contract ${contract}: ${words.files.contracts} has no such contract`]);
  }
  const report = await runCheck({
    ...words,
    ...states,
    operations,
    usage,
    approve: (findings) => applyApprovals(findings, approvals, terms),
  });
  return { report, head: states.head };
}
