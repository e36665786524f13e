// The seed as people call it: its answers to wrong usage and to a database that is away, each one line that says what to
// do, and its help.
import { runProcess } from '../../harness/startProcess.ts';

const NOBODY = 'mongodb://127.0.0.1:1';

function seed(...words: string[]): ReturnType<typeof runProcess> {
  return runProcess(['seed/main.ts', ...words], { MONGODB_URI: NOBODY });
}

describe('the seed command', () => {
  it('refuses wrong usage with one line and code 3', async () => {
    const wrong = [
      [],
      ['--customers', '0'],
      ['--customers', '1e3'],
      ['--customers', '10', '--seed', '-1'],
      ['--customers', '10', '--until', 'tomorrow'],
      ['--customers', '10', '--colour'],
      ['--customers', '10', 'twenty'],
    ];
    for (const words of wrong) {
      const { code, output } = await seed(...words);
      expect({ words, code, lines: output.trimEnd().split('\n').length }).toEqual({ words, code: 3, lines: 1 });
      expect(output).toMatch(/^error: /);
    }
  });

  it('says in one line that no database answers, with code 1', async () => {
    const { code, output } = await seed('--customers', '10');
    expect(code).toBe(1);
    expect(output).toMatch(/^seed: no MongoDB answers at 127\.0\.0\.1:1; [^\n]+\n$/);
  });

  it('says in one line that an address is none, with code 1', async () => {
    const { code, output } = await runProcess(['seed/main.ts', '--customers', '10'], { MONGODB_URI: 'nonsense' });
    expect(output).toMatch(/^seed: no MongoDB answers at nonsense; [^\n]+MONGODB_URI[^\n]+\n$/);
    expect(code).toBe(1);
  });

  it('goes to the embedded database when no other is named, and says how to start it', async () => {
    const env = { MONGODB_URI: '', CRM_MONGO_PORT: '2' };
    const { code, output } = await runProcess(['seed/main.ts', '--customers', '10'], env);
    expect([code, output]).toEqual([1, expect.stringContaining('seed: no embedded database runs at 127.0.0.1:2;')]);
  });

  it('explains itself with code 0', async () => {
    const { code, output } = await seed('--help');
    expect(code).toBe(0);
    expect(output).toContain('--customers <n>');
  });
});
