// 5,000 random operations of random callers over 100 generated schemas for every change, and 300 over 10 through a whole
// gateway. The long runs are `node test/fuzz/scopes/main.ts --runs 100000 --seed 7` and the same with `--through-gateway`;
// another seed here is SEED=7 before the command.
import { inheritedEnvironment } from '../../../platform/config.ts';
import { runProcess } from '../../harness/startProcess.ts';

const seed = inheritedEnvironment()['SEED'] ?? '1';

describe('the authorize step', () => {
  it('leaks no field and refuses none wrongly in 5,000 operations over 100 schemas', async () => {
    const { code, output } = await runProcess(['test/fuzz/scopes/main.ts', '--runs', '5000', '--seed', seed]);
    expect(code === 0 ? '' : output).toBe('');
    expect(output).toMatch(/"denied":[1-9]\d{2,},"allowed":[1-9]\d{2,}/);
  }, 300_000);
});

describe('the whole gateway', () => {
  it('fetches no field that its caller may not see, and refuses none wrongly, in 300 operations over 10 schemas', async () => {
    const words = ['test/fuzz/scopes/main.ts', '--through-gateway', '--runs', '300', '--schemas', '10', '--seed', seed];
    const { code, output } = await runProcess(words);
    expect(code === 0 ? '' : output).toBe('');
    expect(output).toMatch(/"denied":[1-9]\d+,"allowed":[1-9]\d+/);
  }, 300_000);
});
