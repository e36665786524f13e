// The fault tests as a command: without words all of them, in CI's size; with words the fault run of the sync path.
//   npm run test:faults                                              (every fault test)
//   npm run test:faults -- test/faults/subgraphSlow                  (one of them; jest's own words pass on)
//   npm run test:faults -- --seeds 5 [--broker local|kafka|rabbitmq] [--full]
//   npm run test:faults -- --seed 20261 --broker local               (one run again)
import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { inheritedEnvironment } from '../platform/config.ts';
import { readWhole } from './wholeOption.ts';

const FILES = {
  local: 'killsOnLocal',
  kafka: 'killsOnKafka',
  rabbitmq: 'killsOnRabbitmq',
  memory: 'simulation',
} as const;
const SYNC_FOLDER = 'test/faults/sync';

interface Words {
  readonly seeds?: number;
  readonly seed?: number;
  readonly broker?: keyof typeof FILES;
  readonly full: boolean;
}

const program = new Command('test:faults')
  .description(
    "Runs the fault tests; with options the fault run of the sync path. What is no option here is jest's own.",
  )
  .option('--seeds <count>', 'the fault run with so many seeds', readWhole)
  .option('--seed <number>', 'the fault run with this seed', readWhole)
  .addOption(new Option('--broker <name>', 'on this broker alone').choices(Object.keys(FILES)))
  .option('--full', '100,000 mutations over 1,000 kills', false)
  .argument('[words...]', 'paths of fault tests, and words for jest')
  .allowUnknownOption()
  .parse();
const { seeds, seed, broker, full } = program.opts<Words>();
const isSync = seeds !== undefined || seed !== undefined || broker !== undefined || full;
const syncPath = broker === undefined ? SYNC_FOLDER : `${SYNC_FOLDER}/${FILES[broker]}`;
const paths = program.args.length > 0 ? program.args : [isSync ? syncPath : 'test/faults'];
const { status } = spawnSync(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    ...['--runInBand', '--selectProjects', 'faults', '--testPathPatterns', ...paths],
  ],
  {
    stdio: 'inherit',
    env: {
      ...inheritedEnvironment(),
      ...(seeds !== undefined && { FAULTS_SEEDS: String(seeds) }),
      ...(seed !== undefined && { FAULTS_SEED: String(seed) }),
      ...(full && { FAULTS_SIZE: 'full' }),
    },
  },
);
process.exitCode = status ?? 1;
