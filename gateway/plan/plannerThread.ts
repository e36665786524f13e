// The thread that loads supergraphs and plans operations: both can take long, and a few operations the planner would
// never be done with. Here they hold nobody up, and can be ended (plannerClient.ts). Answers one message after the other.
import { enableCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { compiledFolder } from '../../platform/ownFolder.ts';
import { CheckedSupergraphs, type CheckedText } from './checkedSupergraphs.ts';
import type { PlanNode, Planner } from './planner.ts';

// The libraries come after this line, since compiling them is a third of a cold start.
const compiled = compiledFolder();
if (compiled !== undefined) enableCompileCache(compiled);
const { openPlanner } = await import('./planner.ts');
const { prepareSupergraph } = await import('./prepareSupergraph.ts');

/** What the thread is asked. */
export type PlannerQuestion =
  | { readonly kind: 'load'; readonly hash: string; readonly sdl: string }
  | { readonly kind: 'free'; readonly hash: string }
  | { readonly kind: 'plan'; readonly hash: string; readonly document: string; readonly operationName?: string };

/** What it answers; a question to free has no answer. */
export type PlannerAnswer =
  | { readonly kind: 'loaded'; readonly apiSdl: string; readonly subgraphs: readonly (readonly [string, string])[] }
  | { readonly kind: 'planned'; readonly node: PlanNode | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

const planners = new Map<string, Planner>();
const known = new CheckedSupergraphs();

/** Checks a supergraph, unless that was done in an earlier start. */
async function check(sdl: string): Promise<CheckedText> {
  const recalled = known.recall(sdl);
  if (recalled !== undefined) return recalled;
  const { loadSupergraph } = await import('./apolloGateway.ts');
  const { printSchema } = await import('graphql');
  const { apiSchema, subgraphs } = await loadSupergraph(sdl);
  const checked = { apiSdl: printSchema(apiSchema), subgraphs: [...subgraphs] };
  known.keep(sdl, checked);
  return checked;
}

async function answer(question: PlannerQuestion): Promise<PlannerAnswer | undefined> {
  switch (question.kind) {
    case 'load': {
      const checked = await check(question.sdl);
      planners.set(question.hash, openPlanner(prepareSupergraph(question.sdl)));
      return { kind: 'loaded', ...checked };
    }
    case 'plan': {
      const planner = planners.get(question.hash);
      if (planner === undefined) throw new Error('the supergraph is not loaded');
      return { kind: 'planned', node: planner.plan(question.document, question.operationName) };
    }
    case 'free':
      planners.delete(question.hash);
      return undefined;
  }
}

parentPort?.on('message', (question: PlannerQuestion) => {
  answer(question).then(
    (given) => given && parentPort?.postMessage(given),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ kind: 'failed', reason } satisfies PlannerAnswer);
    },
  );
});
