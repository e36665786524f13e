// CSV and NDJSON files against the suite of every source, and what only files can be.
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { isBroken, type ReadBatch } from '../../../sync/connectors/connector.ts';
import { CONNECTOR_KINDS } from '../../../sync/connectors/openConnector.ts';
import { describeConnector, readBatches, type TestRow, type TestSource } from '../../harness/connectorConformance.ts';

interface FileFormat {
  readonly kind: 'csv' | 'ndjson';
  readonly head: string;
  readonly lineOf: (row: TestRow) => string;
  /** Lines that cannot be read. */
  readonly broken: readonly (string | Buffer)[];
}

const CSV: FileFormat = {
  kind: 'csv',
  head: '\ufeffid,name\r\n',
  lineOf: ({ id, name }) => `${id},"${name}"\r\n`,
  broken: [
    '7,a,b\n',
    '8\n',
    '9,"open and never closed\n',
    '10,"closed"and more\n',
    '11,un"quoted\n',
    Buffer.from([0x37, 0x2c, 0xff, 0xfe, 0x0a]),
  ],
};
const NDJSON: FileFormat = {
  kind: 'ndjson',
  head: '',
  lineOf: (row) => `${JSON.stringify(row)}\n`,
  broken: ['{"id":\n', '[1]\n', '"text"\n', 'null\n', Buffer.from([0x22, 0xff, 0x22, 0x0a]), '{"a":1} {"b":2}\n'],
};

async function openFolder(): Promise<{ path: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sources-'));
  return { folder, path: join(folder, 'source') };
}

function openFile(kind: 'csv' | 'ndjson', options: object) {
  const found = CONNECTOR_KINDS[kind];
  if (found === undefined) throw new Error('no such kind');
  const context = { clock: systemClock, basePath: '/', columns: ['id', 'name'], readSecret: () => '' };
  return found.open(found.spec.parse(options), context);
}

async function startFile({ kind, head, lineOf, broken }: FileFormat): Promise<TestSource> {
  const { folder, path } = await openFolder();
  await writeFile(path, head);
  return {
    add: (rows) => appendFile(path, rows.map(lineOf).join('')),
    async addBroken() {
      for (const line of broken) await appendFile(path, line);
      return broken.length;
    },
    ...(kind === 'csv' && {
      async dropName() {
        await truncate(path, 0);
        await writeFile(path, 'id,title\n1,x\n');
      },
    }),
    open: () => openFile(kind, { path, grows: true }),
    end: () => rm(folder, { recursive: true }),
  };
}

for (const format of [CSV, NDJSON]) {
  describeConnector({ kind: format.kind, repeats: false, isIncremental: true, start: () => startFile(format) });
}

async function readAll(kind: 'csv' | 'ndjson', text: string | Buffer, options: object = {}): Promise<ReadBatch[]> {
  const { folder, path } = await openFolder();
  try {
    await writeFile(path, text);
    return (await readBatches({ open: () => openFile(kind, { path, ...options }) }, undefined)).batches;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function itemsOf(batches: readonly ReadBatch[]) {
  return batches.flatMap(({ items }) => items);
}

describe('a CSV file', () => {
  it('keeps delimiters, quotes and line breaks within quotes, and counts the lines they take', async () => {
    const items = itemsOf(await readAll('csv', 'id,name\n1,"a,b ""c""\r\nd"\n2,x\n'));
    expect(items).toEqual([
      { place: 'line 2', fields: { id: '1', name: 'a,b "c"\r\nd' } },
      { place: 'line 4', fields: { id: '2', name: 'x' } },
    ]);
  });

  it('loses one line to a quote that is not closed, not the rest of the file', async () => {
    const items = itemsOf(await readAll('csv', 'id,name\n1,"open\n2,x\n3,"y"\n4,z\n'));
    expect(items.map((item) => (isBroken(item) ? `broken ${item.place}` : item.place))).toEqual([
      ...['broken line 2', 'line 3', 'line 4', 'line 5'],
    ]);
  });

  it('passes a line by that is longer than what may be held', async () => {
    const items = itemsOf(await readAll('csv', `id,name\n1,${'x'.repeat(3_000_000)}\n2,y\n`));
    expect(items).toEqual([
      { place: 'line 2', reason: 'the line is too long' },
      { place: 'line 3', fields: { id: '2', name: 'y' } },
    ]);
  });

  it('reads other delimiters, Latin-1 and files without names', async () => {
    const options = { delimiter: ';', encoding: 'latin1', columns: ['id', 'name'] };
    const items = itemsOf(await readAll('csv', Buffer.from('1;J\xfcrgen\n', 'latin1'), options));
    expect(items).toEqual([{ place: 'line 1', fields: { id: '1', name: 'Jürgen' } }]);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffid,name\n', 'utf16le'), /UTF-16/],
    ['nothing', '', /is empty/],
    ['a column twice', 'id,id\n', /"id" stands there twice/],
  ])('refuses %s as a whole', async (_, text, reason) => {
    await expect(readAll('csv', text)).rejects.toThrow(reason);
  });
});

describe('a file that is not only written to at its end', () => {
  it('is read anew when it was replaced, and not again when it was not touched', async () => {
    const { folder, path } = await openFolder();
    try {
      const source = { open: () => openFile('csv', { path }) };
      await writeFile(path, 'id,name\n1,a\n2,b\n');
      const { state } = await readBatches(source, undefined);
      expect(itemsOf((await readBatches(source, state)).batches)).toEqual([]);
      await writeFile(path, 'id,name\n1,a\n2,c\n3,d\n');
      expect(itemsOf((await readBatches(source, state)).batches)).toHaveLength(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leaves the last line of a growing file until its line break is there', async () => {
    const { folder, path } = await openFolder();
    try {
      const source = { open: () => openFile('csv', { path, grows: true }) };
      await writeFile(path, 'id,name\n1,a\n2,unfini');
      const first = await readBatches(source, undefined);
      expect(itemsOf(first.batches)).toHaveLength(1);
      await appendFile(path, 'shed\n');
      const second = await readBatches(source, first.state);
      expect(itemsOf(second.batches)).toEqual([{ place: 'line 3', fields: { id: '2', name: 'unfinished' } }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
