// What every peer of a run shares: the composed supergraph, the right answers, the running subgraphs and the load.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '../../../registry/compose.ts';
import { executeReference, type QueryName } from '../graph/reference.ts';
import type { LoadJob, LoadResult } from '../load/runLoad.ts';
import type { Calls } from '../subgraphs/serveSubgraph.ts';
import { askProcess, CORES, startPinned, stopProcess } from './pinned.ts';

const GRAPH_FILE = fileURLToPath(new URL('../graph/supergraph.yaml', import.meta.url));
const SUBGRAPHS_FILE = fileURLToPath(new URL('../subgraphs/main.ts', import.meta.url));
const LOAD_FILE = fileURLToPath(new URL('../load/main.ts', import.meta.url));

/** What the peers of a run share. */
export interface GraphUnderTest {
  /** A folder for this run alone. */
  readonly folder: string;
  readonly supergraphPath: string;
  readonly answersPath: string;
  readonly gatewayPath: string;
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly references: Readonly<Record<QueryName, string>>;
  /** Runs a load. Rejects with the reason where an answer was wrong or missing. */
  load(job: LoadJob): Promise<LoadResult>;
  /** Gives the calls to subgraphs since it was last asked. */
  countCalls(): Promise<Calls>;
  close(): Promise<void>;
}

async function compose(): Promise<string> {
  const composed = await composeSupergraph(GRAPH_FILE);
  if (!composed.ok) throw new Error(`the measured graph does not compose: ${composed.messages.join('; ')}`);
  return composed.supergraph;
}

/** Takes our gateway's main.ts; composes the graph, works out the right answers, and starts subgraphs and load. */
export async function openGraphUnderTest(gatewayPath: string): Promise<GraphUnderTest> {
  const references = { nested: await executeReference('nested'), small: await executeReference('small') };
  const supergraph = await compose();
  const folder = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const supergraphPath = join(folder, 'supergraph.graphql');
  const common = { core: CORES.rest, cwd: folder, channel: true };
  const server = startPinned({ ...common, words: [SUBGRAPHS_FILE], logPath: join(folder, 'subgraphs.log') });
  const sender = startPinned({ ...common, words: [LOAD_FILE], logPath: join(folder, 'load.log') });
  const [subgraphs] = await Promise.all([
    askProcess<Readonly<Record<string, string>>>(server),
    askProcess<{ ready: true }>(sender),
  ]);
  const addressed = Object.entries(subgraphs).reduce(
    (sdl, [name, url]) => sdl.replace(`http://${name}.invalid/graphql`, url),
    supergraph,
  );
  writeFileSync(supergraphPath, addressed);
  for (const [name, text] of Object.entries(references)) writeFileSync(join(folder, `${name}.json`), text);
  return {
    folder,
    supergraphPath,
    answersPath: folder,
    gatewayPath,
    subgraphs,
    references,
    async load(job) {
      const answer = await askProcess<{ result: LoadResult } | { failed: string }>(sender, job);
      if ('failed' in answer) throw new Error(answer.failed);
      return answer.result;
    },
    countCalls: () => askProcess<Calls>(server, {}),
    async close() {
      await Promise.all([stopProcess(server), stopProcess(sender)]);
      removeFolder();
    },
  };
}
