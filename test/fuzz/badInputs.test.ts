// 20,000 generated bad inputs for every change. The long run is `node test/fuzz/main.ts --runs 1000000 --seed 7`; another
// seed here is SEED=7 before the command.
import { inheritedEnvironment } from '../../platform/config.ts';
import { runProcess } from '../harness/startProcess.ts';

describe('the gateway', () => {
  it('survives 20,000 bad inputs, answers each with a code of its own and no word from inside, and within 50 ms of CPU', async () => {
    const seed = inheritedEnvironment()['SEED'] ?? '1';
    const { code, output } = await runProcess(['test/fuzz/main.ts', '--runs', '20000', '--seed', seed]);
    expect(code === 0 ? '' : output).toBe('');
  }, 600_000);

  it('does so where several come at a time', async () => {
    const seed = inheritedEnvironment()['SEED'] ?? '1';
    const words = ['test/fuzz/main.ts', '--clients', '8', '--runs', '5000', '--seed', seed];
    const { code, output } = await runProcess(words);
    expect(code === 0 ? '' : output).toBe('');
  }, 600_000);

  it('does so with keys, right ones and wrong ones of all sorts', async () => {
    const seed = inheritedEnvironment()['SEED'] ?? '1';
    const { code, output } = await runProcess(['test/fuzz/main.ts', '--keys', '--runs', '20000', '--seed', seed]);
    expect(code === 0 ? '' : output).toBe('');
  }, 600_000);
});
