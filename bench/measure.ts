// Sends Customer 360 requests one at a time and side by side, and sums up what was measured.
import { systemClock } from '../platform/clock.ts';
import type { CustomerAsker, ExplainedFetch } from './askCustomer.ts';
import { figuresOf, type Figures } from './figures.ts';

/** What one way of sending came to. */
export interface Load extends Figures {
  readonly connections: number;
  readonly requestsPerSecond: number;
}

/** What the fetches to one place of the plan came to. */
export interface FetchFigures extends Figures {
  readonly subgraph: string;
  readonly path: string;
  readonly databaseCommands: number;
}

/** Takes ids and how many requests may be open at once; gives the figures of asking for each id once. */
export async function measureLoad(asker: CustomerAsker, ids: readonly string[], connections: number): Promise<Load> {
  const timesMs: number[] = [];
  const queue = ids.values();
  const startMs = systemClock.steadyMs();
  const worker = async (): Promise<void> => {
    for (const id of queue) timesMs.push((await asker.ask(id)).ms);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (systemClock.steadyMs() - startMs) / 1_000;
  return { connections, ...figuresOf(timesMs), requestsPerSecond: Math.round((ids.length / seconds) * 10) / 10 };
}

/** Takes ids; gives the figures of the fetches that a request for each made; none where the gateway does not explain. */
export async function measureFetches(asker: CustomerAsker, ids: readonly string[]): Promise<FetchFigures[]> {
  const byPlace = new Map<string, ExplainedFetch[]>();
  for (const id of ids) {
    for (const fetch of (await asker.ask(id, true)).fetches) {
      const place = `${fetch.subgraph} ${fetch.path.join('.')}`;
      byPlace.set(place, [...(byPlace.get(place) ?? []), fetch]);
    }
  }
  return [...byPlace.values()].map((fetches) => ({
    subgraph: fetches[0]?.subgraph ?? '',
    path: fetches[0]?.path.join('.') ?? '',
    ...figuresOf(fetches.map(({ ms }) => ms)),
    databaseCommands: Math.max(...fetches.map(({ databaseCommands }) => databaseCommands.length)),
  }));
}
