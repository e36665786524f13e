// The sources of the bench of pulling: customers by number in a CSV file or in a table, one in a hundred broken in one
// of several ways, and what their configuration looks like.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

/** Which source. */
export type PullKind = 'csv' | 'mariadb';

const BROKEN_EVERY = 100;
const BROKEN_AT = 50;
const ROWS_A_STATEMENT = 2_000;
const FIELDS = `    target: customers
    source: shop
    externalId: id
    fields:
      displayName: name
      email: email
      defaultAddress: { fields: { city: city, countryCode: country } }
`;

/** Says whether a row is broken. */
export function isBrokenRow(number: number): boolean {
  return number % BROKEN_EVERY === BROKEN_AT;
}

/** How many of the rows are broken. */
export function brokenCount(rows: number): number {
  return Math.floor((rows + BROKEN_EVERY - BROKEN_AT) / BROKEN_EVERY);
}

function goodLine(number: number): string {
  return `${number},"Customer, ${number}",c${number}@example.com,Town ${number % 500},DE\n`;
}

/** A value missing, quotes that end too early, bytes that are no UTF-8, no name, no e-mail address. */
function brokenLine(number: number): string | Buffer {
  const kind = Math.floor(number / BROKEN_EVERY) % 5;
  if (kind === 0) return `${number},few,values\n`;
  if (kind === 1) return `${number},"ends"early,c@example.com,Town,DE\n`;
  if (kind === 2) return Buffer.from(`${number},J\xfcrgen,c@example.com,Town,DE\n`, 'latin1');
  return kind === 3 ? `${number},,c@example.com,Town,DE\n` : `${number},Name,no address,Town,DE\n`;
}

async function writeCsv(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id,name,email,city,country\n');
  for (let number = 1; number <= rows; number++) {
    if (!file.write(isBrokenRow(number) ? brokenLine(number) : goodLine(number))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

async function fillTable(url: string, rows: number): Promise<void> {
  const connection = await createConnection(url);
  await connection.query('CREATE DATABASE shop');
  const columns = 'id INT PRIMARY KEY, name VARCHAR(100), email VARCHAR(100), city VARCHAR(100), country CHAR(2)';
  await connection.query(`CREATE TABLE shop.people (${columns}, changed TIMESTAMP(6), KEY byChange (changed, id))`);
  for (let first = 1; first <= rows; first += ROWS_A_STATEMENT) {
    const numbers = Array.from({ length: Math.min(ROWS_A_STATEMENT, rows - first + 1) }, (_, at) => first + at);
    const values = numbers.map((number) => {
      const [name, email] = isBrokenRow(number) ? [null, 'x'] : [`Customer, ${number}`, `c${number}@example.com`];
      return [number, name, email, `Town ${number % 500}`, 'DE', '2026-01-01 00:00:00'];
    });
    await connection.query('INSERT INTO shop.people VALUES ?', [values]);
  }
  await connection.end();
}

/** Takes the kind, the folder and the server of the table; fills the source, and gives the path of its configuration. */
export async function fillSource(
  kind: PullKind,
  rows: number,
  place: { folder: string; url: string },
): Promise<string> {
  const path = join(place.folder, 'sync.yaml');
  const port = place.url === '' ? 0 : Number(new URL(place.url).port);
  if (kind === 'csv') await writeCsv(join(place.folder, 'people.csv'), rows);
  else await fillTable(place.url, rows);
  const options =
    kind === 'csv'
      ? '{ path: people.csv }'
      : `{ host: 127.0.0.1, port: ${port}, database: shop, user: root, table: people, key: id, updated: changed }`;
  await writeFile(path, `version: 1\nsources:\n  people:\n    connector: ${kind}\n    options: ${options}\n${FIELDS}`);
  return path;
}
