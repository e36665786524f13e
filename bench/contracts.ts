// What contracts cost: 50 different views of the CRM graph in one process, in heap, in time, and in how long the event
// loop is held. Started with `node --expose-gc bench/contracts.ts`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { openContracts } from '../gateway/authorize/contractView.ts';
import { composeSupergraph } from '../registry/compose.ts';

const COUNT = 50;
const GOAL_MB = 25;

function heapMb(): number {
  for (let times = 0; times < 4; times++) globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}

const composed = await composeSupergraph(fileURLToPath(new URL('../supergraph.yaml', import.meta.url)));
if (!composed.ok) throw new Error(composed.messages.join('\n'));
let fields = 0;
// Tags of their own on the nullable fields, so that every contract is another view.
const sdl = composed.supergraph.replace(
  /^ {2}[a-z]\w*(?:\(.*\))?: \[?\w+!?\]? @join__field\(graph: \w+\)/gm,
  (line) => {
    return `${line} @tag(name: "t${fields++ % COUNT}")`;
  },
);
const contracts = new Map(
  Array.from({ length: COUNT }, (_, at) => [
    `partner${at}`,
    { include: new Set<string>(), exclude: new Set(['pii', 'internal', `t${at}`]) },
  ]),
);
// Warms the composer, which then holds no schema.
await openContracts(sdl, new Map([...contracts].slice(0, 1)));
const before = heapMb();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const startMs = performance.now();
const views = await openContracts(sdl, contracts);
const tookMs = performance.now() - startMs;
delay.disable();
const heldMs = [delay.percentile(50), delay.max].map((ns) => (ns / 1e6).toFixed(0));
const after = heapMb();
const different = new Set([...views.values()].map(({ mark }) => mark)).size;
console.log(`${views.size} contracts, ${different} different views, ${fields} fields tagged`);
console.log(`heap: ${(after - before).toFixed(1)} MB (goal: at most ${GOAL_MB} MB)`);
console.log(`time: ${(tookMs / COUNT).toFixed(1)} ms a contract; loop held p50 ${heldMs[0]} ms, max ${heldMs[1]} ms`);
process.exitCode = after - before <= GOAL_MB && different === COUNT ? 0 : 1;
