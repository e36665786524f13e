// 5,000 random operations of random callers over 100 generated schemas for every change. The long run is
// `node test/fuzz/scopes/main.ts --runs 100000 --seed 7`; another seed here is SEED=7 before the command.
import { inheritedEnvironment } from '../../../platform/config.ts';
import { runProcess } from '../../harness/startProcess.ts';

describe('the authorize step', () => {
  it('leaks no field and refuses none wrongly in 5,000 operations over 100 schemas', async () => {
    const seed = inheritedEnvironment()['SEED'] ?? '1';
    const { code, output } = await runProcess(['test/fuzz/scopes/main.ts', '--runs', '5000', '--seed', seed]);
    expect(code === 0 ? '' : output).toBe('');
    expect(output).toMatch(/"denied":[1-9]\d{2,},"allowed":[1-9]\d{2,}/);
  }, 300_000);
});
