// What every command is: a function from its context to a reply. Fields are read through the functions below, which
// refuse a wrong type as MongoDB does.
import type { Log } from '../../platform/log.ts';
import type { Access } from '../access.ts';
import type { Cursors } from '../cursors.ts';
import { MongoFault } from '../mongoFault.ts';
import type { SessionFields, Sessions } from '../transactions/sessions.ts';
import { type Doc, asNumber, isDoc } from '../values/kinds.ts';
import { toPlain } from '../values/bsonCodec.ts';
import type { RawReply } from '../wire/rawReply.ts';

/** Who sent a command. */
export interface Peer {
  /** The number of its connection. */
  readonly id: number;
  /** Whether its connection is closed: nobody can be answered. */
  hasLeft(): boolean;
}

/** Everything a command may use. */
export interface CommandContext {
  readonly name: string;
  readonly database: string;
  readonly body: Doc;
  readonly sequences: ReadonlyMap<string, Uint8Array[]>;
  readonly access: Access;
  readonly cursors: Cursors;
  readonly sessions: Sessions;
  readonly sessionFields: SessionFields;
  readonly connectionId: number;
  readonly log: Log;
  readonly steadyMs: () => number;
  /** Counts a row that was looked at; throws 50 when the command's time is over. */
  tick(): void;
  /** Lets the commands of others run. Throws 279 when the connection that asks was closed meanwhile. */
  giveWay(): Promise<void>;
}

/** A command. */
export type Command = (context: CommandContext) => Doc | RawReply | Promise<Doc | RawReply>;

/** The collection that the command names. Throws 73 when it names none. */
export function collectionName({ body, name, database }: CommandContext): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new MongoFault(73, `Invalid namespace specified '${database}.'`);
  return value;
}

/** An integer of 0 or more, or the default when the field is absent. Throws for another value. */
export function countField(body: Doc, name: string, absent: number): number {
  const value = body[name];
  if (value === undefined || value === null) return absent;
  const number = asNumber(value);
  if (number === undefined) throw new MongoFault(14, `BSON field '${name}' is the wrong type, expected type 'long'`);
  if (number < 0) throw new MongoFault(51_024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return Math.trunc(number);
}

/** A document, or the default when the field is absent. Throws 14 for another value. */
export function docField(body: Doc, name: string): Doc {
  const value = body[name] ?? {};
  if (!isDoc(value)) throw new MongoFault(14, `BSON field '${name}' is the wrong type, expected type 'object'`);
  return value;
}

/** An array, given in the body or beside it. Throws 14 for another value. */
export function listField(body: Doc, name: string): unknown[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value)) throw new MongoFault(14, `BSON field '${name}' is the wrong type, expected type 'array'`);
  return value as unknown[];
}

/** The variables of `let`, as plain values. */
export function letField(body: Doc): Doc {
  return toPlain(docField(body, 'let'));
}

/** Throws 238 for a collation other than the simple one: strings are compared by their bytes here. */
export function refuseCollation(body: Doc): void {
  const { collation } = body;
  if (isDoc(collation) && Object.keys(collation).length > 0 && collation['locale'] !== 'simple') {
    throw new MongoFault(238, 'collations are not supported by this server');
  }
}
