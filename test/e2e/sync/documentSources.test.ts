// Collections of MongoDB, tables of a real Cassandra and a JSON API against the suite of every source, and what only an
// API can do wrong: it is busy, sends elsewhere, answers without end.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import cassandra from 'cassandra-driver';
import mongoose, { type Connection } from 'mongoose';
import { drawId } from '../../../platform/random.ts';
import { systemClock } from '../../../platform/clock.ts';
import { CONNECTOR_KINDS } from '../../../sync/connectors/openConnector.ts';
import { startCassandra } from '../../../scripts/startCassandra.ts';
import type { RunningServer } from '../../../scripts/serverProcess.ts';
import {
  describeConnector,
  readBatches,
  testRows,
  type TestRow,
  type TestSource,
} from '../../harness/connectorConformance.ts';
import { openTestDatabase } from '../../harness/testDatabase.ts';

const NODE_STARTS_WITHIN_MS = 120_000;
let mongo: { uri: string; stop: () => Promise<void> };
let connection: Connection;
let node: RunningServer;
let client: cassandra.Client;

beforeAll(async () => {
  [mongo, node] = await Promise.all([openTestDatabase(), startCassandra()]);
  connection = await mongoose.createConnection(mongo.uri, { dbName: `sources_${drawId()}` }).asPromise();
  client = new cassandra.Client({ contactPoints: [node.url], localDataCenter: 'datacenter1' });
  await client.connect();
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
  await client.execute(`CREATE KEYSPACE shop WITH replication = ${replication}`);
}, NODE_STARTS_WITHIN_MS);

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await mongo.stop();
  await client.shutdown();
  await node.stop();
});

function open(kind: string, options: object, columns: readonly string[] = ['id', 'name']) {
  const found = CONNECTOR_KINDS[kind];
  if (found === undefined) throw new Error('no such kind');
  const readSecret = (name: object): string => ('env' in name && name.env === 'URI' ? mongo.uri : 'the-secret');
  return found.open(found.spec.parse(options), { clock: systemClock, basePath: '/', columns, readSecret });
}

async function startCollection(options: object): Promise<TestSource> {
  const collection = `c_${drawId()}`;
  const documents = connection.collection(collection);
  await connection.createCollection(collection);
  const changed = (id: string): Date => new Date(Date.UTC(2026, 0, 1) + Number(id) * 1_000);
  return {
    add: async (rows) => {
      await documents.insertMany(rows.map((row) => ({ ...row, changed: changed(row.id) })));
    },
    open: () => open('mongodb', { uri: { env: 'URI' }, database: connection.name, collection, ...options }),
    end: async () => {
      await documents.drop();
    },
  };
}

async function startCqlTable(options: object): Promise<TestSource> {
  const table = `t_${drawId()}`;
  await client.execute(`CREATE TABLE shop.${table} (id text PRIMARY KEY, name text)`);
  const insert = `INSERT INTO shop.${table} (id, name) VALUES (?, ?)`;
  return {
    async add(rows) {
      await Promise.all(rows.map(({ id, name }) => client.execute(insert, [id, name], { prepare: true })));
    },
    dropName: async () => {
      await client.execute(`ALTER TABLE shop.${table} DROP name`);
    },
    open: () => open('cassandra', { contactPoints: [node.url], keyspace: 'shop', table, ...options }),
    end: async () => {
      await client.execute(`DROP TABLE shop.${table}`);
    },
  };
}

describeConnector({ kind: 'mongodb', repeats: false, isIncremental: false, start: () => startCollection({}) });
describeConnector({
  kind: 'mongodb with a field of changes',
  repeats: false,
  isIncremental: true,
  start: () => startCollection({ updated: 'changed', overlapSeconds: 0 }),
});
describeConnector({
  kind: 'cassandra',
  repeats: false,
  isIncremental: false,
  start: () => startCqlTable({ ranges: 3 }),
});

