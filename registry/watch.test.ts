import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../platform/log.ts';
import type { Composed } from './compose.ts';
import { watchSupergraph } from './watch.ts';

const schema = (field: string): string => `type Query { ${field} }`;

describe('watchSupergraph', () => {
  let folder: string;
  let stop: () => Promise<void>;
  let told: (composed: Composed) => void = () => undefined;
  const outPath = (): string => join(folder, 'out', 'supergraph.graphql');
  const next = (): Promise<Composed> => new Promise((resolve) => (told = resolve));
  const change = async (text: string): Promise<Composed> => {
    const composed = next();
    await writeFile(join(folder, 'a.graphql'), text);
    return composed;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crm-watch-'));
    const list =
      'federation_version: =2.9.0\nsubgraphs: { a: { routing_url: "http://h/", schema: { file: a.graphql } } }\n';
    await writeFile(join(folder, 'supergraph.yaml'), list);
    await writeFile(join(folder, 'a.graphql'), schema('first: Int'));
    const watch = await watchSupergraph({
      configPath: join(folder, 'supergraph.yaml'),
      outPath: outPath(),
      log: openLog('registry', 'silent'),
      onComposed: (composed) => told(composed),
    });
    stop = watch.stop;
    expect(watch.first.ok).toBe(true);
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('publishes at the start and after each change', async () => {
    expect(await readFile(outPath(), 'utf8')).toContain('first: Int');
    await change(schema('second: Int'));
    expect(await readFile(outPath(), 'utf8')).toContain('second: Int');
  });

  it('keeps the old supergraph while a change does not compose, and takes the mended one', async () => {
    const bad = await change('type Query { broken');
    expect(bad).toMatchObject({ ok: false, messages: [expect.stringContaining('Syntax Error')] });
    expect(await readFile(outPath(), 'utf8')).toContain('first: Int');
    const mended = await change(schema('third: Int'));
    expect(mended.ok).toBe(true);
    expect(await readFile(outPath(), 'utf8')).toContain('third: Int');
  });

  it('goes on after a file was away', async () => {
    const away = next();
    await rm(join(folder, 'a.graphql'));
    expect(await away).toMatchObject({ ok: false, messages: [expect.stringContaining('does not exist')] });
    expect((await change(schema('back: Int'))).ok).toBe(true);
  });
});
