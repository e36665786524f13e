// A fixture subgraph as a process of its own, so that a test can stop it with a signal: `node fixtureProcess.ts orders`.
import type { FixtureName } from './fixtureSchemas.ts';
import { startFixtureSubgraph } from './fixtureSubgraph.ts';

const subgraph = await startFixtureSubgraph(process.argv[2] as FixtureName);
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: subgraph.url });
