// Which kinds of source there are, by the name that a configuration uses. A new kind is a file beside this one and a
// line here.
import type { ConnectorKind } from './connector.ts';
import { cassandraKind } from './cassandra.ts';
import { csvKind } from './csv.ts';
import { httpKind } from './http/http.ts';
import { mongodbKind } from './mongodb.ts';
import { ndjsonKind } from './ndjson.ts';
import { mysqlKind } from './sql/mysql.ts';
import { postgresKind } from './sql/postgres.ts';

/** Every kind of source. Options were read by the kind's own `spec` before they reach its `open`. */
export const CONNECTOR_KINDS: Readonly<Record<string, ConnectorKind<unknown>>> = {
  csv: csvKind,
  ndjson: ndjsonKind,
  http: httpKind,
  mysql: mysqlKind,
  mariadb: mysqlKind,
  postgres: postgresKind,
  mongodb: mongodbKind,
  cassandra: cassandraKind,
};
