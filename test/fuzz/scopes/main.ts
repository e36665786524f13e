// Scopes by the thousand: exits with 1 where a field leaked or was wrongly refused.
//   node test/fuzz/scopes/main.ts [--runs 5000] [--schemas 100] [--seed 1] [--show 5]
//   node test/fuzz/scopes/main.ts --seed 1 --at 4711             (one run again, with its schema)
import { parseArgs } from 'node:util';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { checkScopes } from './checkScopes.ts';
import { openModuleDecider } from './scopeDecider.ts';

const { values: words } = parseArgs({
  options: {
    runs: { type: 'string', default: '5000' },
    schemas: { type: 'string', default: '100' },
    seed: { type: 'string', default: inheritedEnvironment()['SEED'] ?? '1' },
    show: { type: 'string', default: '5' },
    at: { type: 'string' },
  },
});
const startMs = performance.now();
const { faults, ...counts } = await checkScopes({
  seed: Number(words.seed),
  schemas: Number(words.schemas),
  runs: Number(words.runs),
  at: words.at === undefined ? undefined : Number(words.at),
  open(schema) {
    if (words.at !== undefined) console.log(Object.values(schema.subgraphs).join('\n---\n'));
    return openModuleDecider(schema);
  },
});
for (const fault of faults.slice(0, Number(words.show))) console.log(`${fault}\n`);
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
console.log(`seed ${words.seed}, ${seconds} s, ${JSON.stringify(counts)}: ${faults.length} wrong`);
if (faults.length > 0) process.exitCode = 1;
