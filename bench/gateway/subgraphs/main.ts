// The process of all four subgraphs. Says over its channel where they listen; answers "count" with the calls since the
// last time it was asked.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serveSubgraph, type Calls } from './serveSubgraph.ts';
import { SUBGRAPHS } from './subgraphOf.ts';

const calls: Calls = { count: 0, anonymous: 0, refused: 0 };

const listening = SUBGRAPHS.map(async (name) => {
  const server = serveSubgraph(name, calls).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`] as const;
});
process.send?.(Object.fromEntries(await Promise.all(listening)));
process.on('message', () => {
  process.send?.({ ...calls });
  Object.assign(calls, { count: 0, anonymous: 0, refused: 0 } satisfies Calls);
});
process.on('disconnect', () => process.exit());