describe('a table of cassandra with a column of changes', () => {
  it('gives a change again that an earlier run could not see, though a later one was seen', async () => {
    const options = { changed: 'name', ranges: 3, overlapSeconds: 0 };
    const table = `t_${drawId()}`;
    await client.execute(`CREATE TABLE shop.${table} (id text PRIMARY KEY, name text)`);
    const source = {
      open: () => open('cassandra', { contactPoints: [node.url], keyspace: 'shop', table, ...options }),
    };
    // What was written while the run was at another part of the ring, a day ahead for good measure.
    const laterMicroseconds = (Date.now() + 86_400_000) * 1_000;
    await client.execute(`INSERT INTO shop.${table} (id, name) VALUES ('1', 'old')`);
    await client.execute(
      `INSERT INTO shop.${table} (id, name) VALUES ('2', 'late') USING TIMESTAMP ${laterMicroseconds}`,
    );
    const first = await readBatches(source, undefined);
    await client.execute(`UPDATE shop.${table} SET name = 'new' WHERE id = '1'`);
    const second = await readBatches(source, first.state);
    const names = second.batches.flatMap(({ items }) =>
      items.map((item) => ('fields' in item ? item.fields['name'] : '')),
    );
    expect(names.toSorted()).toEqual(['late', 'new']);
    await client.execute(`DROP TABLE shop.${table}`);
  });
});

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

