// The page's answers in a thread of their own, for a gateway: opening a large schema and adding up a month of use would
// hold up the requests that it is there for.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { hashOf } from '../store/release.ts';
import { PlaceError } from '../store/storePlace.ts';
import type { TagFilter } from '../supergraph/composeContract.ts';
import { UsageDays } from '../usage/mongoDays.ts';
import { openAnswers, type PageAnswer } from './answerPage.ts';
import { composeContractSdls } from './contractSdls.ts';
import { LiveUse } from './liveUse.ts';
import { PageFault, type PageSources } from './pageSources.ts';
import type { ShownSchema } from './schemaIndex.ts';
import { openStoreSources, type StoreSources } from './storeSources.ts';

/** What the thread is told: the schema that is served from now on, or an address to answer. */
export type PageQuestion =
  | { readonly kind: 'schema'; readonly supergraph: string; readonly contracts: ReadonlyMap<string, TagFilter> }
  | { readonly kind: 'ask'; readonly id: number; readonly address: string };

/** What it tells. */
export type PageReply = { readonly id: number } & ({ readonly answer: PageAnswer } | { readonly fault: string });

const NAME = 'What this gateway serves';
let served: ShownSchema | undefined;

async function openStore(config: Config): Promise<StoreSources | undefined> {
  const { SUPERGRAPH_SOURCE: source } = config;
  if (source === undefined) return undefined;
  try {
    return await openStoreSources(source, config);
  } catch (error) {
    if (error instanceof PlaceError) return undefined;
    throw error;
  }
}

async function openSources(config: Config): Promise<PageSources> {
  const store = await openStore(config);
  const days = new UsageDays(config);
  const live = new LiveUse((period) => days.read(period), systemClock);
  return {
    schema: () =>
      served === undefined
        ? Promise.reject(new PageFault('No schema is served yet.', 'Look again in a moment.'))
        : Promise.resolve(served),
    log: store?.log,
    storeName: store?.storeName,
    use: () => live.now(),
    checkNow: undefined,
    close: async () => {
      await days.close();
      await store?.close();
    },
  };
}

const port = parentPort;
// The thread's maker gives it the gateway's settings.
const opening = openSources(workerData as Config).then(openAnswers);
port?.on('message', (question: PageQuestion) => {
  if (question.kind === 'schema') {
    const { supergraph, contracts } = question;
    const sdls = composeContractSdls(supergraph, contracts);
    served = { hash: hashOf(supergraph), name: NAME, supergraph, contracts: sdls };
    return;
  }
  const { id, address } = question;
  opening
    .then((answer) => answer(address))
    .then(
      (answer) => port.postMessage({ id, answer } satisfies PageReply),
      (error: unknown) => port.postMessage({ id, fault: String(error) } satisfies PageReply),
    );
});
