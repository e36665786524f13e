// Scopes by the thousand: exits with 1 where a field leaked or was wrongly refused.
//   node test/fuzz/scopes/main.ts [--runs 5000] [--schemas 100] [--seed 1] [--show 5]
//   node test/fuzz/scopes/main.ts --through-gateway [--runs 300] [--schemas 10]   (the whole gateway, over HTTP)
//   node test/fuzz/scopes/main.ts --seed 1 --at 4711             (one run again, with its schema)
import { parseArgs } from 'node:util';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { checkScopes } from './checkScopes.ts';
import { openGatewayDecider } from './gatewayDecider.ts';
import { openModuleDecider } from './scopeDecider.ts';

const { values: words } = parseArgs({
  options: {
    'through-gateway': { type: 'boolean', default: false },
    runs: { type: 'string' },
    schemas: { type: 'string' },
    seed: { type: 'string', default: inheritedEnvironment()['SEED'] ?? '1' },
    show: { type: 'string', default: '5' },
    at: { type: 'string' },
  },
});
const isWhole = words['through-gateway'];
const { runs, schemas } = {
  ...(isWhole ? { runs: '300', schemas: '10' } : { runs: '5000', schemas: '100' }),
  ...words,
};
const startMs = performance.now();
const { faults, ...counts } = await checkScopes({
  seed: Number(words.seed),
  schemas: Number(schemas),
  runs: Number(runs),
  at: words.at === undefined ? undefined : Number(words.at),
  isSignedIn: isWhole,
  open(schema) {
    if (words.at !== undefined) console.log(Object.values(schema.subgraphs).join('\n---\n'));
    return isWhole ? openGatewayDecider(schema) : openModuleDecider(schema);
  },
});
for (const fault of faults.slice(0, Number(words.show))) console.log(`${fault}\n`);
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
console.log(`seed ${words.seed}, ${seconds} s, ${JSON.stringify(counts)}: ${faults.length} wrong`);
if (faults.length > 0) process.exitCode = 1;