async function startApi(answer: Answer): Promise<{ url: string; server: Server; end: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, new URL(request.url ?? '', 'http://api'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = async (): Promise<void> => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`, server, end };
}

const PAGE = 120;

function sendJson(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** An API with pages of each kind: by cursor, by number, by a link in the head. */
async function startPagedApi(by: 'cursor' | 'number' | 'link'): Promise<TestSource> {
  const rows: unknown[] = [];
  const { url, end } = await startApi((_, response, asked) => {
    const since = asked.searchParams.get('since') ?? '';
    const at = Number(asked.searchParams.get('at') ?? (by === 'number' ? 1 : 0));
    const from = by === 'number' ? (at - 1) * PAGE : at;
    const found = rows.filter((row) => typeof row !== 'object' || String(Reflect.get(row ?? {}, 'changed')) >= since);
    const isMore = from + PAGE < found.length;
    const next = isMore && by === 'cursor' ? { next: String(from + PAGE) } : {};
    const link = new URL(asked);
    link.searchParams.set('at', String(from + PAGE));
    const head = isMore && by === 'link' ? { link: `</rows${link.search}>; rel="next"` } : {};
    sendJson(response, { data: { rows: found.slice(from, from + PAGE) }, ...next }, head);
  });
  const pages = { cursor: { by, parameter: 'at', next: 'next' }, number: { by, parameter: 'at' }, link: { by } }[by];
  const changed = ({ id }: TestRow): string => new Date(Date.UTC(2026, 0, 1) + Number(id) * 1_000).toISOString();
  const updatedSince = { parameter: 'since', field: 'changed', overlapSeconds: 0 };
  return {
    add: (more) => Promise.resolve(void rows.push(...more.map((row) => ({ ...row, changed: changed(row) })))),
    addBroken: () => Promise.resolve((rows.push('text', null), 2)),
    open: () => open('http', { url, records: 'data.rows', key: 'id', pages, updatedSince }),
    end,
  };
}

for (const by of ['cursor', 'number', 'link'] as const) {
  describeConnector({
    kind: `http with pages by ${by}`,
    repeats: true,
    isIncremental: true,
    start: () => startPagedApi(by),
  });
}

async function readFrom(answer: Answer, options: object = {}): Promise<string[]> {
  const { url, end } = await startApi(answer);
  try {
    const { batches } = await readBatches({ open: () => open('http', { url, key: 'id', ...options }) }, undefined);
    return batches.flatMap(({ items }) => items.map(({ place }) => place));
  } finally {
    await end();
  }
}

describe('a JSON API', () => {
  it('is shown the secret, waited for while it is busy, and asked again', async () => {
    let asked = 0;
    const places = await readFrom(
      (request, response) => {
        asked += 1;
        if (request.headers.authorization !== 'Bearer the-secret') response.writeHead(401).end();
        else if (asked === 1) response.writeHead(429, { 'retry-after': '0' }).end();
        else sendJson(response, testRows(1, 2));
      },
      { auth: { bearer: { env: 'TOKEN' } } },
    );
    expect(places).toEqual(['1', '2']);
    expect(asked).toBe(2);
  });

  it('is asked from where the reading began, for what changed behind it while later pages were read', async () => {
    const asked: (string | null)[] = [];
    const { url, end } = await startApi((_, response, { searchParams }) => {
      const isSecondPage = searchParams.get('at') === '2';
      if (!isSecondPage) asked.push(searchParams.get('since'));
      const ahead = new Date(Date.now() + 86_400_000).toISOString();
      const rows = isSecondPage ? [{ id: '2', changed: ahead }] : [{ id: '1', changed: '2026-01-01T00:00:00.000Z' }];
      sendJson(response, { rows, ...(!isSecondPage && { next: '2' }) });
    });
    try {
      const pages = { by: 'cursor', parameter: 'at', next: 'next' };
      const updatedSince = { parameter: 'since', field: 'changed', overlapSeconds: 0 };
      const source = { open: () => open('http', { url, records: 'rows', key: 'id', pages, updatedSince }) };
      const first = await readBatches(source, undefined);
      const began = Date.now();
      await readBatches(source, first.state);
      expect(asked).toEqual([null, expect.any(String)]);
      expect(Date.parse(asked[1] ?? '')).toBeLessThanOrEqual(began);
    } finally {
      await end();
    }
  });

  it('is not read again when its tag says that nothing changed', async () => {
    const { url, end } = await startApi((request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304, { etag: '"v1"' }).end();
      else sendJson(response, testRows(1, 3), { etag: '"v1"' });
    });
    try {
      const source = { open: () => open('http', { url }) };
      const first = await readBatches(source, undefined);
      const second = await readBatches(source, first.state);
      expect(first.batches.flatMap(({ items }) => items)).toHaveLength(3);
      expect(second.batches.flatMap(({ items }) => items)).toEqual([]);
    } finally {
      await end();
    }
  });

  it.each<[string, Answer, object, RegExp]>([
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      {},
      /redirects are not followed/,
    ],
    [
      'a next page on another host',
      (_, response) => sendJson(response, [], { link: '<http://169.254.169.254/latest>; rel="next"' }),
      { pages: { by: 'link' } },
      /on another host/,
    ],
    [
      'a next page that is no address',
      (_, response) => sendJson(response, [], { link: '<http://[>; rel="next"' }),
      { pages: { by: 'link' } },
      /no address/,
    ],
    [
      'one link for ever',
      (_, response) => sendJson(response, [], { link: '</rows?at=1>; rel="next"' }),
      { pages: { by: 'link' } },
      /same link again/,
    ],
    [
      'an answer without end',
      (_, response) => sendJson(response, 'x'.repeat(50_000)),
      { responseBytesMax: 10_000 },
      /over responseBytesMax/,
    ],
    ['what is no JSON', (_, response) => response.end('<html>'), {}, /no JSON/],
    [
      'a list that is not there',
      (_, response) => sendJson(response, {}),
      { records: 'data' },
      /"data" of the answer is no list/,
    ],
    ['a wrong secret', (_, response) => response.writeHead(403).end(), {}, /HTTP 403/],
    [
      'one cursor for ever',
      (_, response) => sendJson(response, { rows: [], next: 'a' }),
      { records: 'rows', pages: { by: 'cursor', parameter: 'c', next: 'next' } },
      /same cursor again/,
    ],
  ])('ends the run with a reason: %s', async (_, answer, options, reason) => {
    await expect(readFrom(answer, options)).rejects.toThrow(reason);
  });

  it('on another machine is not asked without TLS', async () => {
    const source = open('http', { url: 'http://api.example/rows' });
    await expect(source.check(new AbortController().signal)).rejects.toThrow(/without TLS/);
  });
});
