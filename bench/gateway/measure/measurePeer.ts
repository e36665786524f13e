// One round of one peer: a fresh process, its cold start, then warm-up and measurement of every series.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../../platform/clock.ts';
import { readQuery } from '../graph/reference.ts';
import { answerChecker } from '../load/checkAnswer.ts';
import type { LoadJob, LoadResult } from '../load/runLoad.ts';
import { PEERS_FOLDER, type Peer } from '../peers.ts';
import type { GraphUnderTest } from './graphUnderTest.ts';
import { CORES, startPinned, stopProcess } from './pinned.ts';
import type { Series } from './series.ts';

const START_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 5;
const LAST_LINES = 8;
const LINE_LENGTH = 160;

/** A series' figures with its calls to subgraphs. */
export interface Measured extends LoadResult {
  /** Calls to subgraphs a request. */
  readonly calls: number;
  /** The share of them without the caller's authorization. */
  readonly anonymousShare: number;
}

/** What a round of a peer came to. */
export interface PeerRound {
  /** From the start of the process to its first right answer of the nested query. */
  readonly coldStartMs: number;
  /** Its most resident memory up to the end of the series with unique callers. */
  readonly peakMb: number;
  readonly series: Readonly<Record<string, Measured>>;
}

/** How long each part takes. */
export interface Durations {
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function askOnce(url: string, query: string): Promise<Buffer | undefined> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer 0' };
  const body = JSON.stringify({ query, variables: { caller: '0' } });
  try {
    const response = await fetch(url, { method: 'POST', headers, body });
    return Buffer.from(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Asks until the answer is right. Throws with the last answer where it does not become right, or the process ends. */
async function waitForAnswer(url: string, reference: string, child: ChildProcess): Promise<void> {
  const endMs = systemClock.steadyMs() + START_WITHIN_MS;
  const query = readQuery('nested');
  const findFault = answerChecker(Buffer.from(reference));
  let fault = 'no answer';
  while (systemClock.steadyMs() < endMs) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it answered`);
    const answer = await askOnce(url, query);
    const found = answer === undefined ? fault : findFault(answer);
    if (found === undefined) return;
    fault = found;
    await wait(LOOK_AGAIN_MS);
  }
  throw new Error(`it was not ready in time: ${fault}`);
}

async function measureSeries(graph: GraphUnderTest, job: LoadJob, warmUpSeconds: number): Promise<Measured> {
  if (warmUpSeconds > 0) await graph.load({ ...job, seconds: warmUpSeconds });
  await graph.countCalls();
  const result = await graph.load(job);
  const { count, anonymous, refused } = await graph.countCalls();
  if (refused > 0) throw new Error(`${refused} calls to subgraphs were refused`);
  return { ...result, calls: count / result.count, anonymousShare: count === 0 ? 0 : anonymous / count };
}

/** Lines of an access log say nothing about a fault: they are left out. */
function withLog(error: unknown, logPath: string): Error {
  const lines = readFileSync(logPath, 'utf8').trim().split('\n');
  const last = lines.filter((line) => line !== '' && !line.includes('"level":30')).slice(-LAST_LINES);
  const reason = error instanceof Error ? error.message : String(error);
  const said = last.map((line) => line.slice(0, LINE_LENGTH)).join('\n');
  return new Error(said === '' ? reason : `${reason}; its last words:\n${said}`);
}

/** Measures a peer once. Rejects with the reason and the peer's last output where any answer was wrong or missing. */
export async function measurePeer(
  peer: Peer,
  graph: GraphUnderTest,
  series: readonly Series[],
  { seconds, warmUpSeconds }: Durations,
): Promise<PeerRound> {
  const port = await findFreePort();
  const { words, env = {} } = peer.start({ ...graph, port });
  const logPath = join(graph.folder, `${peer.name}-${port}.log`);
  const startMs = systemClock.steadyMs();
  const cwd = peer.installed ? PEERS_FOLDER : graph.folder;
  const child = startPinned({ core: CORES.measured, words, env, cwd, logPath });
  const { pid } = child;
  if (pid === undefined) throw new Error('it could not be started');
  try {
    await waitForAnswer(`http://127.0.0.1:${port}${peer.path('nested')}`, graph.references.nested, child);
    const coldStartMs = systemClock.steadyMs() - startMs;
    const measured: Record<string, Measured> = {};
    let peakMb = 0;
    for (const { name, query, unique, connections } of series) {
      const pattern = { host: `127.0.0.1:${port}`, path: peer.path(query), query: readQuery(query), unique };
      const job = { ...pattern, port, pid, connections, seconds, reference: graph.references[query] };
      const result = await measureSeries(graph, job, warmUpSeconds);
      if (unique) peakMb = Math.max(peakMb, result.peakMb);
      measured[name] = result;
    }
    return { coldStartMs, peakMb, series: measured };
  } catch (error) {
    throw withLog(error, logPath);
  } finally {
    await stopProcess(child);
  }
}
