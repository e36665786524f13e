// The oracle's schemas with every entity allowed to be kept, and the signs of life that make a gateway give out what it
// keeps: nothing of such a world ever changes, so an answer from the cache has to be the answer.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BEAT_TOPIC } from '../../contracts/event.ts';
import { systemClock } from '../../platform/clock.ts';
import { openBroker } from '../../sync/brokers/openBroker.ts';
import { NO_LOG } from '../harness/identifyParts.ts';
import { startTestBroker } from '../harness/testBroker.ts';
import type { FederatedSchema } from './federatedSchema.ts';

const KEPT = `extend schema @link(url: "https://crm-graph.dev/cacheControl/v0.1", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
directive @cacheControl(maxAge: Int, scope: cacheControl__Scope, changedBy: [String!]) on OBJECT | INTERFACE | FIELD_DEFINITION
enum cacheControl__Scope { PUBLIC PRIVATE }
`;
const KEYED = /\b(type|interface)(\s+\w+[^{"@]*)(?=@key)/g;
const BEAT_MS = 500;

/** Takes a schema; gives it with every type that has a key allowed to be kept. One that imports otherwise stays. */
export function allowKeeping({ name, subgraphs }: FederatedSchema): FederatedSchema {
  if (!Object.values(subgraphs).every((text) => text.includes('"@composeDirective"'))) return { name, subgraphs };
  const allowed = Object.entries(subgraphs).map(([subgraph, text]) => [
    subgraph,
    `${text.replace(KEYED, '$1$2@cacheControl(maxAge: 600) ')}\n${KEPT}`,
  ]);
  return { name, subgraphs: Object.fromEntries(allowed) as Record<string, string> };
}

/** A broker on which subgraphs are heard. */
export interface Heartbeats {
  /** What makes a gateway keep entities. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Takes subgraphs' names; lets all of them be heard. */
export async function startHeartbeats(subgraphs: readonly string[]): Promise<Heartbeats> {
  const folder = await mkdtemp(join(tmpdir(), 'crm-beats-'));
  const process = await startTestBroker(folder);
  const broker = await openBroker(process.url, { name: 'beats', log: NO_LOG, clock: systemClock });
  const beat = (): void => {
    const messages = subgraphs.map((subgraph) => ({
      ...{ topic: BEAT_TOPIC, key: subgraph },
      value: JSON.stringify({ subgraph, sentUpToMs: Date.now() }),
    }));
    broker.publish(messages).catch(() => undefined);
  };
  const timer = setInterval(beat, BEAT_MS);
  beat();
  return {
    env: { CRM_ENTITY_CACHE: 'memory', CRM_BROKER_URL: process.url },
    async stop() {
      clearInterval(timer);
      await broker.close();
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
