// The oracle test's run for every change: 3,000 operations. The long one is `node test/oracle/main.ts --runs 100000`.
import { runProcess } from '../harness/startProcess.ts';

describe('the oracle', () => {
  it('answers 3,000 random operations over every schema as one process would', async () => {
    const { code, output } = await runProcess(['test/oracle/main.ts', '--runs', '3000', '--seed', '1']);
    expect(code === 0 ? '' : output).toBe('');
  }, 300_000);

  it('answers 700 of them, each twice, as one process would where every entity may be kept', async () => {
    const { code, output } = await runProcess(['test/oracle/main.ts', '--kept', '--runs', '700', '--seed', '2']);
    expect(code === 0 ? '' : output).toBe('');
  }, 300_000);
});
