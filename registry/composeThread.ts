// A second thread that composes: a large graph's two states are composed at once, one on each processor.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { composeSubgraphs, isSchemaFault, parseSubgraph, type Composition, type LoadedSubgraph } from './compose.ts';

/** What goes over to the thread: texts alone, since parsing is faster than copying what was parsed. */
type SubgraphText = Omit<LoadedSubgraph, 'document'> & { readonly document: undefined };

/** Composes subgraphs on another thread. Rejects where the composer itself fails. */
export async function composeOnThread(subgraphs: readonly LoadedSubgraph[]): Promise<Composition> {
  const texts = subgraphs.map((each): SubgraphText => ({ ...each, document: undefined }));
  const thread = new Worker(new URL(import.meta.url), { workerData: texts });
  const [composition] = (await once(thread, 'message')) as [Composition];
  return composition;
}

if (!isMainThread && parentPort !== null && Array.isArray(workerData)) {
  const parsed = (workerData as readonly SubgraphText[]).map((subgraph) => parseSubgraph(subgraph, subgraph.text));
  // Faults know their lines by the texts, which both sides have.
  parentPort.postMessage(composeSubgraphs(parsed.filter((each): each is LoadedSubgraph => !isSchemaFault(each))));
}
