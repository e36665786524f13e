// Scopes by the thousand: exits with 1 where a field leaked or was wrongly refused.
//   node test/fuzz/scopes/main.ts [--runs 5000] [--schemas 100] [--seed 1] [--show 5]
//   node test/fuzz/scopes/main.ts --through-gateway [--runs 300] [--schemas 10]   (the whole gateway, over HTTP)
//   node test/fuzz/scopes/main.ts --seed 1 --at 4711             (one run again, with its schema)
import { Command } from 'commander';
import { inheritedEnvironment } from '../../../platform/config.ts';
import { readWhole } from '../../../scripts/wholeOption.ts';
import { checkScopes } from './checkScopes.ts';
import { openGatewayDecider } from './gatewayDecider.ts';
import { openModuleDecider } from './scopeDecider.ts';

interface Words {
  readonly throughGateway: boolean;
  readonly runs?: number;
  readonly schemas?: number;
  readonly seed: number;
  readonly show: number;
  readonly at?: number;
}

const words = new Command('fuzz:scopes')
  .description('Decides random operations by random scopes; ends with 1 where a field leaked or was wrongly refused.')
  .option('--through-gateway', 'the whole gateway, over HTTP', false)
  .option('--runs <count>', 'operations (5,000; through the gateway 300)', readWhole)
  .option('--schemas <count>', 'over so many schemas (100; through the gateway 10)', readWhole)
  .option('--seed <number>', 'equal seeds give equal runs', readWhole, readWhole(inheritedEnvironment()['SEED'] ?? '1'))
  .option('--show <count>', 'how many faults are shown', readWhole, 5)
  .option('--at <number>', 'this run again, with its schema', readWhole)
  .parse()
  .opts<Words>();
const isWhole = words.throughGateway;
const { runs, schemas } = { ...(isWhole ? { runs: 300, schemas: 10 } : { runs: 5_000, schemas: 100 }), ...words };
const startMs = performance.now();
const { faults, ...counts } = await checkScopes({
  seed: words.seed,
  schemas,
  runs,
  at: words.at,
  isSignedIn: isWhole,
  open(schema) {
    if (words.at !== undefined) console.log(Object.values(schema.subgraphs).join('\n---\n'));
    return isWhole ? openGatewayDecider(schema) : openModuleDecider(schema);
  },
});
for (const fault of faults.slice(0, words.show)) console.log(`${fault}\n`);
const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
console.log(`seed ${words.seed}, ${seconds} s, ${JSON.stringify(counts)}: ${faults.length} wrong`);
if (faults.length > 0) process.exitCode = 1;
