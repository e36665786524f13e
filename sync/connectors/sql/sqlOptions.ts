// What a source in a relational database is configured by, whatever its make.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SourceFault, type ConnectorContext, type SecretName } from '../connector.ts';

/** A secret in a configuration: a file, or a variable of the environment; never its value. */
export const SECRET = z.union(
  [z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })],
  {
    error: 'expected { file: PATH } or { env: NAME }: secrets never stand in this file',
  },
);

const IDENTIFIER = /^[^"`\0]{1,128}$/;
const identifier = z.string().regex(IDENTIFIER, 'expected a name without quotes');
const OVERLAP_SECONDS = 60;

/** The options of every relational source. */
export const SQL_OPTIONS = {
  host: z.string().min(1),
  database: identifier,
  user: z.string().min(1),
  password: SECRET.optional(),
  /** Without it: TLS wherever the server is not on this machine. */
  tls: z.boolean().optional(),
  /** The authority that signed the server's certificate, as PEM. */
  caFile: z.string().optional(),
  /** A table or a view, with its schema before a point where it needs one. */
  table: identifier,
  /** A column that is unique and has no nulls. */
  key: identifier,
  /** A column that grows with every change of a row: without it every run reads all. */
  updated: identifier.optional(),
  /** How much of what was read is read again by the next run: for changes that were committed late. */
  overlapSeconds: z.number().min(0).max(86_400).default(OVERLAP_SECONDS),
};

/** What every relational source is read by. */
export interface TableOptions {
  readonly table: string;
  readonly key: string;
  readonly updated?: string | undefined;
  readonly overlapSeconds: number;
}

interface ServerOptions {
  readonly host: string;
  readonly tls?: boolean | undefined;
  readonly caFile?: string | undefined;
  readonly password?: SecretName | undefined;
}

const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '::1']);

/** Gives the settings of TLS, or undefined where the connection does without. Throws SourceFault. */
export function tlsOf(
  { host, tls, caFile }: ServerOptions,
  { basePath }: ConnectorContext,
): { ca?: string } | undefined {
  if (!(tls ?? !OWN_MACHINE.has(host))) return undefined;
  if (caFile === undefined) return {};
  try {
    return { ca: readFileSync(resolve(basePath, caFile), 'utf8') };
  } catch (error) {
    throw new SourceFault(`${caFile} cannot be read`, { cause: error });
  }
}

/** Gives the password, or undefined where none is named. Throws SourceFault. */
export function passwordOf({ password }: ServerOptions, context: ConnectorContext): string | undefined {
  return password === undefined ? undefined : context.readSecret(password);
}
