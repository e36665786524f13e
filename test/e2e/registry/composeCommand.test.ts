// The registry's command line: what it prints and how it ends.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, startProcess, waitUntil } from '../../harness/startProcess.ts';
import { composeFixture } from '../../harness/testGateway.ts';

describe('registry compose', () => {
  let folder: string;
  const compose = (...words: string[]) => runProcess(['registry/main.ts', 'compose', ...words]);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-compose-'));
    await composeFixture(folder, {});
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('prints the supergraph and ends with 0', async () => {
    const { code, output } = await compose('--config', join(folder, 'supergraph.yaml'));
    expect(code).toBe(0);
    expect(output).toContain('enum join__Graph');
  });

  it('composes the project’s own subgraphs by default', async () => {
    const out = join(folder, 'own.graphql');
    expect(await compose('--out', out)).toMatchObject({ code: 0 });
    expect(await readFile(out, 'utf8')).toContain('@join__graph(name: "marketing"');
  });

  it('ends with 1 where schemas do not compose, 2 where a file is away, 3 where the words are wrong', async () => {
    await writeFile(join(folder, 'orders.graphql'), 'type Query { customer: Int }');
    expect(await compose('--config', join(folder, 'supergraph.yaml'))).toMatchObject({
      code: 1,
      output: expect.stringContaining('Query.customer') as string,
    });
    expect(await compose('--config', join(folder, 'nothing.yaml'))).toMatchObject({ code: 2 });
    expect(await compose('--wrong')).toMatchObject({ code: 3 });
    expect(await compose('--watch')).toMatchObject({ code: 3 });
  });

  it('goes on composing with --watch until it is told to stop', async () => {
    const out = join(folder, 'out.graphql');
    const words = ['registry/main.ts', 'compose', '--config', join(folder, 'supergraph.yaml'), '--out', out, '--watch'];
    const watch = await startProcess(words);
    const schema = await readFile(join(folder, 'customers.graphql'), 'utf8');
    await writeFile(join(folder, 'customers.graphql'), 'type Query { broken');
    await waitUntil(() => watch.output().includes('does not compose'));
    expect(await readFile(out, 'utf8')).not.toContain('motto');
    await writeFile(join(folder, 'customers.graphql'), schema.replace('type Query {', 'type Query { motto: String'));
    await waitUntil(async () => (await readFile(out, 'utf8')).includes('motto'));
    expect(await watch.stop()).toBe(0);
  });
});
